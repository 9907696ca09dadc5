"""The compiled ops, loaded; and their description."""

from halfulp import signatures

try:
    from halfulp.torch import _ops
except ModuleNotFoundError as missing:
    if missing.name != "halfulp.torch._ops":
        raise
    raise ImportError(
        "halfulp was installed without its ops for torch, since there was no torch when it was; install it again where "
        "torch is: pip install --no-build-isolation --force-reinstall ./custom_op",
        name="halfulp.torch",
    ) from None

library = _ops._library.path
ops = signatures.read(library)
