#pragma once

#include <complex>
#include <cstdint>

#include <halfulp/oracle/core/format.hpp>

/// X(T) for each floating-point, integer, real, or storage type, in the order of `dtype`: so a kernel that is one template is
/// specialised for all of them.
#define HALFULP_EACH_FLOATING_TYPE(X) X(float16) X(bfloat16) X(float) X(double)
#define HALFULP_EACH_INTEGER_TYPE(X) \
  X(bool) X(std::uint8_t) X(std::int8_t) X(std::int16_t) X(std::int32_t) X(std::int64_t)
#define HALFULP_EACH_REAL_TYPE(X) HALFULP_EACH_INTEGER_TYPE(X) HALFULP_EACH_FLOATING_TYPE(X)
#define HALFULP_EACH_STORAGE_TYPE(X) HALFULP_EACH_REAL_TYPE(X) X(std::complex<float>) X(std::complex<double>)
