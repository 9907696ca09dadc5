// Empty shapes: each row is worked out by hand, from the mathematical definition. The machine is the one that
// the kernels run on.
#include <halfulp/oracle/core/run.hpp>
#include <halfulp/oracle/ops.hpp>

#include <catch2/catch.hpp>

#include <initializer_list>
#include <vector>

using namespace halfulp;
using dims = std::vector<std::int64_t>;

namespace {

shape<run> shape_of(run& m, const char* name, const dims& d) {
  return shape<run>::of(m, name, d.data(), int(d.size()));
}
dims dims_of(const shape<run>& s) {
  return {s.dim, s.dim + s.rank};
}

dims copysign_shape(const dims& x, const dims& y) {
  run m{op::copysign::name};
  return dims_of(op::copysign::geometry<run>::of(m, shape_of(m, "x.shape", x), shape_of(m, "y.shape", y)).z);
}

dims index_sample_shape(const dims& x, const dims& index, std::vector<std::int64_t> content) {
  run m{op::index_sample::name};
  const auto g = op::index_sample::geometry<run>::of(m, shape_of(m, "x.shape", x), shape_of(m, "index.shape", index));
  run::buffer<std::int64_t> b{content.data(), std::int64_t(content.size())};
  g.check_index(m, b);
  return dims_of(g.y);
}

op::eigvalsh::geometry<run> eigvalsh_geometry(run& m, const dims& a) {
  return op::eigvalsh::geometry<run>::of(m, shape_of(m, "x.shape", a), op::eigvalsh::triangle::lower);
}
dims eigvalsh_shape(const dims& a) {
  run m{op::eigvalsh::name};
  return dims_of(eigvalsh_geometry(m, a).w);
}

dims cholesky_solve_shape(const dims& x, const dims& y) {
  run m{op::cholesky_solve::name};
  return dims_of(
      op::cholesky_solve::geometry<run>::of(m, shape_of(m, "x.shape", x), shape_of(m, "y.shape", y), false).out);
}
dims cholesky_solve_gradient_shape(const dims& dout, const dims& x, const dims& y) {
  run m{op::cholesky_solve_x_grad::name};
  return dims_of(op::cholesky_solve_gradient<run>::of(m, shape_of(m, "dout.shape", dout), shape_of(m, "x.shape", x),
                                                      shape_of(m, "y.shape", y), true)
                     .forward.x);
}
dims eigvals_shape(const dims& a) {
  run m{op::eigvals::name};
  return dims_of(op::eigvals::geometry<run>::of(m, shape_of(m, "x.shape", a)).w);
}
dims eigvals_grad_shape(const dims& dw, const dims& a) {
  run m{op::eigvals_grad::name};
  return dims_of(
      op::eigvals_grad::geometry<run>::of(m, shape_of(m, "dw.shape", dw), shape_of(m, "x.shape", a)).forward.a);
}
dims eigvalsh_grad_shape(const dims& dw, const dims& a) {
  run m{op::eigvalsh_grad::name};
  return dims_of(op::eigvalsh_grad::geometry<run>::of(m, shape_of(m, "dw.shape", dw), shape_of(m, "x.shape", a),
                                                      op::eigvalsh::triangle::lower)
                     .forward.a);
}

struct conv_case {
  std::int64_t groups = 1, stride = 1, padding = 0, dilation = 1;
};
op::conv2d::geometry<run> conv2d_geometry(run& m, const dims& x, const dims& w, const conv_case& c) {
  const op::conv2d::attributes<run> a{{c.stride, c.stride},
                                      {c.padding, c.padding, c.padding, c.padding},
                                      {c.dilation, c.dilation},
                                      c.groups,
                                      op::conv2d::layout::nchw};
  return op::conv2d::geometry<run>::of(m, shape_of(m, "x.shape", x), shape_of(m, "weight.shape", w), a);
}
dims conv2d_shape(const dims& x, const dims& w, const conv_case& c = {}) {
  run m{op::conv2d::name};
  return dims_of(conv2d_geometry(m, x, w, c).y);
}
std::int64_t conv2d_terms(const dims& x, const dims& w, const conv_case& c = {}) {
  run m{op::conv2d::name};
  const auto g = conv2d_geometry(m, x, w, c);
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < g.y.numel; ++i)
    g.terms(m, g.pixel_of(m, g.y, {i, {}}), [&](idx<run>, idx<run>) { ++n; });
  return n;
}

