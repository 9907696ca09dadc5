"""Calls an op of halfulp, and the framework's own, for each framework that the ops are installed for. Exit status: 0 if an op
was called and returned the exact result, rounded once."""

import importlib
import sys

TERMS = (1e8, 1.0, -1e8)  # binary32 has no 1e8 + 1


def called(name: str) -> bool:
    """Prints both results. False where the framework or its ops are not installed, and says so."""
    try:
        framework, ops = importlib.import_module(name), importlib.import_module(f"halfulp.{name}")
    except ImportError as missing:
        print(f"{name}: {missing}")
        return False
    make = framework.to_tensor if name == "paddle" else framework.tensor
    x, ones = make([[[list(TERMS)]]]), make([[[[1.0, 1.0, 1.0]]]])
    exact = ops.conv2d(x, ones).item()
    theirs = framework.nn.functional.conv2d(x, ones).item()
    print(f"the sum of {TERMS} by conv2d in float32: halfulp.{name} {exact:g}, {name} {theirs:g}")
    assert exact == sum(TERMS), exact
    return True


if __name__ == "__main__":
    if not any([called("paddle"), called("torch")]):
        sys.exit(1)
