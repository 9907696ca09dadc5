#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops.hpp>

namespace halfulp::kernels {

result compute(std::string_view op, const call& c) {
  result r;
  const bool known = visit_op(op, [&](auto tag) {
    using Op = typename decltype(tag)::type;
    visit_args<Op>(c, [&](auto element, const auto& a) {
      std::vector<tensor_view> views;
      for (const tensor_type& t : Op::outputs(a)) r.outputs.emplace_back(t.type, t.shape);
      for (const tensor& t : r.outputs) views.push_back(t.view());
      r.decided = compute<Op, typename decltype(element)::type>(a, views);
    });
  });
  if (!known) throw invalid_argument("halfulp", "the ops are " + names_of_ops(), {{"op", std::string(op)}});
  return r;
}

}  // namespace halfulp::kernels
