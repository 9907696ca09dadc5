"""A call of conv2d as several calls that give a part of its outputs each. The oracle says some ninety bytes of every output
(docs/eval.md), and halfulp keeps four times that until it has written them: of a large image that is more than a
machine's memory.

An image's outputs depend on no other image, and a filter's, without groups, on no other filter: each part is some of
the images, and where one image is too large alone, some of the filters.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

API = "paddle.nn.functional.conv2d"
PARAMETERS = ("x", "weight", "bias", "stride", "padding", "dilation", "groups", "data_format")
OUTPUTS = 1 << 21  # in one call of the oracle: 190 MB of JSON, 0.8 GB in halfulp
Answer = dict[str, Any]
Where = tuple[slice, ...]
WHOLE: Where = ()


def elements(tensor: dict[str, Any]) -> np.ndarray:
    """A tensor as NumPy has it: bfloat16, which it does not know, as uint16."""
    dtype = "uint16" if tensor["dtype"] == "bfloat16" else tensor["dtype"]
    return np.frombuffer(base64.b64decode(tensor["bits"]), dtype).reshape(tensor["shape"])


def numbers(tensor: dict[str, Any]) -> np.ndarray:
    """A tensor's elements; those of formats that are shorter than binary32 as binary32."""
    found = elements(tensor)
    return (found.astype("uint32") << 16).view("float32") if tensor["dtype"] == "bfloat16" else found


def cut(tensor: dict[str, Any], where: Where) -> dict[str, Any]:
    """The elements at these slices, as a tensor in the notation of docs/eval.md."""
    if where == WHOLE:
        return tensor
    part = elements(tensor)[where]
    return {"dtype": tensor["dtype"], "shape": list(part.shape), "bits": base64.b64encode(part.tobytes()).decode()}


def part(answer: Answer, where: Where) -> Answer:
    return {"outputs": [cut(tensor, where) for tensor in answer["outputs"]]}


def steps(length: int, step: int) -> Iterator[slice]:
    return (slice(first, min(first + step, length)) for first in range(0, length, step))


def pieces(case: dict[str, Any], result: list[dict[str, Any]], limit: int = OUTPUTS) -> Iterator[tuple[Where, dict[str, Any]]]:
    """Calls that together give each output of a drawn case once, and where in the result each one's outputs stand.

    result: the outputs that some program gave. One call, the case itself, for what has few outputs, is no conv2d, or has
    other images or channels than conv2d gives. At most `limit` outputs a call, or one image where there are groups, or
    one filter of one image.
    """
    shape = result[0]["shape"] if result else []
    if case["api"] != API or len(shape) != 4 or math.prod(shape) <= limit:
        yield WHOLE, case
        return
    call = {**dict(zip(PARAMETERS, case["args"])), **case["kwargs"]}
    x, weight, bias = (call.get(name) and call[name]["tensor"] for name in PARAMETERS[:3])
    channel = 3 if call.get("data_format") == "NHWC" else 1
    images, filters = shape[0], shape[channel]
    if len(x["shape"]) != 4 or images != x["shape"][0] or filters != weight["shape"][0]:
        yield WHOLE, case
        return
    image = math.prod(shape) // images
    few_filters = max(1, limit * filters // image) if call.get("groups", 1) == 1 else filters
    for n in steps(images, max(1, limit // image)):
        for o in steps(filters, few_filters):
            given = {"x": cut(x, (n,)), "weight": cut(weight, (o,)), "bias": bias and cut(bias, (o,))}
            tensors = {name: tensor and {"tensor": tensor} for name, tensor in given.items()}
            at = (n, slice(None), slice(None), o) if channel == 3 else (n, o)
            yield at, {**case, "args": [], "kwargs": {**call, **tensors}}
