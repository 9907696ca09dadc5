"""The compiled ops, loaded; and their description. Gradients are no ops of their own here."""

from halfulp import signatures

try:
    from halfulp.paddle import _ops as compiled
except ModuleNotFoundError as missing:
    if missing.name != "halfulp.paddle._ops":
        raise
    raise ImportError(
        "halfulp was installed without its ops for paddle, since there was no paddle when it was; install it again "
        "where paddle is: pip install --no-build-isolation --force-reinstall ./custom_op",
        name="halfulp.paddle",
    ) from None

_described = signatures.read(compiled._library.path)
_gradients = {gradient for op in _described.values() for gradient in op.gradients.values()}
ops = {name: op for name, op in _described.items() if name not in _gradients}
