"""Calls the installed module beside NumPy."""

import example_pybind11_torch
import numpy as np
import torch

values = np.array([1.0, 2.5])
np.testing.assert_array_equal(example_pybind11_torch.add_one(torch.tensor(values)).numpy(), values + 1)
