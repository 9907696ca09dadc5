"""Answers normalized cases on standard input with PyTorch, one line of JSON each (docs/eval.md).

    pytorch_worker.py [pytorch | torch-cuda | torch-cuda-tf32]
"""

import base64
import ctypes
import json
import mmap
import os
import signal
import sys
import time

import torch
import torch.nn.functional as F

DTYPES = {
    "bool": torch.bool,
    "uint8": torch.uint8,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
    "complex64": torch.complex64,
    "complex128": torch.complex128,
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}

BACKEND = sys.argv[1] if len(sys.argv) > 1 else "pytorch"
ON_GPU = BACKEND != "pytorch"
# Standard output is for answers alone: MKL names an argument that it refuses there, and that line would be taken for the answer,
# and each answer for the next one's. What libraries print goes to standard error.
REPLIES = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def read_tensor(j):
    data = bytearray(base64.b64decode(j["bits"]))
    dtype = DTYPES[j["dtype"]]
    if not data:
        return torch.empty(j["shape"], dtype=dtype)
    t = torch.frombuffer(data, dtype=dtype).reshape(j["shape"])
    return t.cuda() if ON_GPU else t


def write_tensor(t):
    t = t.detach().contiguous().cpu()
    data = b"" if t.numel() == 0 else t.reshape(-1).view(torch.uint8).numpy().tobytes()
    one = t.element_size()  # what images without channels give has millions of equal elements
    repeated = len(data) > one and data.startswith(data[:one] * 64) and data[one:] == data[:-one]
    bits = base64.b64encode(data[:one] if repeated else data).decode()
    return {"dtype": NAMES[t.dtype], "shape": list(t.shape), "bits": bits} | ({"repeated": True} if repeated else {})


def read(value):
    if isinstance(value, dict):
        return read_tensor(value["tensor"])
    if isinstance(value, list):
        return [read(item) for item in value]
    return value


class Unsupported(Exception):
    """What torch has in another sense."""


def channels_first(t, data_format):
    if data_format not in ("NCHW", "NHWC"):
        raise ValueError("data_format must be NCHW or NHWC")
    if t.dim() != 4:
        raise ValueError("images need four dimensions")
    return t.permute(0, 3, 1, 2).contiguous() if data_format == "NHWC" else t


def in_layout(t, data_format):
    return t.permute(0, 2, 3, 1).contiguous() if data_format == "NHWC" else t


def pair(value):
    return [value, value] if isinstance(value, int) else value * 2 if len(value) == 1 else value


