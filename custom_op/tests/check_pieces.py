"""The parts of a call of conv2d, against the whole call, both in rational numbers; what is left whole; and that every part
counts. Needs NumPy."""

import base64
import math
import unittest
from functools import partial
from itertools import product
from unittest import mock

import numpy as np
import suite_cases
from exact import conv2d
from pieces import API, WHOLE, elements, part, pieces


def tensor(array):
    return {"dtype": str(array.dtype), "shape": list(array.shape), "bits": base64.b64encode(array.tobytes()).decode()}


def drawn(call):
    """A case as `halfulp draw` writes it: x and weight by position."""
    given = {k: {"tensor": tensor(v)} if isinstance(v, np.ndarray) else v for k, v in call.items()}
    return {"api": API, "args": [given.pop("x"), given.pop("weight")], "kwargs": given}


def computed(case):
    """The exact result of a case; images whose channels are last are turned before and after."""
    given = dict(zip(("x", "weight"), case["args"])) | case["kwargs"]
    x, weight, bias = (given[k] and elements(given[k]["tensor"]) for k in ("x", "weight", "bias"))
    last = given.get("data_format") == "NHWC"
    out, _ = conv2d(
        np.moveaxis(x, 3, 1) if last else x, weight, bias,
        (2, 1), (1, 0), (1, 1), given.get("groups", 1),
    )  # fmt: skip
    return np.ascontiguousarray(np.moveaxis(out, 1, 3)) if last else out


def call(groups=1, layout="NCHW", bias=True, channels=2):
    draw = np.random.default_rng(7).integers
    x = draw(-9, 9, (3, channels, 5, 4)).astype("float64")
    more = {"bias": draw(-9, 9, 6).astype("float64")} if bias else {"bias": None}
    weight = draw(-9, 9, (6, channels // groups, 3, 2)).astype("float64")
    return {"x": np.ascontiguousarray(np.moveaxis(x, 1, 3)) if layout == "NHWC" else x, "weight": weight, **more,
            "groups": groups, "data_format": layout}  # fmt: skip


class Pieces(unittest.TestCase):
    def test_parts_are_the_whole(self):
        # A result has 3 images of 6 channels of 9 outputs; the most outputs that a part may have at a limit.
        sizes = {1: 9, 18: 18, 53: 45, 54: 54, 100: 54, 107: 54, 108: 108, 161: 108, 162: 162}
        calls = [call(), call(layout="NHWC"), call(bias=False), call(groups=2), call(channels=0)]
        for (limit, most), given in product(sizes.items(), calls):
            with self.subTest(limit=limit, groups=given["groups"], layout=given["data_format"]):
                self.check(given, limit, max(most, 54) if given["groups"] > 1 else most)

    def check(self, given, limit, most):
        case = drawn(given)
        whole = computed(case)
        times, largest = np.zeros(whole.shape, int), 0
        for where, piece in pieces(case, [tensor(whole)], limit):
            mine = elements(part({"outputs": [tensor(whole)]}, where)["outputs"][0])
            np.testing.assert_array_equal(mine, computed(piece))
            times[where] += 1
            largest = max(largest, mine.size)
        self.assertTrue((times == 1).all())
        self.assertEqual(largest, most)

    def test_a_result_of_another_shape_is_judged_whole(self):
        case = drawn(call())
        for shape in ([4, 6, 3, 3], [3, 5, 3, 3], [3, 6, 9], []):
            with self.subTest(shape):
                self.assertEqual(list(pieces(case, [tensor(np.zeros(shape))], 1)), [(WHOLE, case)])

    def test_what_is_no_conv2d_is_judged_whole(self):
        case = drawn(call()) | {"api": "paddle.expand"}
        self.assertEqual(list(pieces(case, [tensor(np.zeros((3, 6, 3, 3)))], 1)), [(WHOLE, case)])
        self.assertEqual(list(pieces(drawn(call()), [], 1)), [(WHOLE, drawn(call()))])

    def test_brain_floats_are_cut_by_their_bits(self):
        bits = np.arange(6, dtype="uint16").reshape(2, 3)
        (given,) = part({"outputs": [tensor(bits) | {"dtype": "bfloat16"}]}, (slice(1, 2),))["outputs"]
        self.assertEqual((given["dtype"], given["shape"]), ("bfloat16", [1, 3]))
        np.testing.assert_array_equal(elements(given), bits[1:])


class Judgement(unittest.TestCase):
    def judged(self, got, other, oracle):
        with mock.patch.object(suite_cases, "pieces", partial(pieces, limit=20)):
            return suite_cases.judgement(self.case, got, other, oracle)

    def setUp(self):
        self.case = drawn(call())
        self.whole = computed(self.case)
        self.changed = self.whole.copy()
        self.changed[1, 3, 1, 2] = np.nextafter(self.whole[1, 3, 1, 2], np.inf)  # neither in the first part nor in the last

    def test_every_part_is_asked_and_counts(self):
        def oracle(piece):
            return {"outputs": [tensor(computed(piece))]}

        right, wrong = ({"outputs": [tensor(array)]} for array in (self.whole, self.changed))
        asked = "162 outputs put to the oracle in 9 parts"
        self.assertEqual(self.judged(right, wrong, oracle), (True, f"torch is 1 ULP off; {asked}"))
        self.assertEqual(self.judged(wrong, right, oracle), (False, f"torch is 0 ULP off; {asked}"))
        none = {"outputs": [tensor(np.zeros((3, 0, 3, 3)))]}
        self.assertEqual(self.judged(right, none, oracle), (True, f"torch's shapes are [[3, 0, 3, 3]]; {asked}"))

    def test_a_part_that_the_oracle_does_not_decide_is_not_certified(self):
        given = {"outputs": [tensor(self.whole)]}
        parts = [{"outputs": [tensor(computed(piece))]} for _, piece in pieces(self.case, given["outputs"], 20)]
        said = [*parts[:-1], {"outputs": [parts[-1]["outputs"][0] | {"decided": [False]}]}]
        self.assertFalse(self.judged(given, given, lambda _: said.pop(0))[0])
        said = [*parts[:-1], {"error": "no memory", "kind": "crashed"}]
        self.assertEqual(self.judged(given, given, lambda _: said.pop(0)), (False, "the oracle: no memory"))


if __name__ == "__main__":
    unittest.main()
