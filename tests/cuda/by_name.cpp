#include <catch2/catch.hpp>

#include <halfulp/cuda_kernels.hpp>
#include <halfulp/kernels/cuda_call.hpp>
#include <halfulp/oracle/ops.hpp>

#include "cuda/on_device.hpp"

namespace halfulp::tests {
namespace {

/// Tensors on the current device.
class device_tensors {
 public:
  tensor_view of(const tensor_type& type) {
    const auto& made = made_.emplace_back(
        std::make_unique<device_bytes>(static_cast<std::size_t>(product(type.shape) * size_of(type.type))));
    return {made->data(), type.type, type.shape, row_major_strides(type.shape), true};
  }
  argument copy(const tensor& t) {
    const tensor_view v = of({t.type(), t.shape()});
    made_.back()->fill(t.bytes().data());
    return {v};
  }
  std::vector<unsigned char> last() const { return made_.back()->read(); }

 private:
  device_copies made_;
};

/// What a refused call says.
std::string refusal(const call& c) {
  try {
    kernels::compute_on_cuda(c.op(), c, [](const tensor_type&) { return tensor_view{}; }, 0, {});
  } catch (const invalid_argument& refused) {
    return refused.what();
  }
  return "";
}

template <class Op>
call named(const argument::list& arguments) {
  return {signature_of<Op>(), arguments, {}};
}

}  // namespace

TEST_CASE("cuda by name: index_sample checks its indices in host memory and reads them on the device") {
  HALFULP_RANDOM(r, 31);
  tensor x(dtype::int64, {7, 11}), index(dtype::int32, {7, 5});
  for (auto& v : x.elements<std::int64_t>()) v = r.between(-1000, 1000);
  for (auto& v : index.elements<std::int32_t>()) v = static_cast<std::int32_t>(r.between(0, 10));
  device_tensors device;
  const call c = named<op::index_sample>({device.copy(x), device.copy(index)});
  kernels::compute_on_cuda("index_sample", c, [&](const tensor_type& t) { return device.of(t); }, 0, {});
  check_cuda(cudaDeviceSynchronize());
  const auto want =
      kernels::compute("index_sample", named<op::index_sample>({{x.view()}, {index.view()}})).outputs.at(0);
  const auto got = device.last();
  CHECK(std::memcmp(got.data(), want.bytes().data(), got.size()) == 0);
  index.elements<std::int32_t>()[3] = 11;
  CHECK_THAT(refusal(named<op::index_sample>({device.copy(x), device.copy(index)})),
             Catch::Contains("every index must lie in"));
}

TEST_CASE("cuda by name: every op has a kernel for each of its types") {
  for_each_op([](auto tag) {
    using spec = typename decltype(tag)::type;
    CAPTURE(spec::name);
    [&]<class... T>(type_list<T...>) {
      CHECK((kernels::has_cuda_kernel<spec, T> && ...));
    }(typename spec::element_types{});
  });
}

TEST_CASE("cuda by name: dtypes that the op does not have are refused") {
  device_tensors device;
  const tensor image(dtype::complex64, {1, 1, 3, 3});
  CHECK_THAT(refusal(named<op::conv2d>({device.copy(image), device.copy(image)})),
             Catch::Contains("x must be of dtype uint8"));
}

TEST_CASE("cuda by name: what has a kernel is known without a device", "[host]") {
  const tensor half(dtype::float16, {1, 1, 3, 3}), flags(dtype::boolean, {1, 1, 3, 3}), matrix(dtype::float32, {2, 2});
  CHECK(kernels::is_on_cuda("conv2d", named<op::conv2d>({{half.view()}, {half.view()}})));
  CHECK_FALSE(kernels::is_on_cuda("conv2d", named<op::conv2d>({{flags.view()}, {flags.view()}})));
  CHECK_FALSE(kernels::is_on_cuda("no_op", named<op::eigvals>({{matrix.view()}})));
  const auto ops = kernels::ops_on_cuda();
  std::size_t known = 0;
  for_each_op([&](auto tag) {
    const std::string name = decltype(tag)::type::name;
    known += static_cast<std::size_t>(std::count(ops.begin(), ops.end(), name));
  });
  CHECK(known == ops.size());
  CHECK(std::count(ops.begin(), ops.end(), "conv2d") == 1);
}

}  // namespace halfulp::tests