// The same by the definition: all taps of all outputs, kept where they read an input.
std::int64_t conv2d_terms_by_definition(const dims& x, const dims& w, const conv_case& c) {
  const dims y = conv2d_shape(x, w, c);
  const auto along = [&](int k) {
    std::int64_t n = 0;
    for (std::int64_t o = 0; o < y[k]; ++o)
      for (std::int64_t t = 0; t < w[k]; ++t) {
        const std::int64_t i = o * c.stride + t * c.dilation - c.padding;
        n += i >= 0 && i < x[k];
      }
    return n;
  };
  return y[0] * y[1] * w[1] * along(2) * along(3);
}

}  // namespace

TEST_CASE("empty shapes: index_sample") {
  CHECK(index_sample_shape({0, 3}, {0, 2}, {}) == dims{0, 2});
  CHECK(index_sample_shape({2, 3}, {2, 0}, {}) == dims{2, 0});
  CHECK(index_sample_shape({2, 0}, {2, 0}, {}) == dims{2, 0});
  CHECK(index_sample_shape({0, 0}, {0, 3}, {}) == dims{0, 3});
  CHECK_THROWS_AS(index_sample_shape({2, 0}, {2, 2}, {0, 0, 0, 0}), invalid_argument);
  CHECK_THROWS_AS(index_sample_shape({2, 3}, {0, 2}, {}), invalid_argument);
  CHECK_THROWS_WITH(index_sample_shape({2, 3}, {2, 1}, {3, 0}),
                    "index_sample: index is 3, its position is 0; every index must lie in 0 .. x.shape[1] - 1");
  CHECK_THROWS_AS(index_sample_shape({2, 3}, {2, 1}, {-1, 0}), invalid_argument);
}

TEST_CASE("empty shapes: copysign") {
  CHECK(copysign_shape({0}, {0}) == dims{0});
  CHECK(copysign_shape({0, 3}, {3}) == dims{0, 3});
  CHECK(copysign_shape({2, 0}, {1, 0}) == dims{2, 0});
  CHECK(copysign_shape({2, 0}, {0}) == dims{2, 0});
  CHECK(copysign_shape({1}, {0}) == dims{0});
  CHECK(copysign_shape({0}, {1}) == dims{0});
  CHECK(copysign_shape({2}, {}) == dims{2});
  CHECK(copysign_shape({}, {}).empty());
  CHECK_THROWS_AS(copysign_shape({0}, {3}), invalid_argument);
}

TEST_CASE("empty shapes: eigvalsh") {
  CHECK(eigvalsh_shape({0, 0}) == dims{0});
  CHECK(eigvalsh_shape({3, 0, 0}) == dims{3, 0});
  CHECK(eigvalsh_shape({0, 2, 2}) == dims{0, 2});
  CHECK(eigvalsh_shape({0, 0, 0}) == dims{0, 0});
  for (const dims& a : {dims{2, 3}, dims{0, 3}, dims{0}, dims{}, dims{2, 0, 3}, dims{40000, 40000}})
    CHECK_THROWS_AS(eigvalsh_shape(a), invalid_argument);
  run m{op::eigvalsh::name};
  CHECK_FALSE(eigvalsh_geometry(m, {3, 0, 0}).lapack(m).call);
  CHECK(eigvalsh_geometry(m, {3, 0, 0}).lapack(m).lda == 1);
  CHECK_FALSE(eigvalsh_geometry(m, {0, 2, 2}).lapack(m).call);
  CHECK(eigvalsh_geometry(m, {5, 3, 2, 2}).matrices == 15);
  CHECK(eigvalsh_geometry(m, {32766, 32766}).lapack(m).syevd_work == 2147418109);
}

