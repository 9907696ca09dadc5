#include <complex>
#include <limits>

#include "cuda/case_turns.hpp"
#include "cuda/hermitian.hpp"
#include "cuda/scaled.hpp"

namespace halfulp::tests {
namespace {

using gallery::kind;

void check(const comparison& c) {
  CAPTURE(c.outputs, c.first_wrong);
  CHECK(c.wrong == 0);
  CHECK(total(c.decided) == c.outputs);
  CHECK(c.by_host <= c.outputs);
}

/// Memory from the driver, counted.
class counting_memory final : public kernels::cuda_memory {
 public:
  void* allocate(std::size_t bytes, void* stream) override {
    void* p = nullptr;
    check_cuda(cudaMallocAsync(&p, bytes, static_cast<cudaStream_t>(stream)));
    ++taken;
    return p;
  }
  void release(void* memory, void* stream) override {
    check_cuda(cudaFreeAsync(memory, static_cast<cudaStream_t>(stream)));
    ++given_back;
  }
  int taken = 0, given_back = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("cuda eigvalsh: every kind of the gallery has the bits of the CPU", "", float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 40);
  const auto kinds = every_kind();
  for (const int n : {1, 2, 3, 5, 12}) {
    CAPTURE(n);
    check(compare_eigvalsh<TestType>(gallery_batch<TestType>(r, kinds, n), n % 2 == 0 ? "U" : "L"));
  }
}

TEMPLATE_TEST_CASE("cuda eigvalsh: random matrices of every way of working have the bits of the CPU", "", float16,
                   bfloat16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 41);
  std::size_t turn = 0;
  struct batch {
    std::int64_t matrices, n;
  };
  for (const auto [matrices, n] : {batch{7, 4}, batch{7, 31}, batch{7, 32}, batch{7, 33}, batch{7, 64}, batch{7, 65},
                                   batch{1, 97}, batch{7, 128}, batch{7, 129}, batch{5, 160}, batch{5, 161},
                                   batch{5, 200}, batch{2, 300}, batch{25, 130}, batch{7, 256}, batch{25, 258}}) {
    if (!has_turn(turn++, dtype_of<TestType>)) continue;
    // for slow tools as few and as small as are still worked on in the same way
    constexpr std::int64_t parts = is_complex<TestType> ? 2 : 1;
    const std::int64_t least = ((parts * n > 256 ? 257 : 164) + parts - 1) / parts;
    const std::int64_t count = scaled(matrices, std::min<std::int64_t>(matrices, 5)),
                       rows = scaled(n, std::min(n, least));
    CAPTURE(count, rows);
    const auto c = compare_eigvalsh<TestType>(uniform_batch<TestType>(r, count, rows), n % 2 == 0 ? "l" : "u");
    check(c);
    CHECK(c.by_host == 0);
  }
}

TEMPLATE_TEST_CASE("cuda eigvalsh: eigenvalues on rounding midpoints and beside them have the bits of the CPU", "",
                   float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 42);
  for (std::int64_t k = 0; k < repeats(6); ++k) {
    const auto near =
        gallery::near_midpoint<TestType>(static_cast<int>(r.between(1, 3)), r.between(0, 1) == 1, r.bits());
    tensor x(dtype_of<TestType>, {near.matrix.n, near.matrix.n});
    const auto elements = gallery::elements<TestType>(near.matrix);
    std::copy(elements.begin(), elements.end(), x.elements<TestType>().begin());
    check(compare_eigvalsh<TestType>(x));
  }
}

TEMPLATE_TEST_CASE("cuda eigvalsh: a NaN or an infinity makes its own matrix NaN, where it is read", "", float16, float,
                   double, std::complex<float>) {
  using R = component_t<TestType>;
  HALFULP_RANDOM(r, 43);
  tensor x = uniform_batch<TestType>(r, 6, 5);
  const auto at = [&](std::size_t m, std::size_t row, std::size_t column) -> TestType& {
    return x.elements<TestType>()[(m * 5 + row) * 5 + column];
  };
  at(1, 3, 2) = canonical_nan<R>();
  at(2, 4, 4) = infinity_of<R>(true);
  at(3, 1, 4) = canonical_nan<R>();  // in the other triangle
  at(5, 0, 0) = canonical_nan<R>();
  check(compare_eigvalsh<TestType>(x));
  check(compare_eigvalsh<TestType>(x, "U"));
}

TEST_CASE("cuda eigvalsh: a binary64 matrix that scaling would change is left to the CPU, and no other") {
  tensor x(dtype::float64, {2, 2, 2});
  const double values[] = {1e300, 5e-324, 5e-324, -1e300, 3, 1, 1, 2};
  std::copy(std::begin(values), std::end(values), x.elements<double>().begin());
  const auto c = compare_eigvalsh<double>(x);
  check(c);
  CHECK(c.by_host == 2);
}

TEST_CASE("cuda eigvalsh: random float32 matrices need nothing of the CPU, and binary64 decides nearly all") {
  HALFULP_RANDOM(r, 44);
  const auto c = compare_eigvalsh<float>(uniform_batch<float>(r, 200, 32));
  CHECK(c.wrong == 0);
  CHECK(c.by_host == 0);
  CHECK(100 * c.decided[tier::binary64] > 98 * c.outputs);
  CHECK(c.decided[tier::double_double] == c.outputs - c.decided[tier::binary64]);
}

TEST_CASE("cuda eigvalsh: empty batches and empty matrices write nothing") {
  for (const extents& shape : {extents{0, 0}, extents{0, 5, 5}, extents{2, 0, 0}, extents{3, 0, 7, 7}}) {
    const tensor x(dtype::float32, shape);
    const auto c = compare_eigvalsh<float>(x);
    CAPTURE(to_string(shape));
    check(c);
    CHECK(c.outputs == 0);
  }
}

TEST_CASE("cuda eigvalsh: workspace comes from the caller's memory and goes back to it") {
  HALFULP_RANDOM(r, 45);
  for (const std::int64_t n : {20, 300}) {
    const tensor x = uniform_batch<float>(r, 2, n);
    device_copies keep;
    const auto a = on_device(op::eigvalsh::bind<float>(call_for<op::eigvalsh>({{x.view()}})), keep);
    const device_bytes out(static_cast<std::size_t>(2 * n) * sizeof(float));
    const extents shape{2, n};
    const tensor_view view{out.data(), dtype::float32, shape, row_major_strides(shape), true};
    counting_memory memory;
    kernels::compute_on_cuda<op::eigvalsh, float>(a, {&view, 1}, {nullptr, &memory});
    check_cuda(cudaDeviceSynchronize());
    CHECK(memory.taken > 0);
    CHECK(memory.given_back == memory.taken);
  }
}

}  // namespace halfulp::tests
