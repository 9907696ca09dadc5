"""halfulp's ops for Paddle: `halfulp.paddle.conv2d(x, weight)`, eager, in static programs and under to_static.

Every result is the exact one, rounded once. Gradients are, too. `override` puts the ops in the place of Paddle's own
functions.
"""

from __future__ import annotations

from halfulp import signatures as _signatures
from halfulp.paddle._library import ops  # first: says what is missing, where something is

from halfulp.paddle._calls import call as _call
from halfulp.paddle._overrides import override

globals().update({name: _signatures.function(op, "paddle", _call) for name, op in ops.items()})

__all__ = [*ops, "ops", "override"]
