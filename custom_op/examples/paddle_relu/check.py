"""Calls the installed operator and its gradient, eager and in a static program, beside NumPy."""

import example_relu
import numpy as np
import paddle

values = np.array([-1.5, 0.0, 2.0, 3.25], "float32")
x = paddle.to_tensor(values, stop_gradient=False)
y = example_relu.example_relu(x)
y.sum().backward()
np.testing.assert_array_equal(y.numpy(), np.maximum(values, 0))
np.testing.assert_array_equal(x.grad.numpy(), (values > 0).astype("float32"))


def one_more(t):
    return example_relu.example_relu(t) + 1


static = paddle.jit.to_static(one_more, full_graph=True)
np.testing.assert_array_equal(static(x).numpy(), np.maximum(values, 0) + 1)
assert "x (paddle.Tensor)" in example_relu.example_relu.__doc__
