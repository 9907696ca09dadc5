#pragma once

/// Marks what host compilers and nvcc both take.
#if defined(__CUDACC__)
#define HALFULP_HOST_DEVICE __host__ __device__
#else
#define HALFULP_HOST_DEVICE
#endif
