#include <halfulp/kernels/kernel.hpp>

#include <cstring>

#include <halfulp/oracle/ops.hpp>

namespace halfulp::kernels {
namespace {

template <class Op, class T>
tier_counts compute_into(const args_of<Op, T>& a, const make_output& make) {
  if constexpr (fixed_outputs<Op, T>) {
    std::vector<tensor_view> views;
    for (const tensor_type& t : Op::outputs(a)) views.push_back(make(t));
    return compute<Op, T>(a, views);
  } else {
    const result found = compute_found<Op, T>(a);
    for (const tensor& t : found.outputs) {
      const tensor_view to = make({t.type(), t.shape()});
      if (t.numel() > 0) std::memcpy(to.data, t.bytes().data(), t.bytes().size());
    }
    return found.decided;
  }
}

}  // namespace

tier_counts compute(std::string_view op, const call& c, const make_output& make) {
  tier_counts decided;
  const bool known = visit_op(op, [&](auto tag) {
    using Op = typename decltype(tag)::type;
    visit_args<Op>(
        c, [&](auto element, const auto& a) { decided = compute_into<Op, typename decltype(element)::type>(a, make); });
  });
  if (!known) throw invalid_argument("halfulp", "the ops are " + names_of_ops(), {{"op", std::string(op)}});
  return decided;
}

result compute(std::string_view op, const call& c) {
  result r;
  r.decided = compute(op, c, [&r](const tensor_type& t) { return r.outputs.emplace_back(t.type, t.shape).view(); });
  return r;
}

}  // namespace halfulp::kernels
