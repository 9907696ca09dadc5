"""The compiled ops, loaded; and their description."""

from halfulp import signatures

_compiled = signatures.compiled_ops("torch")
library = _compiled._library.path
ops = signatures.read(library)
