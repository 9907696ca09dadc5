"""Calls the installed op and its gradient beside NumPy, and lets torch check how it is registered."""

import example_relu_torch
import numpy as np
import torch

values = np.array([-1.5, 0.0, 2.0, 3.25])
x = torch.tensor(values, requires_grad=True)
y = example_relu_torch.relu(x)
y.sum().backward()
np.testing.assert_array_equal(y.detach().numpy(), np.maximum(values, 0))
np.testing.assert_array_equal(x.grad.numpy(), (values > 0).astype("float64"))
torch.library.opcheck(torch.ops.example_relu_torch.relu, (torch.randn(3, requires_grad=True),))
