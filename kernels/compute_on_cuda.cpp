#include <deque>
#include <map>
#include <string>
#include <vector>

#include <halfulp/cuda_kernels.hpp>
#include <halfulp/kernels/core/spans.hpp>
#include <halfulp/kernels/core/workspace.hpp>
#include <halfulp/kernels/cuda_call.hpp>
#include <halfulp/kernels/cuda_found.hpp>
#include <halfulp/oracle/ops.hpp>

namespace halfulp::kernels {
namespace {

using cuda::check;

/// Whether bind looks at elements, and not at indices only: copysign refuses some integers.
template <class Op>
constexpr bool checks_elements = std::is_same_v<Op, op::copysign>;

/// Makes a device the current one, while it lives.
class device_scope {
 public:
  explicit device_scope(int device) {
    check(cudaGetDevice(&before_), "cudaGetDevice");
    check(cudaSetDevice(device), "cudaSetDevice");
  }
  ~device_scope() { (void)cudaSetDevice(before_); }
  device_scope(const device_scope&) = delete;
  device_scope& operator=(const device_scope&) = delete;

 private:
  int before_ = 0;
};

/// A call as `bind` takes it. What bind may read is copied to the host; of the rest it keeps the address.
class readable_call {
 public:
  readable_call(const call& c, const signature& s, std::string_view element_argument, bool reads_elements,
                const cuda_queue& queue)
      : queue_(queue) {
    for (const parameter& p : s.parameters)
      named_[p.name] = readable(c.at(p.name), reads_elements || p.name != element_argument);
    if (!copies_.empty()) check(cudaStreamSynchronize(cuda::stream_of(queue)), "cudaStreamSynchronize");
  }
  call get(const signature& s) const { return {s, {}, named_}; }

  /// Turns a span of host memory into one of the device: of what was copied from there, or of a copy made now, of what
  /// bind made itself.
  template <class T>
  void operator()(std::span<const T>& s) {
    if (s.empty()) return;
    const auto* first = reinterpret_cast<const std::byte*>(s.data());
    for (const void* given : on_device_)
      if (given == first) return;
    for (const copy& k : copies_)
      if (k.host.view().data == first) {
        s = {static_cast<const T*>(k.device), s.size()};
        return;
      }
    const cuda::workspace& w = made_.emplace_back(queue_, s.size_bytes());
    check(cudaMemcpyAsync(w.at<void>(), first, s.size_bytes(), cudaMemcpyHostToDevice, cuda::stream_of(queue_)),
          "cudaMemcpyAsync");
    s = {w.at<const T>(), s.size()};
  }

 private:
  struct copy {
    tensor host;
    const void* device;
  };

  argument readable(const argument& a, bool may_be_read) {
    if (const auto* list = std::get_if<argument::list>(&a.value)) {
      argument::list items;
      for (const argument& item : *list) items.push_back(readable(item, may_be_read));
      return {items};
    }
    const auto* given = std::get_if<tensor_view>(&a.value);
    if (given == nullptr) return a;
    if (may_be_read && given->type < dtype::float16 && given->numel() > 0) return {copied(*given)};
    on_device_.push_back(given->data);
    tensor_view v = *given;
    v.on_cuda = false;
    return {v};
  }
  tensor_view copied(const tensor_view& given) {
    const copy& k = copies_.emplace_back(copy{tensor(given.type, given.shape), given.data});
    check(cudaMemcpyAsync(k.host.view().data, given.data, k.host.bytes().size(), cudaMemcpyDeviceToHost,
                          cuda::stream_of(queue_)),
          "cudaMemcpyAsync");
    return k.host.view();
  }

