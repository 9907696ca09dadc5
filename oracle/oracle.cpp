#include <halfulp/oracle/oracle.hpp>

#include <halfulp/oracle/evaluate.hpp>
#include <halfulp/oracle/ops.hpp>

namespace halfulp {
namespace {

template <class F>
void visit_known_op(std::string_view op, F f) {
  if (!visit_op(op, f)) throw invalid_argument("halfulp", "the ops are " + names_of_ops(), {{"op", std::string(op)}});
}

}  // namespace

std::vector<truth> evaluate(std::string_view op, const call& c) {
  std::vector<truth> t;
  visit_known_op(op, [&](auto tag) {
    using Op = typename decltype(tag)::type;
    visit_args<Op>(c, [&](auto element, const auto& a) { t = evaluate<Op, typename decltype(element)::type>(a); });
  });
  return t;
}

const signature& signature_named(std::string_view op) {
  const signature* s = nullptr;
  visit_known_op(op, [&](auto tag) { s = &signature_of<typename decltype(tag)::type>(); });
  return *s;
}

}  // namespace halfulp
