"""Builds jit_ops.cc by `load` and calls its operators beside NumPy. Prints a line of JSON: {check: "" or what failed}.

    python jit_calls.py BUILD_FOLDER
"""

import json
import sys
import traceback
from pathlib import Path

import numpy as np
import paddle

from halfulp.cpp_extension import load
from halfulp.cpp_extension.extension_utils import parse_op_info

HERE = Path(__file__).resolve().parent
RELU = HERE.parent / "examples" / "paddle_relu" / "relu.cc"
ops = load(name="jit_ops", sources=[str(HERE / "jit_ops.cc"), str(RELU)], build_directory=sys.argv[1])
rng = np.random.default_rng(7)


def tensor(values, **options):
    return paddle.to_tensor(values, stop_gradient=False, **options)


def attributes_of_every_type():
    got = ops.test_attributes(
        paddle.ones([1]), True, 7, 0.5, 1 << 40, "ab", [1, 2], [0.25, 0.5], [1 << 40, 1], ["a", "bcd"], 0.1
    )
    want = [1, 7, 0.5, 2.0**40, ord("a") + ord("b"), 3, 0.75, 2.0**40 + 1, 13, 0.1]
    np.testing.assert_array_equal(got.numpy(), want)


def dispatch_by_dtype():
    for dtype in ("int8", "uint8", "int16", "int32", "int64"):
        x = np.array([0, 5, 100], dtype)
        got = ops.test_increment_integers(paddle.to_tensor(x)).numpy()
        assert got.dtype == x.dtype
        np.testing.assert_array_equal(got, x + 1)
    for dtype in ("float32", "float64", "complex64", "complex128"):
        x = np.array([0, 5.5, -100]).astype(dtype)
        got = ops.test_increment_floats(paddle.to_tensor(x)).numpy()
        assert got.dtype == x.dtype
        np.testing.assert_array_equal(got, x + 1)


def a_dtype_without_kernel_raises():
    for function, dtype, name in (
        (ops.test_increment_integers, "float32", "increment_integers"),
        (ops.test_increment_floats, "int32", "increment_floats"),
    ):
        try:
            function(paddle.ones([2], dtype))
        except (OSError, RuntimeError, ValueError, NotImplementedError) as refused:
            assert name in str(refused) and "jit_ops.cc" in str(refused), refused
        else:
            raise AssertionError(f"{name} took {dtype}")


def tensors_made_at_a_place():
    x = rng.normal(size=(2, 3))
    for y in ops.test_copies(paddle.to_tensor(x)):
        assert y.dtype == paddle.float64
        np.testing.assert_array_equal(y.numpy(), x)


def concat_of_a_list_with_gradient():
    parts = [rng.normal(size=(rows, 3)).astype("float32") for rows in (1, 4, 2)]
    xs = [tensor(part) for part in parts]
    y = ops.test_concat(xs)
    np.testing.assert_array_equal(y.numpy(), np.concatenate(parts))
    weights = rng.normal(size=(7, 3)).astype("float32")
    (y * paddle.to_tensor(weights)).sum().backward()
    np.testing.assert_array_equal(np.concatenate([x.grad.numpy() for x in xs]), weights)


def conj_of_complex_numbers():
    x = (rng.normal(size=8) + 1j * rng.normal(size=8)).astype("complex64")
    np.testing.assert_array_equal(ops.test_conj(paddle.to_tensor(x)).numpy(), x.conj())


def slice_of_the_first_axis():
    x = rng.normal(size=(5, 2)).astype("float32")
    np.testing.assert_array_equal(ops.test_slice(paddle.to_tensor(x), 1, 4).numpy(), x[1:4])


def gradient_of_the_gradient():
    v = rng.normal(size=6)
    x = tensor(v)
    y = ops.test_tanh(x)
    (dx,) = paddle.grad(y, x, create_graph=True)
    dx.sum().backward()
    t = np.tanh(v)
    np.testing.assert_allclose(dx.numpy(), 1 - t * t, rtol=1e-14)
    np.testing.assert_allclose(x.grad.numpy(), -2 * t * (1 - t * t), rtol=1e-12)


def an_attribute_says_the_dtype():
    x = rng.normal(size=(2, 3))
    got = ops.test_cast(paddle.to_tensor(x), "float32")
    assert got.dtype == paddle.float32
    np.testing.assert_array_equal(got.numpy(), x.astype("float32"))
    assert ops.test_cast(got, "float64").dtype == paddle.float64


def an_input_that_is_not_contiguous():
    x = rng.normal(size=(3, 4)).astype("float32")
    transposed = paddle.to_tensor(x).t()
    np.testing.assert_array_equal(ops.test_increment_floats(transposed).numpy(), x.T + 1)


def static_program_with_gradient():
    values = rng.normal(size=(4, 8)).astype("float32")
    paddle.enable_static()
    try:
        with paddle.static.scope_guard(paddle.static.Scope()), paddle.static.program_guard(paddle.static.Program()):
            x = paddle.static.data("x", [None, 8], "float32")
            x.stop_gradient = False
            y = ops.example_relu(x)
            (dx,) = paddle.static.gradients([y], [x])
            runner = paddle.static.Executor()
            runner.run(paddle.static.default_startup_program())
            got = runner.run(paddle.static.default_main_program(), feed={"x": values}, fetch_list=[y, dx])
    finally:
        paddle.disable_static()
    np.testing.assert_array_equal(got[0], np.maximum(values, 0))
    np.testing.assert_array_equal(got[1], (values > 0).astype("float32"))


def trained(relu, static):
    """Parameters of a small network after a few steps."""
    paddle.seed(3)
    first, second = paddle.nn.Linear(8, 16), paddle.nn.Linear(16, 1)

    def network(x):
        return second(relu(first(x)))

    run = paddle.jit.to_static(network, full_graph=True) if static else network
    parameters = [*first.parameters(), *second.parameters()]
    optimizer = paddle.optimizer.SGD(0.05, parameters=parameters)
    data = np.random.default_rng(11)
    for _ in range(5):
        loss = (run(paddle.to_tensor(data.normal(size=(4, 8)).astype("float32"))) ** 2).mean()
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
    return [p.numpy() for p in parameters]


def a_model_trains_as_with_the_frameworks_own():
    want = trained(paddle.nn.functional.relu, False)
    for static in (False, True):
        for got, expected in zip(trained(ops.example_relu, static), want):
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-7)


def what_is_registered_can_be_asked():
    assert parse_op_info("test_slice") == (["X"], ["begin", "end"], ["Y"])


CHECKS = [
    attributes_of_every_type, dispatch_by_dtype, a_dtype_without_kernel_raises, tensors_made_at_a_place,
    concat_of_a_list_with_gradient, conj_of_complex_numbers, slice_of_the_first_axis, gradient_of_the_gradient, an_attribute_says_the_dtype,
    an_input_that_is_not_contiguous, static_program_with_gradient, a_model_trains_as_with_the_frameworks_own,
    what_is_registered_can_be_asked,
]  # fmt: skip


def outcome(check):
    try:
        check()
    except Exception:
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    print("\n" + json.dumps({check.__name__: outcome(check) for check in CHECKS}))