class Convolution:
    """What a convolution has beside its tensors. Padding that is not the same on both sides is laid around x first, as
    torch's users do; "SAME" is Paddle's: the output has ceil(in / stride) positions, dilation is 1."""

    def __init__(self, a, image, weight):
        self.stride, self.dilation = pair(a["stride"]), pair(a["dilation"])
        self.groups, self.padding, self.around = a["groups"], [0, 0], [0, 0, 0, 0]
        padding = a["padding"]
        if len(weight) != 4:
            raise ValueError("weight needs four dimensions")
        if isinstance(padding, str):
            if padding.upper() == "SAME":
                self.set_same(image, weight)
            elif padding.upper() != "VALID":
                raise ValueError("padding must be SAME or VALID")
            return
        if isinstance(padding, list) and padding and isinstance(padding[0], list):
            padding = sum(padding[1:3] if a["data_format"] == "NHWC" else padding[2:4], [])
        padding = pair(padding)
        if len(padding) != 4:
            self.padding = padding
        elif padding[0] == padding[1] and padding[2] == padding[3]:
            self.padding = [padding[0], padding[2]]
        else:
            self.around = padding[2:] + padding[:2]

    def set_same(self, image, weight):
        self.dilation = [1, 1]
        for axis in range(2):
            size, stride = image[2 + axis], self.stride[axis]
            total = max((-(-size // stride) - 1) * stride + weight[2 + axis] - size, 0)
            self.around[2 - 2 * axis : 4 - 2 * axis] = [total // 2, total - total // 2]

    def padded(self, x):
        return F.pad(x, self.around) if any(self.around) else x

    def gradient(self, dy, x, weight, which):
        wanted = [k == which for k in range(3)]
        return torch.ops.aten.convolution_backward(
            dy, x, weight, [weight.shape[0]], self.stride, self.padding, self.dilation, False, [0, 0], self.groups, wanted
        )[which]


def conv2d(a):
    x = channels_first(a["x"], a["data_format"])
    c = Convolution(a, x.shape, a["weight"].shape)
    y = F.conv2d(c.padded(x), a["weight"], a["bias"], c.stride, c.padding, c.dilation, c.groups)
    return in_layout(y, a["data_format"])


def conv2d_input_grad(a):
    x = channels_first(torch.zeros(a["input_shape"], dtype=a["weight"].dtype), a["data_format"])
    c = Convolution(a, x.shape, a["weight"].shape)
    dx = c.gradient(channels_first(a["dy"], a["data_format"]), c.padded(x), a["weight"], 0)
    left, _, top, _ = c.around
    return in_layout(dx[:, :, top : top + x.shape[2], left : left + x.shape[3]].contiguous(), a["data_format"])


def conv2d_weight_grad(a):
    x = channels_first(a["x"], a["data_format"])
    weight = torch.zeros(a["weight_shape"], dtype=x.dtype)
    c = Convolution(a, x.shape, weight.shape)
    return c.gradient(channels_first(a["dy"], a["data_format"]), c.padded(x), weight, 1)


class Transpose(Convolution):
    """The same of a transposed convolution. Padding that is not the same on both sides is cut off a result without any, as
    torch's users do; where output_padding is greater, zeros are laid on. Gradients get the reverse."""

    def __init__(self, a, image, weight):
        super().__init__(a, image, weight)
        size, self.cut = a["output_size"], [0, 0, 0, 0]
        if isinstance(size, torch.Tensor):
            size = size.tolist()
        self.more = list(pair(a["output_padding"]))
        if size is not None:
            for axis in range(2):
                padding = 2 * self.padding[axis] + sum(self.around[2 - 2 * axis : 4 - 2 * axis])
                full = (image[2 + axis] - 1) * self.stride[axis] + self.dilation[axis] * (weight[2 + axis] - 1) + 1
                self.more[axis] = pair(size)[axis] - full + padding
        for axis in range(2):
            if not 0 <= self.more[axis] < max(self.stride[axis], 0 if size is not None else self.dilation[axis]):
                raise ValueError("output padding is out of range")
        if any(self.around):
            left, right, top, bottom = self.around
            self.cut = [-left, self.more[1] - right, -top, self.more[0] - bottom]
            self.more = [0, 0]

    def gradient(self, dy, x, weight, which):
        dy = F.pad(dy, [-n for n in self.cut]) if any(self.around) else dy
        wanted = [k == which for k in range(3)]
        return torch.ops.aten.convolution_backward(
            dy, x, weight, [dy.shape[1]], self.stride, self.padding, self.dilation, True, self.more, self.groups, wanted
        )[which]


def conv2d_transpose(a):
    x, bias = channels_first(a["x"], a["data_format"]), a["bias"]
    c = Transpose(a, x.shape, a["weight"].shape)
    cut = any(c.around)
    y = F.conv_transpose2d(x, a["weight"], None if cut else bias, c.stride, c.padding, c.more, c.groups, c.dilation)
    if cut:
        y = F.pad(y, c.cut)
        y = y if bias is None else y + bias.reshape(1, -1, 1, 1)
    return in_layout(y, a["data_format"])


def conv2d_transpose_input_grad(a):
    x = channels_first(torch.zeros(a["input_shape"], dtype=a["weight"].dtype), a["data_format"])
    c = Transpose(a, x.shape, a["weight"].shape)
    return in_layout(c.gradient(channels_first(a["dy"], a["data_format"]), x, a["weight"], 0), a["data_format"])


def conv2d_transpose_weight_grad(a):
    x = channels_first(a["x"], a["data_format"])
    weight = torch.zeros(a["weight_shape"], dtype=x.dtype)
    c = Transpose(a, x.shape, weight.shape)
    return c.gradient(channels_first(a["dy"], a["data_format"]), x, weight, 1)


def conv2d_bias_grad(a):
    return channels_first(a["dy"], a["data_format"]).sum((0, 2, 3))


def copysign(a):
    if a["x"].dtype != a["y"].dtype:
        raise Unsupported("torch promotes two dtypes to a third")
    if not a["x"].is_floating_point():
        raise Unsupported("torch returns float32 for integers")
    return torch.copysign(a["x"], a["y"])


def gradient(f, x, dy):
    """The gradient of f at x, by torch's own backward."""
    if not (x.is_floating_point() or x.is_complex()):
        raise Unsupported("torch has gradients of floating-point numbers only")
    with torch.inference_mode(False):
        leaf = x.clone().requires_grad_()
        y = f(leaf)
        if y.shape != dy.shape:
            raise ValueError("dy has another shape than the output")
        return torch.autograd.grad(y, leaf, dy.clone())[0]


def zeros_of(a):
    with torch.inference_mode(False):
        return torch.zeros(a["x_shape"], dtype=a["dy"].dtype)


def copysign_grad(a, name):
    other = "y" if name == "x" else "x"
    with torch.inference_mode(False):
        fixed = a[other].clone()
    return gradient(lambda t: copysign({name: t, other: fixed}), a[name], a["dz"])


def sizes(value):
    return value.tolist() if isinstance(value, torch.Tensor) else value


def as_strided(a, x, size):
    return x.as_strided(size, sizes(a["stride"]), a["offset"])


def unique(a):
    if a["return_index"]:
        raise Unsupported("torch has no index of first occurrences")
    if not a["sorted"]:
        raise Unsupported("torch leaves the order of unsorted values open")
    return as_asked(a, torch.unique(a["x"], sorted=True, return_inverse=True, return_counts=True, dim=a["axis"]))


def unique_consecutive(a):
    return as_asked(a, torch.unique_consecutive(a["x"], return_inverse=True, return_counts=True, dim=a["axis"]))


def as_asked(a, results):
    values, inverse, counts = results
    dtype = DTYPES[a["dtype"]]
    return ([values] + [inverse.to(dtype)] * a["return_inverse"] + [counts.to(dtype)] * a["return_counts"])


def index_sample(a):
    """gather along the columns. What it allows beyond index_sample, fewer rows in the index, is refused here; what it
    does not, an int32 index, is widened."""
    return gathered(a["x"], a["index"])


def index_sample_grad(a):
    with torch.inference_mode(False):
        index = a["index"].clone()
    return gradient(lambda x: gathered(x, index), zeros_of(a), a["dy"])


def gathered(x, index):
    if x.dim() != 2 or index.dim() != 2 or x.shape[0] != index.shape[0]:
        raise ValueError("x and index need as many rows")
    return torch.gather(x, 1, index.to(torch.int64) if index.dtype == torch.int32 else index)


def cholesky_solve_grad(a, x, y, wanted):
    """By torch's own differentiation."""
    with torch.enable_grad():
        out = torch.cholesky_solve(x, y, upper=a["upper"])
        if out.shape != a["dout"].shape:
            raise ValueError("dout must be like the result")
        return torch.autograd.grad(out, wanted, a["dout"])[0]


def cholesky_solve_x_grad(a):
    x = torch.zeros(a["x_shape"], dtype=a["dout"].dtype).requires_grad_(True)
    return cholesky_solve_grad(a, x, a["y"], x)


def cholesky_solve_y_grad(a):
    """The triangle that is read; what torch leaves in the other one means nothing."""
    y = a["y"].clone().requires_grad_(True)
    dy = cholesky_solve_grad(a, a["x"], y, y)
    return torch.triu(dy) if a["upper"] else torch.tril(dy)


def eigvalsh_grad(a):
    """By torch's own differentiation. Its gradient knows nothing of equal eigenvalues: it has whatever vectors come out."""
    with torch.enable_grad():
        x = a["x"].clone().requires_grad_(True)
        w = torch.linalg.eigvalsh(x, a["UPLO"])
        if w.shape != a["dw"].shape or w.dtype != a["dw"].dtype:
            raise ValueError("dw must be like the eigenvalues")
        return torch.autograd.grad(w, x, a["dw"])[0]


def sorted_runs(items, near, key):
    """The items sorted by `key`, cut where keys that follow each other differ by more than `near`."""
    runs = []
    for k in sorted(items, key=key):
        if runs and key(k) - key(runs[-1][-1]) <= near:
            runs[-1].append(k)
        else:
            runs.append([k])
    return runs


def in_the_order_of(w, dw):
    """dw, given in the order of eigvals (by the real part, the magnitude of the imaginary one, +im first), in that of
    torch's own eigenvalues w; parts that differ by rounding errors count as equal."""
    if w.numel() == 0:
        return dw
    order = torch.empty(w.shape, dtype=torch.int64)
    n = w.shape[-1]
    for values, places in zip(w.detach().reshape(-1, n).tolist(), order.view(-1, n)):
        near = 64 * n * torch.finfo(w.dtype).eps / 2 * max(map(abs, values))
        by_value = [
            k
            for run in sorted_runs(range(n), near, lambda k: values[k].real)
            for pair in sorted_runs(run, near, lambda k: abs(values[k].imag))
            for k in sorted(pair, key=lambda k: -values[k].imag)
        ]
        places[torch.tensor(by_value)] = torch.arange(n)
    return torch.gather(dw, -1, order)


def eigvals_grad(a):
    """By torch's own differentiation."""
    with torch.enable_grad():
        x = a["x"].clone().requires_grad_(True)
        w = torch.linalg.eigvals(x)
        if w.shape != a["dw"].shape or w.dtype != a["dw"].dtype:
            raise ValueError("dw must be like the eigenvalues")
        return torch.autograd.grad(w, x, in_the_order_of(w, a["dw"]))[0]


def wide(index):
    """A copy: what gradients keep has to be made where they are recorded."""
    return index.to(torch.int64) if index.dtype == torch.int32 else index.clone()


def added(x, value, a):
    return torch.index_add(x, a["axis"], a["index"].clone(), value, alpha=a["alpha"])


def put_along(x, values, a):
    """scatter and scatter_reduce, with indices and values broadcast beforehand as Paddle's put_along_axis does."""
    index, how = wide(a["indices"]), a["reduce"]
    if index.dim() != x.dim():
        raise ValueError("indices must have as many dimensions as x")
    axis = a["axis"]
    if not -x.dim() <= axis < x.dim():
        raise ValueError("axis is out of range")
    if a["broadcast"]:
        shape = list(x.shape)
        shape[axis] = index.shape[axis]
        index = index.expand(shape)
    if a["broadcast"] or values.dim() == 0:
        values = values.expand(index.shape)
    if how == "assign":
        return torch.scatter(x, axis, index, values)
    if how == "mean" and not (x.is_floating_point() or x.is_complex()):
        raise Unsupported("torch floors a mean of integers")
    name = {"add": "sum", "mul": "prod", "multiply": "prod"}.get(how, how)
    return torch.scatter_reduce(x, axis, index, values, name, include_self=a["include_self"])


def put(x, value, a):
    given = a["indices"] if isinstance(a["indices"], list) else [a["indices"]]
    indices = [None if i is None else wide(i) for i in given]
    return torch.ops.aten.index_put(x, indices, value, a["accumulate"])


SCATTERS = {"index_add": (added, "value"), "put_along_axis": (put_along, "values"), "index_put": (put, "value")}


def given_value(a, name):
    """What a scatter puts somewhere: a tensor, or a number, of which one is made."""
    value = a[name]
    return value if isinstance(value, torch.Tensor) else torch.full((), value, dtype=a["x"].dtype)


def scatter_of(op):
    compute, name = SCATTERS[op]
    return lambda a: compute(a["x"], given_value(a, name), a)


def scatter_grad(op, of_value):
    """The gradient of a scatter at what it puts somewhere, or at x."""
    compute, name = SCATTERS[op]

    def of(a):
        with torch.inference_mode(False):
            x, value = a["x"].clone(), given_value(a, name).clone()
        if of_value:
            return gradient(lambda v: compute(x, v, a), value, a["dy"])
        return gradient(lambda t: compute(t, value, a), x, a["dy"])
    return of


OPS = {
    "index_sample": index_sample,
    "index_sample_grad": index_sample_grad,
    "copysign": copysign,
    "copysign_x_grad": lambda a: copysign_grad(a, "x"),
    "copysign_y_grad": lambda a: copysign_grad(a, "y"),
    "expand": lambda a: a["x"].expand(sizes(a["shape"])),
    "expand_grad": lambda a: gradient(lambda x: x.expand(a["dy"].shape), zeros_of(a), a["dy"]),
    "as_strided": lambda a: as_strided(a, a["x"], sizes(a["shape"])),
    "as_strided_grad": lambda a: gradient(lambda x: as_strided(a, x, a["dy"].shape), zeros_of(a), a["dy"]),
    "unique": unique,
    "unique_consecutive": unique_consecutive,
    "conv2d": conv2d,
    "conv2d_input_grad": conv2d_input_grad,
    "conv2d_weight_grad": conv2d_weight_grad,
    "conv2d_bias_grad": conv2d_bias_grad,
    "conv2d_transpose": conv2d_transpose,
    "conv2d_transpose_input_grad": conv2d_transpose_input_grad,
    "conv2d_transpose_weight_grad": conv2d_transpose_weight_grad,
    "cholesky_solve": lambda a: torch.cholesky_solve(a["x"], a["y"], upper=a["upper"]),
    "cholesky_solve_x_grad": cholesky_solve_x_grad,
    "cholesky_solve_y_grad": cholesky_solve_y_grad,
    "index_add": scatter_of("index_add"),
    "index_add_value_grad": scatter_grad("index_add", True),
    "put_along_axis": scatter_of("put_along_axis"),
    "put_along_axis_x_grad": scatter_grad("put_along_axis", False),
    "put_along_axis_values_grad": scatter_grad("put_along_axis", True),
    "index_put": scatter_of("index_put"),
    "index_put_x_grad": scatter_grad("index_put", False),
    "index_put_value_grad": scatter_grad("index_put", True),
    "eigvalsh": lambda a: torch.linalg.eigvalsh(a["x"], a["UPLO"]),
    "eigvalsh_grad": eigvalsh_grad,
    "eigvals": lambda a: torch.linalg.eigvals(a["x"]),
    "eigvals_grad": eigvals_grad,
}


PLACES = list(OPS)
LOST = mmap.mmap(-1, len(PLACES))  # of each op, whether a case of it has ended a child; children share it


def is_out_of_range(index, size, low=0):
    return index.numel() > 0 and not low <= int(index.min()) <= int(index.max()) < size


def asks_out_of_range(api, a):
    """Whether an index is out of range where torch looks at it on the device only."""
    if api in ("index_sample", "index_sample_grad"):
        width = a["x"].shape[-1] if api == "index_sample" else sizes(a["x_shape"])[-1]
        return is_out_of_range(a["index"], width)
    if api.startswith(("index_add", "put_along_axis")):
        return is_out_of_range(a["index" if api.startswith("index_add") else "indices"], a["x"].shape[a["axis"]])
    if api.startswith("index_put"):
        given = a["indices"] if isinstance(a["indices"], list) else [a["indices"]]
        return any(
            is_out_of_range(i, a["x"].shape[d], -a["x"].shape[d])
            for d, i in enumerate(given)
            if i is not None and i.dtype != torch.bool
        )
    return False


def is_known_to_end(api, a):
    """An index out of range costs a process its GPU, and seconds until there is another: each op is asked once."""
    if not ON_GPU or not LOST[PLACES.index(api)]:
        return False
    try:
        return asks_out_of_range(api, a)
    except Exception:  # other arguments are wrong as well: torch may say so
        return False


def kind_of(error):
    words = ("not implemented for", "Low precision dtypes not supported")
    lacks = isinstance(error, Unsupported) or any(w in str(error) for w in words)
    return "unsupported" if lacks else "refused"


def answer(case):
    compute = OPS.get(case["api"])
    if compute is None:
        return {"error": f"no {case['api']}", "kind": "unsupported"}
    arguments = {name: read(value) for name, value in case["kwargs"].items()}
    if is_known_to_end(case["api"], arguments):
        error = "an index out of range has ended a process in an earlier case of this op: not asked again"
        return {"error": error, "kind": "unsupported"}
    start = time.perf_counter()
    try:
        with torch.no_grad():
            output = compute(arguments)
            outputs = [write_tensor(t) for t in (output if isinstance(output, list) else [output])]
        if ON_GPU:
            torch.cuda.synchronize()  # a fault is this case's, also where nothing was read back: the next one would be blamed
    except Exception as e:  # whatever the peer throws is its answer
        lines = str(e).splitlines() or [type(e).__name__]
        kind = "crashed" if has_lost_gpu() else kind_of(e)
        if kind == "crashed":
            LOST[PLACES.index(case["api"])] = 1
        return {"error": lines[0], "kind": kind, "seconds": time.perf_counter() - start}
    return {"outputs": outputs, "seconds": time.perf_counter() - start}


def has_lost_gpu():
    """After a fault on the device, an index out of range for one, a process cannot use it any more."""
    try:
        if ON_GPU:
            torch.cuda.synchronize()
        return False
    except RuntimeError:
        return True


BUILD_SETTINGS = {"BLAS_INFO", "LAPACK_INFO", "USE_MKL", "USE_MKLDNN", "USE_OPENMP"}


def configuration():
    """What torch says it was built with, without the compiler's flags."""
    settings, libraries = {}, []
    for line in torch.__config__.show().splitlines()[1:]:
        line = line.strip(" -")
        if line.startswith("Build settings: "):
            pairs = (item.partition("=") for item in line.removeprefix("Build settings: ").split(", "))
            settings.update({name: value for name, _, value in pairs if name in BUILD_SETTINGS})
        elif ": " in line:
            name, _, value = line.partition(": ")
            settings[name] = value
        elif line:
            libraries.append(line)
    return settings | {"libraries": libraries}


def gpu_settings():
    return {
        "device": torch.cuda.get_device_name(),
        "CUDA": torch.version.cuda,
        "cuDNN": torch.backends.cudnn.version(),
        "TF32": torch.backends.cudnn.allow_tf32 and torch.backends.cuda.matmul.allow_tf32,
    }


def describe():
    if ON_GPU and not torch.cuda.is_available():
        return {"name": BACKEND, "error": f"PyTorch {torch.__version__} has no GPU here"}
    settings = configuration() | {
        "python": sys.version.split()[0],
        "float32 matmul precision": torch.get_float32_matmul_precision(),
        "oneDNN": torch.backends.mkldnn.is_available(),
        "flush denormal": bool(torch.tensor(1e-310, dtype=torch.float64).mul(1).item() == 0),
        "dtypes": sorted(DTYPES),
    }
    if ON_GPU:
        settings |= gpu_settings()
    return {"name": BACKEND, "version": torch.__version__, "threads": torch.get_num_threads(), "settings": settings}


def choose_gpu():
    """New tensors on the GPU, and float32 products with or without TensorFloat-32: 10 bits of significand of 23."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = BACKEND == "torch-cuda-tf32"
    if torch.cuda.is_available():
        torch.set_default_device("cuda")


def serve():
    """Whether the GPU is lost, else until the input ends."""
    if ON_GPU:
        choose_gpu()
    while line := sys.stdin.readline():
        case = json.loads(line)
        reply = {"describe": describe()} if case.get("describe") else answer(case)
        REPLIES.write(json.dumps(reply) + "\n")
        REPLIES.flush()
        if reply.get("kind") == "crashed":
            return True
    return False


LOST_GPU = 3  # an exit code


def serve_in_children():
    """A child at a time, which is the first to touch the GPU and ends with it: importing torch anew takes seconds. The next
    line is not sent before the last is answered, so none is left in a child that ends."""
    while True:
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: who ends the parent ends the child
            os._exit(LOST_GPU if serve() else 0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != LOST_GPU:
            sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    serve_in_children() if ON_GPU else serve()
