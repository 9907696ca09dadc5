// halfulp's CUDA kernels, by name, on copies of a case's tensors.
#include <halfulp/analysis/backends/on_gpu.hpp>
#include <halfulp/build_info.hpp>
#include <halfulp/kernels/cuda_call.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace halfulp::analysis {
namespace {

/// The same call on copies of its tensors in memory of the device.
class device_call {
 public:
  explicit device_call(const call& c) {
    const signature& s = signature_named(c.op());
    std::map<std::string, argument> named;
    for (const parameter& p : s.parameters) named[p.name] = copied(c.at(p.name));
    call_.emplace(s, argument::list{}, named);
  }
  const call& get() const { return *call_; }
  tensor_view room(const tensor_type& t) {
    const auto bytes = static_cast<std::size_t>(product(t.shape) * size_of(t.type));
    return {memory_.room(bytes), t.type, t.shape, row_major_strides(t.shape), true};
  }
  tier_counts* counts() {
    const tier_counts none;
    return memory_.copy(&none, 1);
  }

 private:
  argument copied(const argument& a) {
    if (const auto* list = std::get_if<argument::list>(&a.value)) {
      argument::list items;
      for (const argument& item : *list) items.push_back(copied(item));
      return {items};
    }
    const auto* given = std::get_if<tensor_view>(&a.value);
    if (given == nullptr) return a;
    tensor keep;
    const tensor_view from = contiguous(*given, keep);
    const auto bytes = static_cast<std::size_t>(from.numel() * size_of(from.type));
    return {tensor_view{memory_.copy(static_cast<const std::byte*>(from.data), bytes), from.type, from.shape,
                        row_major_strides(from.shape), true}};
  }

  gpu::memory memory_;
  std::optional<call> call_;
};

answer computed(const std::string& op, const call& k) {
  device_call on_device(k);
  std::vector<tensor_view> made;
  const kernels::cuda_queue queue{nullptr, nullptr, on_device.counts(), nullptr};
  kernels::compute_on_cuda(
      op, on_device.get(), [&](const tensor_type& t) { return made.emplace_back(on_device.room(t)); }, 0, queue);
  answer a;
  for (const tensor_view& v : made) {
    const tensor& out = a.outputs.emplace_back(v.type, v.shape);
    gpu::read(out.bytes().data(), static_cast<const std::byte*>(v.data), out.bytes().size());
  }
  gpu::read(&a.decided.emplace(), queue.decided, 1);
  return a;
}

class cuda_kernels : public backend {
 public:
  nlohmann::json describe() override {
    nlohmann::json settings = build_settings();
    settings.update(gpu::settings());
    settings["ops"] = kernels::ops_on_cuda();
    return {{"name", "cuda"}, {"version", build_info::version}, {"threads", 1}, {"settings", settings}};
  }
  answer run(const test_case& c) override {
    return answer_with(c, [](const std::string& op, const call& k) {
      if (!kernels::is_on_cuda(op, k)) throw unsupported("no CUDA kernel of " + op + " for this dtype");
      try {
        return computed(op, k);
      } catch (const device_error& e) {
        if (e.code != static_cast<int>(cudaErrorNotSupported)) throw;
        throw unsupported(e.call);
      }
    });
  }
};

}  // namespace
}  // namespace halfulp::analysis

int main() {
  return halfulp::analysis::gpu::serve<halfulp::analysis::cuda_kernels>("cuda");
}
