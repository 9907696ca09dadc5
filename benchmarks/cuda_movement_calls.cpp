// Ops that move elements, scatters and unique behind C functions, as cuda_calls.cpp has convolutions. Zero: it went well.
#include <halfulp/kernels/cuda_found.hpp>
#include <halfulp/oracle/op.hpp>
#include <halfulp/oracle/ops/as_strided.hpp>
#include <halfulp/oracle/ops/copysign_x_grad.hpp>
#include <halfulp/oracle/ops/expand_grad.hpp>
#include <halfulp/oracle/ops/index_add.hpp>
#include <halfulp/oracle/ops/index_put.hpp>
#include <halfulp/oracle/ops/index_sample_grad.hpp>
#include <halfulp/oracle/ops/put_along_axis.hpp>
#include <halfulp/oracle/ops/unique.hpp>

#include "cuda_call.hpp"

namespace {

using namespace halfulp;
using namespace halfulp::benchmarks;

shape<run> shape_of_sizes(std::initializer_list<std::int64_t> sizes) {
  run m("benchmark");
  return shape<run>::of(m, "shape", sizes.begin(), static_cast<int>(sizes.size()));
}
index_elements indices_at(const std::int64_t* data, std::int64_t n) {
  return {{}, elements_at<std::int64_t>(data, n)};
}

}  // namespace

