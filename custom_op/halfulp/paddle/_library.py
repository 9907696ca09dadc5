"""The compiled ops, loaded; and their description. Gradients are no ops of their own here."""

from halfulp import signatures

compiled = signatures.compiled_ops("paddle")

_described = signatures.read(compiled._library.path)
_gradients = {gradient for op in _described.values() for gradient in op.gradients.values()}
ops = {name: op for name, op in _described.items() if name not in _gradients}
