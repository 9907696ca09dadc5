"""Calls the installed operator beside NumPy, on the GPU where Paddle has one."""

import example_relu_cuda
import numpy as np
import paddle

values = np.array([-1.5, 0.0, 2.0, 3.25], "float32")
y = example_relu_cuda.example_relu_cuda(paddle.to_tensor(values))
np.testing.assert_array_equal(y.numpy(), np.maximum(values, 0))
