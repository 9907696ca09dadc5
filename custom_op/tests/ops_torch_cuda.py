"""The ops in PyTorch on a GPU, beside the same ops in host memory: bit for bit; on the caller's stream; what is refused. In
an environment with a torch that has CUDA, and halfulp built with HALFULP_CUDA=1:

    python ops_torch_cuda.py
"""

import sys
import traceback
import warnings

import torch
from torch.library import opcheck

import halfulp.torch as halfulp
from samples_torch import numbers, rng, samples

FORMATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def mapped(arguments, tensor):
    """The arguments with tensor(t) for each tensor among them, those in lists, too."""
    if isinstance(arguments, torch.Tensor):
        return tensor(arguments)
    return type(arguments)(mapped(a, tensor) for a in arguments) if isinstance(arguments, (list, tuple)) else arguments


def on_gpu(arguments):
    return mapped(arguments, lambda t: t.detach().cuda().requires_grad_(t.requires_grad))


def same_bits(got, want):
    for one, other in zip(got if isinstance(got, list) else [got], want if isinstance(want, list) else [want]):
        one, other = one.detach().cpu().contiguous(), other.detach().contiguous()
        assert one.dtype == other.dtype and one.shape == other.shape, (one.shape, other.shape, one.dtype, other.dtype)
        assert torch.equal(one.view(torch.uint8), other.view(torch.uint8)) if one.numel() else True


def refusal(call):
    """What the call is refused with; "" if it is not."""
    try:
        call()
    except (RuntimeError, ValueError, TypeError) as refused:
        return str(refused)
    return ""


def has_kernel(name):
    said = refusal(lambda: getattr(halfulp, name)(*on_gpu(samples()[name][0])))
    assert not said or "has no CUDA kernel" in said, f"{name}: {said}"
    return not said


FORWARD = [name for name in samples() if has_kernel(name)]


def the_bits_are_those_of_the_host():
    for name in FORWARD:
        for arguments in samples()[name]:
            for dtype in FORMATS:
                given = mapped(arguments, lambda t: t.to(dtype) if t.is_floating_point() else t)
                if not refusal(lambda: getattr(halfulp, name)(*given)):  # eigenvalues have fewer formats
                    same_bits(getattr(halfulp, name)(*on_gpu(given)), getattr(halfulp, name)(*given))
    for dtype in FORMATS:
        x, w, b = numbers(8, 64, 28, 28, dtype=dtype), numbers(96, 64, 3, 3, dtype=dtype), numbers(96, dtype=dtype)
        same_bits(halfulp.conv2d(*on_gpu([x, w, b]), padding=1), halfulp.conv2d(x, w, b, padding=1))


def empty_tensors_and_integers():
    x, w = torch.zeros(0, 3, 4, 4), torch.ones(2, 3, 3, 3)
    same_bits(halfulp.conv2d(*on_gpu([x, w])), halfulp.conv2d(x, w))
    for dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64):
        x, w = (torch.tensor(rng.integers(0, 9, shape)).to(dtype) for shape in ((2, 3, 5, 5), (3, 3, 2, 2)))
        same_bits(halfulp.conv2d(*on_gpu([x, w])), halfulp.conv2d(x, w))
        same_bits(halfulp.conv2d_transpose(*on_gpu([x, w])), halfulp.conv2d_transpose(x, w))
    counts = torch.arange(-6, 6).reshape(3, 4)
    same_bits(halfulp.expand(counts.cuda(), [2, 3, 4]), halfulp.expand(counts, [2, 3, 4]))
    signs = torch.tensor([1, -1, 0, -3])
    same_bits(halfulp.copysign(*on_gpu([counts, signs])), halfulp.copysign(counts, signs))
    least = torch.tensor([torch.iinfo(torch.int64).min])
    assert "has no positive counterpart" in refusal(lambda: halfulp.copysign(*on_gpu([least, least.abs() * 0])))


def leaves(arguments):
    """The tensors that take a gradient."""
    return [t for t in arguments if isinstance(t, torch.Tensor) and t.requires_grad]


def gradients_of(name, arguments):
    """Of every argument that takes one, for a gradient of the output that is the same on every device."""
    y = getattr(halfulp, name)(*arguments)
    rows = torch.arange(1, y.numel() + 1, dtype=torch.float64).reshape(y.shape) / 7
    y.backward(rows.to(device=y.device, dtype=y.dtype))
    return [t.grad for t in leaves(arguments)]


def gradients_have_the_bits_of_the_host():
    compared, without = [], []
    for name in FORWARD:
        for arguments in samples()[name]:
            for dtype in FORMATS if leaves(arguments) else ():
                given = mapped(arguments, lambda t: t.detach().to(dtype if t.is_floating_point() else t.dtype))
                given = [t.requires_grad_(a.requires_grad) if isinstance(a, torch.Tensor) else t
                         for t, a in zip(given, arguments)]  # fmt: skip
                on_device = on_gpu(given)
                if refusal(lambda: gradients_of(name, given)):  # eigenvalues have fewer formats
                    continue
                said = refusal(lambda: gradients_of(name, on_device))
                assert not said or "has no CUDA kernel" in said, f"{name}: {said}"
                (without if said else compared).append(f"{name} {dtype}")
                for got, want in () if said else zip(leaves(on_device), leaves(given)):
                    same_bits(got.grad, want.grad)
    print(f"gradients compared: {', '.join(compared)}; without a CUDA kernel: {', '.join(without) or 'none'}")
    assert any(one.startswith("conv2d ") for one in compared)


