#pragma once
#include <cstdint>

/// y[i] = max(x[i], 0) for 0 <= i < n, in device memory, on the given CUDA stream.
/// Throws std::runtime_error where the launch fails.
void relu_on_device(const float* x, float* y, int64_t n, void* stream);
