#include "cuda/on_device.hpp"

#include <cstring>

namespace halfulp::tests {
namespace {

/// "conv2d [1, 2, 3, 4]: element 5 is 0x01 and not 0x02"
std::string text_of(const char* name, const tensor& want, std::size_t element, std::size_t width,
                    const unsigned char* got) {
  const auto number = [width](const void* bits) {
    std::string text = "0x";
    for (std::size_t k = width; k-- > 0;) {
      const unsigned byte = static_cast<const unsigned char*>(bits)[k];
      text += "0123456789abcdef"[byte / 16];
      text += "0123456789abcdef"[byte % 16];
    }
    return text;
  };
  return std::string(name) + " " + std::string(name_of(want.type())) + " " + to_string(want.shape()) + ": element " +
         std::to_string(element) + " is " + number(got) + " and not " + number(want.bytes().data() + element * width);
}

}  // namespace

comparison compare_bits(const char* name, const device_bytes& got, const tensor& want) {
  comparison c;
  const auto bits = got.read();
  const auto width = static_cast<std::size_t>(size_of(want.type()));
  for (std::size_t k = 0; k < want.bytes().size(); k += width) {
    if (std::memcmp(bits.data() + k, want.bytes().data() + k, width) == 0) continue;
    if (c.wrong++ == 0) c.first_wrong = text_of(name, want, k / width, width, bits.data() + k);
  }
  c.outputs = want.numel();
  return c;
}

device_outputs::device_outputs(const std::vector<tensor_type>& types) {
  for (const tensor_type& t : types) {
    memory.push_back(std::make_unique<device_bytes>(static_cast<std::size_t>(product(t.shape) * size_of(t.type))));
    view.push_back({memory.back()->data(), t.type, t.shape, row_major_strides(t.shape), true});
  }
}

device_queue::device_queue() {
  const tier_counts none;
  counts_.fill(&none);
  check_cuda(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  check_cuda(cudaDeviceSynchronize());
}
device_queue::~device_queue() {
  (void)cudaStreamDestroy(stream_);
}
kernels::cuda_queue device_queue::get() const {
  return {stream_, nullptr, static_cast<tier_counts*>(counts_.data())};
}
tier_counts device_queue::finish() const {
  check_cuda(cudaStreamSynchronize(stream_));
  tier_counts decided;
  std::memcpy(&decided, counts_.read().data(), sizeof decided);
  return decided;
}

}  // namespace halfulp::tests