def values_with_repetitions():
    """Tensors for unique: none, one, all equal, all different, many of few, with NaN and both zeros."""
    yield from (torch.zeros(0), torch.zeros(1), torch.full((1000,), 3.0), torch.arange(4097.0).flip(0))
    yield torch.tensor([0.0, -0.0, float("nan"), 1.0, float("inf"), float("nan"), -0.0, float("-inf"), 1.0])
    for n in (33, 1025, 200_000):
        yield torch.tensor(rng.integers(-50, 50, n)) / 4


def unique_finds_what_the_host_finds():
    assert {"unique", "unique_consecutive"} <= set(FORWARD)
    for dtype in (*FORMATS, torch.int32, torch.int64):
        for x in values_with_repetitions():
            x = (x if dtype.is_floating_point else x.nan_to_num(9, 9, 9)).to(dtype)
            for wanted in ([False] * 3, [True] * 3, [True, False, False], [False, False, True]):
                same_bits(halfulp.unique(x.cuda(), *wanted), halfulp.unique(x, *wanted))
            same_bits(halfulp.unique_consecutive(x.cuda(), True, True), halfulp.unique_consecutive(x, True, True))
    rows = torch.tensor(rng.integers(0, 2, (500, 3)))
    for axis in (0, 1):
        got = halfulp.unique(rows.cuda(), True, True, True, axis)
        same_bits(got, halfulp.unique(rows, True, True, True, axis))
    few, many = torch.zeros(100_000).cuda(), torch.arange(100_000.0).cuda()
    for _ in range(20):  # the number of values of one call is not that of another
        assert halfulp.unique(few)[0].shape == (1,) and halfulp.unique(many)[0].shape == (100_000,)


def opcheck_is_clean():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in FORWARD:
            for arguments in samples()[name]:
                # A gradient without a CUDA kernel (docs/cuda/) would be refused.
                plain = mapped(on_gpu(arguments), lambda t: t.detach())
                opcheck(getattr(torch.ops.halfulp, name).default, plain)


def a_compiled_program_has_the_same_bits():
    x, w = numbers(2, 4, 9, 9, dtype=torch.float32), numbers(4, 4, 3, 3, dtype=torch.float32)
    compiled = torch.compile(lambda a, b: halfulp.conv2d(a, b, padding=1), fullgraph=True, backend="aot_eager")
    same_bits(compiled(*on_gpu([x, w])), halfulp.conv2d(x, w, padding=1))


def calls_are_queued_on_the_current_stream():
    x, w = numbers(4, 8, 16, 16, dtype=torch.float32), numbers(8, 8, 3, 3, dtype=torch.float32)
    want = halfulp.conv2d(x, w)
    source, weight, late = x.cuda(), w.cuda(), torch.full(x.shape, float("nan"), device="cuda")
    stream = torch.cuda.Stream()
    halfulp.conv2d(source, weight)  # whatever is made once is made
    torch.cuda.synchronize()
    with torch.cuda.stream(stream):
        torch.cuda._sleep(200_000_000)
        late.copy_(source)  # after the sleep: a call on another stream would read NaN
        y = halfulp.conv2d(late, weight)
        assert not stream.query(), "the call waited for the stream"
    stream.synchronize()
    same_bits(y, want)


def workspace_is_of_the_caching_allocator():
    x, w = on_gpu([numbers(8, 64, 28, 28, dtype=torch.float32), numbers(64, 64, 3, 3, dtype=torch.float32)])
    allocations = lambda: torch.cuda.memory_stats()["allocation.all.allocated"]  # noqa: E731
    halfulp.conv2d(x, w)
    before, reserved = allocations(), torch.cuda.memory_reserved()
    halfulp.conv2d(x, w)
    assert allocations() - before > 1, "the output alone was allocated there"
    for _ in range(20):
        halfulp.conv2d(x, w)
    assert torch.cuda.memory_reserved() == reserved


def what_is_wrong_is_refused_by_name():
    x, w = torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2)
    mixed = refusal(lambda: halfulp.conv2d(x.cuda(), w))
    assert "x is cuda:0, weight is cpu" in mixed and "on one device" in mixed, mixed
    assert "weight must be of dtype float32" in refusal(lambda: halfulp.conv2d(x.cuda(), w.double().cuda()))
    index = torch.tensor([[3], [0]]).cuda()
    assert "every index must lie in" in refusal(lambda: halfulp.index_sample(torch.ones(2, 3).cuda(), index))
    assert "x must be of dtype" in refusal(lambda: halfulp.conv2d(x.cfloat().cuda(), w.cfloat().cuda()))
    for name in set(samples()) - set(FORWARD):
        assert f"{name}: " in refusal(lambda: getattr(halfulp, name)(*on_gpu(samples()[name][0])))


if __name__ == "__main__":
    failed = 0
    print(f"torch {torch.__version__}, {torch.cuda.get_device_name()}; CUDA kernels: {', '.join(FORWARD)}")
    for check in (
        the_bits_are_those_of_the_host, unique_finds_what_the_host_finds, empty_tensors_and_integers,
        gradients_have_the_bits_of_the_host, opcheck_is_clean, a_compiled_program_has_the_same_bits, calls_are_queued_on_the_current_stream,
        workspace_is_of_the_caching_allocator, what_is_wrong_is_refused_by_name,
    ):  # fmt: skip
        try:
            check()
            print(f"{check.__name__}: passed", flush=True)
        except Exception:  # the checks that follow are independent of this one
            failed += 1
            print(f"{check.__name__}: FAILED\n{traceback.format_exc()}", flush=True)
    sys.exit(failed > 0)