  const cuda_queue& queue_;
  std::map<std::string, argument> named_;
  std::vector<const void*> on_device_;
  std::deque<copy> copies_;
  std::deque<cuda::workspace> made_;
};

/// The element types of Op's CUDA kernel.
template <class Op, class... T>
std::string cuda_types_of(type_list<T...>) {
  std::string text;
  ((text += has_cuda_kernel<Op, T> ? (text.empty() ? "" : ", ") + std::string(name_of(dtype_of<T>)) : ""), ...);
  return text;
}

template <class Op>
[[noreturn]] void refuse(const call& c) {
  const std::string types = cuda_types_of<Op>(typename Op::element_types{});
  if (types.empty())
    throw invalid_argument(Op::name, "it has no CUDA kernel: its tensors must lie in host memory",
                           {{"device", "cuda"}});
  c.refuse(Op::element_argument, "must be of dtype " + types + " on a GPU");
}

std::vector<tensor_view> made(const std::vector<tensor_type>& types, const make_output& make) {
  std::vector<tensor_view> outputs;
  for (const tensor_type& t : types) outputs.push_back(make(t));
  return outputs;
}

/// The outputs of unique for `found` values.
template <class T, class Args>
std::vector<tensor_type> types_of_found(const Args& a, std::int64_t found) {
  std::vector<tensor_type> types{{dtype_of<T>, op::unique_values_shape(a.shape, found)}};
  if (a.index) types.push_back({a.index_type, {found}});
  if (a.inverse) types.push_back({a.index_type, op::unique_inverse_shape(a.shape)});
  if (a.counts) types.push_back({a.index_type, {found}});
  return types;
}

std::size_t bytes_of(const tensor_type& t) {
  return static_cast<std::size_t>(product(t.shape) * size_of(t.type));
}

/// Outputs of a size that only the device finds: computed into workspace, and copied once the host knows it.
template <class Op, class T>
void compute_found(const args_of<Op, T>& a, const make_output& make, const cuda_queue& queue) {
  std::deque<cuda::workspace> room;
  std::vector<tensor_view> most;
  for (const tensor_type& t : types_of_found<T>(a, a.shape.slices))
    most.push_back(
        {room.emplace_back(queue, bytes_of(t)).at<void>(), t.type, t.shape, row_major_strides(t.shape), true});
  const cuda::workspace count(queue, sizeof(std::int64_t));
  compute_found_on_cuda<Op, T>(a, most, count.at<std::int64_t>(), queue);
  const cudaStream_t stream = cuda::stream_of(queue);
  std::int64_t found = 0;
  check(cudaMemcpyAsync(&found, count.at<void>(), sizeof(found), cudaMemcpyDeviceToHost, stream), "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  const auto types = types_of_found<T>(a, found);
  const auto outputs = made(types, make);
  for (std::size_t k = 0; k < types.size(); ++k)
    if (bytes_of(types[k]) > 0)
      check(cudaMemcpyAsync(outputs[k].data, most[k].data, bytes_of(types[k]), cudaMemcpyDeviceToDevice, stream),
            "cudaMemcpyAsync");
}

template <class Op, class T>
void compute_as(const call& c, const make_output& make, const cuda_queue& queue) {
  if constexpr (!has_cuda_kernel<Op, T>) {
    refuse<Op>(c);
  } else {
    const signature& s = signature_of<Op>();
    readable_call readable(c, s, Op::element_argument, checks_elements<Op>, queue);
    auto a = Op::template bind<T>(readable.get(s));
    for_each_span(a, readable);
    if constexpr (fixed_outputs<Op, T>)
      compute_on_cuda<Op, T>(a, made(Op::outputs(a), make), queue);
    else
      compute_found<Op, T>(a, make, queue);
  }
}

}  // namespace

void compute_on_cuda(std::string_view op, const call& c, const make_output& make, int device, const cuda_queue& queue) {
  const device_scope current(device);
  const bool known = visit_op(op, [&](auto tag) {
    using Op = typename decltype(tag)::type;
    const bool computed =
        visit_dtype(c.tensor(Op::element_argument).type, typename Op::element_types{},
                    [&](auto element) { compute_as<Op, typename decltype(element)::type>(c, make, queue); });
    if (!computed) refuse<Op>(c);
  });
  if (!known) throw invalid_argument("halfulp", "the ops are " + names_of_ops(), {{"op", std::string(op)}});
}

bool is_on_cuda(std::string_view op, const call& c) {
  bool has = false;
  visit_op(op, [&](auto tag) {
    using Op = typename decltype(tag)::type;
    visit_dtype(c.tensor(Op::element_argument).type, typename Op::element_types{},
                [&](auto element) { has = has_cuda_kernel<Op, typename decltype(element)::type>; });
  });
  return has;
}

std::vector<std::string> ops_on_cuda() {
  std::vector<std::string> names;
  for_each_op([&](auto tag) {
    using Op = typename decltype(tag)::type;
    if (!cuda_types_of<Op>(typename Op::element_types{}).empty()) names.emplace_back(Op::name);
  });
  return names;
}

}  // namespace halfulp::kernels
