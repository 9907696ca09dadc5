"""Calls an op of halfulp, and the framework's own, for each framework that the ops are installed for. Exit status: 0 if an op
was called and returned the exact result, rounded once."""

import importlib
import sys

HUGE = 3e38  # 3e38 + 3e38 - 3e38: the first sum is no binary32 number, the result is


def called(name: str) -> bool:
    """Prints both results. False where the framework or its ops are not installed."""
    try:
        framework, ops = importlib.import_module(name), importlib.import_module(f"halfulp.{name}")
    except ImportError:
        return False
    make = framework.to_tensor if name == "paddle" else framework.tensor
    x, ones = make([[[[HUGE, HUGE, -HUGE]]]]), make([[[[1.0, 1.0, 1.0]]]])
    exact = float(ops.conv2d(x, ones))
    theirs = float(framework.nn.functional.conv2d(x, ones))
    print(f"{HUGE:g} + {HUGE:g} - {HUGE:g} by conv2d in float32: halfulp.{name} {exact:g}, {name} {theirs:g}")
    assert abs(exact / HUGE - 1) < 2**-24, exact
    return True


if __name__ == "__main__":
    if not any([called("paddle"), called("torch")]):
        sys.exit("halfulp's ops are installed here for neither Paddle nor torch")
