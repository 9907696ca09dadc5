"""halfulp's ops for PyTorch: `halfulp.torch.conv2d(x, weight)`, and `torch.ops.halfulp.*` in compiled programs.

Every result is the exact one, rounded once. Gradients are, too. `override` puts the ops in the place of PyTorch's own
functions.
"""

from __future__ import annotations

from halfulp import signatures as _signatures
from halfulp.torch._library import ops  # first: says what is missing, where something is

from halfulp.torch import _autograd, _fake
from halfulp.torch._calls import call as _call
from halfulp.torch._overrides import override

_fake.register(ops)
_autograd.register(ops)
globals().update({name: _signatures.function(op, "torch", _call) for name, op in ops.items()})

__all__ = [*ops, "ops", "override"]
