"""`load`: operators with every kind of input, attribute, output and gradient, compiled and called in one process."""

import json
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
# The names of jit_calls.py's checks; that none is missing is a test of its own.
CHECKS = [
    "attributes_of_every_type", "dispatch_by_dtype", "a_dtype_without_kernel_raises",
    "tensors_made_at_a_place", "concat_of_a_list_with_gradient", "conj_of_complex_numbers", "slice_of_the_first_axis",
    "gradient_of_the_gradient", "an_attribute_says_the_dtype", "an_input_that_is_not_contiguous",
    "static_program_with_gradient", "a_model_trains_as_with_the_frameworks_own", "what_is_registered_can_be_asked",
]  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(env, tmp_path_factory):
    folder = tmp_path_factory.mktemp("jit")
    said = env.run(str(HERE / "jit_calls.py"), str(folder), cwd=folder)
    return json.loads(said.strip().splitlines()[-1])


def test_every_check_is_listed(outcomes):
    assert sorted(outcomes) == sorted(CHECKS)


@pytest.mark.parametrize("check", CHECKS)
def test_load(outcomes, check):
    assert outcomes[check] == ""
