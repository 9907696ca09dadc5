"""Calls the three operators through the package's own names, beside NumPy."""

import example_three_ops
import numpy as np
import paddle

a, b = np.array([1.0, 2.0]), np.array([3.0, 5.0])
x, y = paddle.to_tensor(a), paddle.to_tensor(b)
np.testing.assert_array_equal(example_three_ops.scale(x).numpy(), 2 * a)
np.testing.assert_array_equal(example_three_ops.scale(x, factor=0.5).numpy(), a / 2)
np.testing.assert_array_equal(example_three_ops.total([x, y, y]).numpy(), a + b + b)
total, difference = example_three_ops.sum_and_difference(x, y)
np.testing.assert_array_equal(total.numpy(), a + b)
np.testing.assert_array_equal(difference.numpy(), a - b)
assert "A package of its author's" in example_three_ops.__doc__