extern "C" {

/// float32, shapes (rows, columns): out = copysign(x, y); x of one row or of all, y of all.
int halfulp_copysign(std::int64_t x_rows, std::int64_t rows, std::int64_t columns, const float* x, const float* y,
                     float* out, void* stream) {
  return guarded([&] {
    run m("copysign");
    const std::int64_t of_x[2] = {x_rows, columns}, of_y[2] = {rows, columns};
    const auto g = op::copysign::geometry<run>::of(m, shape<run>::of(m, "x", of_x, 2), shape<run>::of(m, "y", of_y, 2));
    compute<op::copysign, float>(
        {{x, static_cast<std::size_t>(g.x.numel)}, {y, static_cast<std::size_t>(g.y.numel)}, g}, out, {stream});
  });
}

/// float32: x (1, columns) to (rows, columns).
int halfulp_expand(std::int64_t rows, std::int64_t columns, const float* x, float* out, void* stream) {
  return guarded([&] {
    run m("expand");
    const std::int64_t of_x[2] = {1, columns}, asked[2] = {rows, columns};
    const auto g = op::expand::geometry<run>::of(m, shape<run>::of(m, "x", of_x, 2), asked, 2);
    compute<op::expand, float>({{x, static_cast<std::size_t>(columns)}, g}, out, {stream});
  });
}

/// float32: x (rows, columns), index (rows, samples) of int64.
int halfulp_index_sample(std::int64_t rows, std::int64_t columns, std::int64_t samples, const float* x,
                         const std::int64_t* index, float* out, void* stream) {
  return guarded([&] {
    run m("index_sample");
    const std::int64_t of_x[2] = {rows, columns}, of_index[2] = {rows, samples};
    const auto g = op::index_sample::geometry<run>::of(m, shape<run>::of(m, "x", of_x, 2),
                                                       shape<run>::of(m, "index", of_index, 2));
    const auto n = static_cast<std::size_t>(rows);
    compute<op::index_sample, float>(
        {{x, n * static_cast<std::size_t>(columns)}, {{}, {index, n * static_cast<std::size_t>(samples)}}, g}, out,
        {stream});
  });
}

/// float32: y (rows, columns) of x with these strides.
int halfulp_as_strided(std::int64_t elements, std::int64_t rows, std::int64_t columns, std::int64_t row_stride,
                       std::int64_t column_stride, const float* x, float* out, void* stream) {
  return guarded([&] {
    run m("as_strided");
    const std::int64_t stride[2] = {row_stride, column_stride};
    const auto g = op::as_strided::geometry<run>::of(m, elements, shape_of_sizes({rows, columns}), stride, 0);
    compute<op::as_strided, float>({elements_at<float>(x, elements), g}, out, {stream});
  });
}

/// float32: the gradient of x (x_rows, x_columns) repeated to (rows, columns).
int halfulp_expand_grad(std::int64_t x_rows, std::int64_t x_columns, std::int64_t rows, std::int64_t columns,
                        const float* dy, float* dx, void* stream) {
  return guarded([&] {
    run m("expand_grad");
    const auto g =
        op::expand_grad::geometry<run>::of(m, shape_of_sizes({rows, columns}), shape_of_sizes({x_rows, x_columns}));
    compute<op::expand_grad, float>({elements_at<float>(dy, rows * columns), g, {}}, dx, {stream});
  });
}

/// float32: dy (rows, samples), index of int64 alike; dx (rows, columns).
int halfulp_index_sample_grad(std::int64_t rows, std::int64_t columns, std::int64_t samples, const float* dy,
                              const std::int64_t* index, float* dx, void* stream) {
  return guarded([&] {
    run m("index_sample_grad");
    const auto sampled = shape_of_sizes({rows, samples});
    const auto g = op::index_sample_grad::geometry<run>::of(m, sampled, sampled, shape_of_sizes({rows, columns}));
    compute<op::index_sample_grad, float>(
        {elements_at<float>(dy, rows * samples), indices_at(index, rows * samples), g, {}}, dx, {stream});
  });
}

/// float32, all of one shape.
int halfulp_copysign_x_grad(std::int64_t n, const float* x, const float* y, const float* dz, float* dx, void* stream) {
  return guarded([&] {
    run m("copysign_x_grad");
    const auto s = shape_of_sizes({n});
    const auto g = op::copysign_x_grad::geometry<run>::of(m, s, s, s);
    compute<op::copysign_x_grad, float>(
        {elements_at<float>(x, n), elements_at<float>(y, n), elements_at<float>(dz, n), g, {}}, dx, {stream});
  });
}

/// float32: n elements of value added to bins, by index of int64.
int halfulp_index_add(std::int64_t bins, std::int64_t n, const float* x, const std::int64_t* index, const float* value,
                      float* out, void* stream) {
  return guarded([&] {
    run m("index_add");
    const auto of_value = shape_of_sizes({n});
    const auto g = op::index_add::geometry<run>::of(m, shape_of_sizes({bins}), of_value, 0, of_value);
    compute<op::index_add, float>(
        {elements_at<float>(x, bins), elements_at<float>(value, n), indices_at(index, n), g, 1, 1, {}}, out, {stream});
  });
}

/// The same by index_put.
int halfulp_index_put(int accumulate, std::int64_t bins, std::int64_t n, const float* x, const std::int64_t* index,
                      const float* value, float* out, void* stream) {
  return guarded([&] {
    run m("index_put");
    indexed_axes<run> by;
    by.axes = 1;
    by.indexed[0] = true;
    by.index[0] = shape_of_sizes({n});
    const auto g = op::index_put::geometry<run>::of(m, shape_of_sizes({bins}), by, shape_of_sizes({n}));
    const tensor_view view{const_cast<std::int64_t*>(index), dtype::int64, {n}, {1}, false};  // it is only passed on
    const call c(signature_of<op::index_put>(), {{view}, {view}, {view}}, {});
    compute<op::index_put, float>({elements_at<float>(x, bins),
                                   elements_at<float>(value, n),
                                   index_list::of(c, "indices"),
                                   g,
                                   accumulate != 0,
                                   {}},
                                  out, {stream});
  });
}

/// The same by put_along_axis; how: a reduction, in their order.
int halfulp_put_along_axis(int how, std::int64_t bins, std::int64_t n, const float* x, const std::int64_t* index,
                           const float* value, float* out, void* stream) {
  return guarded([&] {
    run m("put_along_axis");
    const auto of_value = shape_of_sizes({n});
    const auto g = op::put_along_axis::geometry<run>::of(m, shape_of_sizes({bins}), of_value, of_value, 0,
                                                         op::put_along_axis::fit::broadcast);
    const auto rule = static_cast<reduction>(how);
    compute<op::put_along_axis, float>({elements_at<float>(x, bins),
                                        elements_at<float>(value, n),
                                        indices_at(index, n),
                                        g,
                                        {rule, rule != reduction::assign, 1},
                                        {},
                                        {}},
                                       out, {stream});
  });
}

/// float32: the distinct of n elements, sorted, where each is among them, and how often they occur, of int64.
int halfulp_unique(std::int64_t n, const float* x, float* values, std::int64_t* inverse, std::int64_t* counts,
                   std::int64_t* found, void* stream) {
  return guarded([&] {
    run m("unique");
    const auto g = op::unique::geometry<run>::of(m, shape_of_sizes({n}), true, 0, max_elements);
    const op::unique::args<float> a{elements_at<float>(x, n), g, false, true, true, true, false, dtype::int64};
    const tensor_view out[] = {view_at(values, {dtype::float32, {n}}), view_at(inverse, {dtype::int64, {n}}),
                               view_at(counts, {dtype::int64, {n}})};
    kernels::compute_found_on_cuda<op::unique, float>(a, out, found, {stream});
  });
}
}