TEST_CASE("empty shapes: cholesky_solve and its gradients") {
  struct row {
    dims x, y, out;
  };
  const std::int64_t big = std::int64_t{1} << 40;
  for (const row& r : std::vector<row>{{{0, 0}, {0, 0}, {0, 0}},
                                       {{3, 0}, {3, 3}, {3, 0}},
                                       {{0, 2}, {0, 0}, {0, 2}},
                                       {{0, 3, 2}, {0, 3, 3}, {0, 3, 2}},
                                       {{2, 3, 0}, {2, 3, 3}, {2, 3, 0}},
                                       {{2, 0, 2}, {2, 0, 0}, {2, 0, 2}},
                                       {{0, 3, 2}, {3, 3}, {0, 3, 2}},
                                       {{1, 3, 2}, {0, 3, 3}, {0, 3, 2}},
                                       {{5, 0, 3}, {5, 0, 0}, {5, 0, 3}},
                                       {{big, big, 0, 1}, {0, 0}, {big, big, 0, 1}}}) {
    CHECK(cholesky_solve_shape(r.x, r.y) == r.out);
    CHECK(cholesky_solve_gradient_shape(r.out, r.x, r.y) == r.x);
    CHECK_THROWS_AS(cholesky_solve_gradient_shape({7}, r.x, r.y), invalid_argument);
  }
  for (const auto& [x, y] : std::vector<std::pair<dims, dims>>{{{3, 2}, {0, 0}},
                                                               {{4, 1}, {4, 0}},
                                                               {{0, 1}, {0, 4}},
                                                               {{0, 1}, {4, 4}},
                                                               {{4, 0}, {4, 0}},
                                                               {{5, 2, 4, 3}, {5, 0, 4, 4}},
                                                               {{0, 4, 3}, {5, 4, 4}},
                                                               {{0}, {0, 0}},
                                                               {{0, 0}, {}}})
    CHECK_THROWS_AS(cholesky_solve_shape(x, y), invalid_argument);
  run m{op::cholesky_solve::name};
  const auto matrices = [&](const dims& x, const dims& y) {
    return op::cholesky_solve::geometry<run>::of(m, shape_of(m, "x.shape", x), shape_of(m, "y.shape", y), false)
        .matrices;
  };
  CHECK(matrices({2, 1, 3, 2}, {4, 3, 3}) == 8);
  CHECK(matrices({2, 1, 3, 0}, {4, 3, 3}) == 0);
  CHECK(matrices({2, 0, 2}, {2, 0, 0}) == 0);
}

TEST_CASE("empty shapes: eigvals") {
  CHECK(eigvals_shape({0, 0}) == dims{0});
  CHECK(eigvals_shape({2, 0, 0}) == dims{2, 0});
  CHECK(eigvals_shape({0, 5, 5}) == dims{0, 5});
  CHECK(eigvals_shape({0, 0, 0}) == dims{0, 0});
  for (const dims& a : {dims{}, dims{0}, dims{5, 0}, dims{2, 0, 5}, dims{2, 5, 0}, dims{32, 0}})
    CHECK_THROWS_AS(eigvals_shape(a), invalid_argument);
  run m{op::eigvals::name};
  const auto g = [&](const dims& a) { return op::eigvals::geometry<run>::of(m, shape_of(m, "x.shape", a)); };
  CHECK_FALSE(g({3, 0, 0}).lapack(m).call);
  CHECK(g({3, 0, 0}).lapack(m).lda == 1);
  CHECK_FALSE(g({0, 2, 2}).lapack(m).call);
  CHECK(g({5, 3, 2, 2}).matrices == 15);
  CHECK(g({32766, 32766}).lapack(m).parts == 2147221512);
  CHECK_THROWS_AS(g({32767, 32767}), invalid_argument);
}

