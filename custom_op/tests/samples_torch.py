"""Arguments of the ops in PyTorch: random, and the same in every run."""

import numpy as np
import torch

rng = np.random.default_rng(1)


def numbers(*shape, dtype=torch.float64, grad=False):
    """Numbers over many binades, so that sums round."""
    values = rng.standard_normal(shape) * 2.0 ** rng.integers(-30, 30, shape)
    return torch.tensor(values, dtype=dtype, requires_grad=grad)


def spd(n):
    a = torch.tensor(rng.standard_normal((n, n)))
    return a @ a.T + n * torch.eye(n, dtype=torch.float64)


def samples():
    """Arguments of every op that is no gradient."""
    index = torch.tensor([[0, 2], [1, 1]])
    plain = lambda *shape: torch.tensor(rng.standard_normal(shape), requires_grad=True)  # noqa: E731
    return {
        "index_sample": [(plain(2, 3), index)],
        "copysign": [(plain(2, 3), plain(3))],
        "conv2d": [
            (plain(2, 4, 5, 5), plain(6, 2, 3, 3), plain(6), [1, 2], [1, 0], [1, 1], 2),
            (plain(1, 1, 4, 4), plain(1, 1, 2, 2)),
        ],
        "conv2d_transpose": [(plain(1, 2, 3, 3), plain(2, 3, 3, 3), plain(3), [2, 2], [1, 1], [1, 0])],
        "eigvals": [(plain(4, 4),)],
        "eigvalsh": [(spd(4).requires_grad_(),)],
        "cholesky_solve": [(plain(3, 2), torch.linalg.cholesky(spd(3)).requires_grad_())],
        "index_add": [(plain(3, 2), torch.tensor([0, 2, 0]), 0, plain(3, 2), 2)],
        "expand": [(plain(3, 1), [2, 3, 4])],
        "as_strided": [(plain(12), [3, 4], [2, 1], 1)],
        "unique": [(torch.tensor([3.0, 1.0, 3.0]), True, True, True)],
        "unique_consecutive": [(torch.tensor([3.0, 3.0, 1.0]), True, True)],
        "put_along_axis": [(plain(3, 2), torch.tensor([[0, 2], [0, 1]]), plain(2, 2), 0, "add")],
        "index_put": [(plain(4, 2), [torch.tensor([0, 0, 3])], plain(3, 2), True)],
    }
