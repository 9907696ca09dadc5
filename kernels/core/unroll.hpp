// Loops that device code is to unroll, in headers that the host compiles as well.
#pragma once

#if defined(__CUDA_ARCH__)
#define HALFULP_UNROLL _Pragma("unroll")
#else
#define HALFULP_UNROLL
#endif
