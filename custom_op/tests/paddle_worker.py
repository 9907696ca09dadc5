"""Answers cases on standard input as Paddle does while halfulp's kernels stand in for its functions: one line of JSON
each, in the notation of docs/eval.md. Runs in an environment that holds halfulp and paddle.

A case is what `halfulp draw` writes: the framework's function by its own name, arguments as they are given to it, every
tensor as its bits.
"""

from __future__ import annotations

import base64
import functools
import json
import sys
from typing import Any

import numpy as np
import paddle

import halfulp.paddle


def read_tensor(j: dict[str, Any]) -> paddle.Tensor:
    if 0 in j["shape"]:
        return paddle.empty(j["shape"], dtype=j["dtype"])
    # NumPy knows no bfloat16; Paddle takes and gives its bits as uint16.
    brain = j["dtype"] == "bfloat16"
    array = np.frombuffer(base64.b64decode(j["bits"]), dtype="uint16" if brain else j["dtype"]).reshape(j["shape"])
    return paddle.to_tensor(array, dtype="bfloat16" if brain else j["dtype"])


def write_tensor(t: paddle.Tensor) -> dict[str, Any]:
    bits = base64.b64encode(np.ascontiguousarray(t.numpy()).tobytes()).decode() if t.size else ""
    return {"dtype": str(t.dtype).removeprefix("paddle."), "shape": list(t.shape), "bits": bits}


def read(value: Any) -> Any:
    if isinstance(value, dict):
        return read_tensor(value["tensor"])
    return [read(item) for item in value] if isinstance(value, list) else value


def answer(case: dict[str, Any]) -> dict[str, Any]:
    args, kwargs = read(case["args"]), {name: read(value) for name, value in case["kwargs"].items()}
    function = functools.reduce(getattr, case["api"].split(".")[1:], paddle)
    try:
        output = function(*args, **kwargs)
    except Exception as refusal:  # whatever is raised is the answer
        said = next((line for line in reversed(str(refusal).splitlines()) if "halfulp" in line or ": " in line), "")
        return {"error": f"{type(refusal).__name__}: {said or refusal}", "kind": "refused"}
    return {"outputs": [write_tensor(t) for t in (output if isinstance(output, (list, tuple)) else [output])]}


def main() -> None:
    with halfulp.paddle.override():
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
