"""The ops in PyTorch, checked in an environment that holds halfulp and torch:

    python -m pytest ops_torch.py

Results are held against rational arithmetic (exact.py); compiled, exported and traced ones against eager ones.
"""

import numpy as np
import pytest
import torch
from torch.library import opcheck

import exact
import halfulp.torch as halfulp
from samples_torch import numbers, rng, samples, spd


def same_bits(got, want):
    want = np.asarray(want)
    assert got.shape == want.shape
    assert np.array_equal(got.detach().numpy().view(np.int64), want.view(np.int64))


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("stride, padding, dilation", [((1, 1), (0, 0), (1, 1)), ((2, 1), (1, 2), (1, 2))])
def test_conv2d_and_its_gradients_are_exact(groups, stride, padding, dilation):
    x, w, b = numbers(2, 4, 5, 6, grad=True), numbers(6, 4 // groups, 2, 3, grad=True), numbers(6, grad=True)
    y = halfulp.conv2d(x, w, b, stride=stride, padding=padding, dilation=dilation, groups=groups)
    arrays = [t.detach().numpy() for t in (x, w, b)]
    want, terms = exact.conv2d(*arrays, stride, padding, dilation, groups)
    same_bits(y, want)
    dy = numbers(*y.shape)
    y.backward(dy)
    for got, expected in zip((x, w, b), exact.conv2d_gradients(*arrays[:2], dy.numpy(), terms)):
        same_bits(got.grad, expected)


def test_index_add_is_exact():
    x, values, index = numbers(3, 4, grad=True), numbers(50, 4, grad=True), torch.tensor(rng.integers(0, 3, 50))
    y = halfulp.index_add(x, index, 0, values, alpha=0.375)
    same_bits(y, exact.added(x.detach().numpy(), index.numpy(), values.detach().numpy(), 0.375))
    y.sum().backward()
    assert torch.equal(x.grad, torch.ones(3, 4, dtype=torch.float64))
    assert torch.equal(values.grad, torch.full((50, 4), 0.375, dtype=torch.float64))


def test_results_do_not_depend_on_strides_or_threads():
    x, w = numbers(2, 4, 9, 9, dtype=torch.float32), numbers(4, 4, 3, 3, dtype=torch.float32)
    y = halfulp.conv2d(x, w)
    assert torch.equal(y, halfulp.conv2d(x.to(memory_format=torch.channels_last), w))
    assert torch.equal(y.permute(0, 2, 3, 1), halfulp.conv2d(x.permute(0, 2, 3, 1), w, data_format="NHWC"))
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert torch.equal(y, halfulp.conv2d(x, w))
    finally:
        torch.set_num_threads(threads)


ALL = samples()
FORWARD = [name for name in halfulp.ops if not name.endswith("_grad")]


def test_every_op_has_a_sample():
    assert set(FORWARD) == set(ALL)


@pytest.mark.parametrize("name", FORWARD)
def test_opcheck(name):
    for arguments in ALL[name]:
        op = getattr(torch.ops.halfulp, name).default
        opcheck(op, arguments)


@pytest.mark.parametrize("name", [n for n in FORWARD if halfulp.ops[n].gradients])
def test_gradcheck(name):
    function = getattr(halfulp, name)
    # The gradient of eigenvalues is that by a matrix that stays symmetric, as it is in PyTorch.
    checked = (lambda a: function((a + a.mT) / 2)) if name == "eigvalsh" else function
    for arguments in ALL[name]:
        assert torch.autograd.gradcheck(checked, arguments)


@pytest.mark.parametrize("name", FORWARD)
def test_a_compiled_program_gives_the_same_bits(name):
    torch._dynamo.reset()
    function = getattr(halfulp, name)
    compiled = torch.compile(lambda *args: function(*args), fullgraph=True, dynamic=True, backend="aot_eager")
    for arguments in ALL[name]:
        want, got = function(*arguments), compiled(*arguments)
        for one, other in zip(want if isinstance(want, list) else [want], got if isinstance(got, list) else [got]):
            assert torch.equal(one, other)


@pytest.mark.parametrize("name", [n for n in FORWARD if not halfulp.ops[n].returns_list])
def test_meta_tensors_and_export(name):
    class Program(torch.nn.Module):
        def forward(self, *arguments):
            return getattr(halfulp, name)(*arguments)

    for arguments in ALL[name]:
        want = getattr(halfulp, name)(*arguments)
        meta = [
            a.to("meta") if isinstance(a, torch.Tensor)
            else [t.to("meta") for t in a] if isinstance(a, list) and a and isinstance(a[0], torch.Tensor) else a
            for a in arguments
        ]  # fmt: skip
        traced = getattr(halfulp, name)(*meta)
        assert (traced.shape, traced.dtype) == (want.shape, want.dtype)
        exported = torch.export.export(Program(), tuple(arguments))
        assert torch.equal(exported.module()(*arguments), want)


@pytest.mark.parametrize(
    "shape, weight", [((0, 3, 4, 4), (2, 3, 3, 3)), ((2, 3, 4, 4), (0, 3, 3, 3)), ((2, 0, 4, 4), (2, 0, 3, 3))]
)
def test_empty_tensors(shape, weight):
    x, w = torch.zeros(shape, requires_grad=True), torch.ones(weight, requires_grad=True)
    y = halfulp.conv2d(x, w)
    y.sum().backward()
    assert x.grad.shape == x.shape and w.grad.shape == w.shape
    assert not w.grad.any() and torch.equal(y, torch.zeros(shape[0], weight[0], 2, 2))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: halfulp.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 3, 3).double()), "weight must be of dtype float32"),
        (lambda: halfulp.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 3, 3), stride=0), "stride"),
        (lambda: halfulp.index_sample(torch.ones(2, 3), torch.tensor([[3], [0]])), "index"),
        (lambda: halfulp.eigvalsh(torch.ones(2, 3)), "x"),
        (lambda: halfulp.index_add(torch.ones(3), torch.tensor([0]), 0, torch.ones(1), alpha="much"), "alpha is 'much'; it must be int or float"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises((RuntimeError, ValueError, TypeError), match=message):
        call()


def test_override_is_reversible():
    own = torch.linalg.eigvalsh
    a = spd(6)
    with halfulp.override("eigvalsh"):
        assert torch.linalg.eigvalsh is not own
        same_bits(torch.linalg.eigvalsh(a), halfulp.eigvalsh(a).numpy())
    assert torch.linalg.eigvalsh is own
    with pytest.raises(ValueError, match="those that do are"):
        halfulp.override("relu")