TEST_CASE("empty shapes: eigvals_grad") {
  CHECK(eigvals_grad_shape({0}, {0, 0}) == dims{0, 0});
  CHECK(eigvals_grad_shape({2, 0}, {2, 0, 0}) == dims{2, 0, 0});
  CHECK(eigvals_grad_shape({0, 5}, {0, 5, 5}) == dims{0, 5, 5});
  CHECK_THROWS_AS(eigvals_grad_shape({0, 0}, {0, 0}), invalid_argument);
  CHECK_THROWS_AS(eigvals_grad_shape({0}, {0, 5, 5}), invalid_argument);
  CHECK_THROWS_AS(eigvals_grad_shape({0, 4}, {0, 5, 5}), invalid_argument);
  CHECK_THROWS_AS(eigvals_grad_shape({5}, {5, 0}), invalid_argument);
  CHECK_THROWS_AS(eigvals_grad_shape({2, 5}, {2, 5, 0}), invalid_argument);
  CHECK_THROWS_AS(eigvals_grad_shape({}, {0}), invalid_argument);
}

TEST_CASE("empty shapes: eigvalsh_grad") {
  CHECK(eigvalsh_grad_shape({0}, {0, 0}) == dims{0, 0});
  CHECK(eigvalsh_grad_shape({3, 0}, {3, 0, 0}) == dims{3, 0, 0});
  CHECK(eigvalsh_grad_shape({0, 2}, {0, 2, 2}) == dims{0, 2, 2});
  CHECK_THROWS_AS(eigvalsh_grad_shape({0, 0}, {0, 0}), invalid_argument);
  CHECK_THROWS_AS(eigvalsh_grad_shape({0}, {0, 2, 2}), invalid_argument);
  CHECK_THROWS_AS(eigvalsh_grad_shape({0, 3}, {0, 2, 2}), invalid_argument);
  CHECK_THROWS_AS(eigvalsh_grad_shape({2, 0}, {2, 0, 3}), invalid_argument);
  CHECK_THROWS_AS(eigvalsh_grad_shape({}, {0}), invalid_argument);
}

TEST_CASE("empty shapes: conv2d") {
  CHECK(conv2d_shape({0, 3, 4, 4}, {2, 3, 3, 3}) == dims{0, 2, 2, 2});
  CHECK(conv2d_shape({1, 0, 4, 4}, {2, 0, 3, 3}) == dims{1, 2, 2, 2});
  CHECK(conv2d_shape({1, 0, 4, 4}, {2, 0, 3, 3}, {2}) == dims{1, 2, 2, 2});
  CHECK(conv2d_shape({1, 3, 4, 4}, {0, 3, 3, 3}) == dims{1, 0, 2, 2});
  CHECK(conv2d_shape({1, 0, 4, 4}, {0, 0, 3, 3}, {2}) == dims{1, 0, 2, 2});
  CHECK(conv2d_shape({1, 3, 0, 4}, {2, 3, 2, 3}, {1, 1, 1}) == dims{1, 2, 1, 4});
  CHECK(conv2d_shape({1, 3, 0, 0}, {2, 3, 3, 3}, {1, 1, 2}) == dims{1, 2, 2, 2});
  // No input channel, or only padding: no term, so the bias is all there is.
  CHECK(conv2d_terms({1, 0, 4, 4}, {2, 0, 3, 3}) == 0);
  CHECK(conv2d_terms({1, 3, 0, 0}, {2, 3, 3, 3}, {1, 1, 2}) == 0);
  CHECK(conv2d_terms({1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1}) == 1);  // 9 windows, 8 of them padding
}

