// Ops whose outputs are made, element by element, from elements that strides lead to: on a GPU.
#pragma once

#include <halfulp/kernels/core/strided_map.hpp>
#include <halfulp/kernels/cuda.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

namespace halfulp::kernels {

/// Queues y[i] = x[where m says], bits as they are, for elements of 1, 2, 4, 8 or 16 bytes. Throws device_error.
void move_elements(const void* x, const strided_map<1>& m, void* y, std::size_t bytes, const cuda_queue& queue);

/// What the sign of an element is: its highest bit, or that of a number in two's complement.
enum class sign_form { bit, complement };

/// Queues z = x with the sign of y, both where m says, for elements of 1 (complement), 2, 4 or 8 bytes. Throws
/// device_error.
void copy_sign_elements(sign_form form, const void* x, const void* y, const strided_map<2>& m, void* z,
                        std::size_t bytes, const cuda_queue& queue);

/// Queues y = the columns of x that `column` asks for in each row (index_sample), for elements of 1, 2, 4, 8 or 16 bytes.
/// Throws device_error.
void sample_elements(const void* x, const index_elements& column, const op::index_sample::geometry<run>& shape, void* y,
                     std::size_t bytes, const cuda_queue& queue);

/// Queues: so many bytes become 0. Throws device_error.
void clear_elements(void* y, std::size_t bytes, const cuda_queue& queue);

/// Queues: `count` outputs more were made without rounding, where somebody counts.
void count_exact(std::int64_t count, const cuda_queue& queue);

}  // namespace halfulp::kernels
