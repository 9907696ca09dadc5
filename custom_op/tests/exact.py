"""Exact results in rational numbers, written from the definitions: what the ops are held against here. Rounding a
fraction to binary64 is Python's own, and correct."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np


def rounded(values: dict[tuple[int, ...], Fraction], shape: tuple[int, ...]) -> np.ndarray:
    out = np.zeros(shape)
    for at, value in values.items():
        out[at] = float(value)
    return out


def conv2d(x, weight, bias, stride, padding, dilation, groups):
    """conv2d and the terms of each output: {output: [(position in x, position in weight)]}."""
    n, channels, height, width = x.shape
    outputs, inputs, rows, columns = weight.shape
    size = [
        (image + 2 * pad - d * (k - 1) - 1) // s + 1
        for image, pad, d, k, s in zip((height, width), padding, dilation, (rows, columns), stride)
    ]
    shape = (n, outputs, *size)
    terms = {at: [] for at in product(*map(range, shape))}
    for b, o, i, j in terms:
        group = o // (outputs // groups)
        for c, r, q in product(range(inputs), range(rows), range(columns)):
            y = i * stride[0] + r * dilation[0] - padding[0]
            z = j * stride[1] + q * dilation[1] - padding[1]
            if 0 <= y < height and 0 <= z < width:
                terms[b, o, i, j].append(((b, group * inputs + c, y, z), (o, c, r, q)))
    values = {
        at: sum((Fraction(x[p]) * Fraction(weight[w]) for p, w in pairs), Fraction(bias[at[1]] if bias is not None else 0))
        for at, pairs in terms.items()
    }
    return rounded(values, shape), terms


def conv2d_gradients(x, weight, dy, terms):
    """The gradients by x, weight and bias."""
    dx = {at: Fraction(0) for at in product(*map(range, x.shape))}
    dw = {at: Fraction(0) for at in product(*map(range, weight.shape))}
    db = {(o,): Fraction(0) for o in range(weight.shape[0])}
    for at, pairs in terms.items():
        db[at[1],] += Fraction(dy[at])
        for p, w in pairs:
            dx[p] += Fraction(dy[at]) * Fraction(weight[w])
            dw[w] += Fraction(dy[at]) * Fraction(x[p])
    return rounded(dx, x.shape), rounded(dw, weight.shape), rounded(db, (weight.shape[0],))


def added(x, index, values, alpha=1):
    """x with alpha * values added at the rows of index."""
    sums = {at: Fraction(x[at]) for at in product(*map(range, x.shape))}
    for k, row in enumerate(index):
        for rest in product(*map(range, x.shape[1:])):
            sums[(int(row), *rest)] += Fraction(alpha) * Fraction(values[(k, *rest)])
    return rounded(sums, x.shape)