TEST_CASE("invalid shapes: conv2d") {
  CHECK_THROWS_AS(conv2d_shape({1, 3, 0, 4}, {2, 3, 3, 3}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 3, 0, 4}, {2, 3, 3, 3}, {1, 1, 1}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 3, 4, 4}, {2, 3, 0, 3}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 3, 2, 2}, {2, 3, 3, 3}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({0, 0, 0, 0}, {0, 0, 1, 1}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({0, 3, 2, 2}, {2, 3, 3, 3}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 1, 0, 3}, {1, 1, 1, 1}, {1, 2}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 4, 4, 4}, {2, 0, 3, 3}, {2}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 0, 4, 4}, {2, 3, 3, 3}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 3, 4, 4}, {2, 0, 3, 3}), invalid_argument);
  CHECK_THROWS_WITH(conv2d_shape({1, 3, 4, 4}, {2, 3, 3, 3}, {1, 0}),
                    "conv2d: stride[0] is 0; stride must lie in 1 .. 2^31 - 1");
  CHECK_THROWS_AS(conv2d_shape({1, 3, 4, 4}, {2, 3, 3, 3}, {1, 1, 0, 0}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 3, 4, 4}, {2, 3, 3, 3}, {1, 1, -1}), invalid_argument);
  CHECK_THROWS_AS(conv2d_shape({1, 4, 4, 4}, {2, 4, 3, 3}, {0}), invalid_argument);
}

TEST_CASE("the gradients of conv2d have a term for each term of conv2d") {
  const dims x{2, 4, 5, 6}, w{6, 2, 3, 2};
  for (const std::int64_t stride : {1, 2, 3})
    for (const std::int64_t dilation : {1, 2}) {
      const conv_case c{2, stride, 2, dilation};
      run m{"conv2d"};
      const auto g = conv2d_geometry(m, x, w, c);
      const op::conv2d::attributes<run> a{
          {stride, stride}, {2, 2, 2, 2}, {dilation, dilation}, 2, op::conv2d::layout::nchw};
      std::int64_t by_x = 0, by_w = 0;
      const auto gx = op::conv2d_input_grad::geometry<run>::of(m, g.y, g.weight, g.x, a);
      for (std::int64_t i = 0; i < g.x.numel; ++i)
        gx.terms(m, g.pixel_of(m, g.x, {i, {}}), [&](idx<run>, idx<run>) { ++by_x; });
      const auto gw = op::conv2d_weight_grad::geometry<run>::of(m, g.y, g.x, g.weight, a);
      for (std::int64_t i = 0; i < g.weight.numel; ++i)
        gw.terms(m, gw.tap_of(m, {i, {}}), [&](idx<run>, idx<run>) { ++by_w; });
      CHECK(conv2d_terms(x, w, c) == conv2d_terms_by_definition(x, w, c));
      CHECK(by_x == conv2d_terms(x, w, c));
      CHECK(by_w == conv2d_terms(x, w, c));
    }
}

TEST_CASE("padding SAME as Paddle has it: the odd element after") {
  run m{"conv2d"};
  const auto p = same_padding<run>(m, 5, 4, 2);  // 3 outputs need 8 inputs
  CHECK(p.before == 1);
  CHECK(p.after == 2);
  CHECK(same_padding<run>(m, 4, 1, 2).after == 0);
}

TEST_CASE("the number of elements: zero dimensions, and more than 2^62") {
  run m{"shape"};
  const std::int64_t big = std::int64_t{1} << 40, all = std::int64_t{1} << 62;
  CHECK(shape_of(m, "x.shape", {big, big, 0}).numel == 0);
  CHECK(shape_of(m, "x.shape", {all, 0}).numel == 0);
  CHECK(shape_of(m, "x.shape", {all}).numel == all);
  CHECK_THROWS_AS(shape_of(m, "x.shape", {big, big}), invalid_argument);
  CHECK_THROWS_AS(shape_of(m, "x.shape", {-1}), invalid_argument);
  CHECK_THROWS_AS(shape_of(m, "x.shape", {all + 1, 0}), invalid_argument);
  CHECK_THROWS_AS(shape_of(m, "x.shape", {1, 1, 1, 1, 1, 1, 1, 1, 1}), invalid_argument);
}
