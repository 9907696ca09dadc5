"""Calls the installed module beside NumPy."""

import example_pybind11
import numpy as np
import paddle

values = np.array([1.0, 2.5], "float64")
np.testing.assert_array_equal(example_pybind11.add_one(paddle.to_tensor(values)).numpy(), values + 1)
assert example_pybind11.twice(21) == 42
counter = example_pybind11.Counter(3)
assert [counter.next(), counter.next()] == [3, 4]
