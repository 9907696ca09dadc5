// To be included before any header of Highway: the instruction sets that the kernels are compiled for.
#pragma once

// Vectors of SVE and RISC-V have no size at compile time and cannot stand in arrays of accumulators; SSSE3 and AVX3_DL
// would bring nothing over SSE4 and AVX3.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3 | HWY_AVX3_DL)
