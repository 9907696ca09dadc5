#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

#include <halfulp/oracle/core/call.hpp>
#include <halfulp/oracle/core/scatter.hpp>
#include <halfulp/oracle/core/wrapping_sum.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp {

/// The members that every spec in oracle/ops has, beside its geometry and `drive` (oracle/core/machine.hpp):
///
///   name, schema      the frameworks' signature; apis: the framework functions it stands for
///   element_types     the storage types T it is defined for, and `element_argument`, whose dtype picks T
///   args<T>           validated arguments: spans over contiguous elements, and the geometry
///   bind<T>(call)     args<T>; throws invalid_argument
///   gradients         the op that differentiates it, by input; left out where there is none
///   outputs(args)     dtype and shape of each output; left out where they depend on the elements (a tensor_op then)
///
/// and one of five forms, by what its truth looks like:
///
///   bit_op     value(args, i)            the bits of output element i: no rounding takes place
///   sum_op     accumulate(args, i, sum)  output element i is a sum of terms and products: sum.add, sum.add_product;
///                                        of integers, modulo 2^w
///   scatter_op update(args, j)           the value of update j, which goes to output element target(args, j);
///              updates(args)             how many there are; args.by_target holds those of each element
///              rule(args), self(args)    how they are combined, and with which elements: those before the updates; or
///                                        none at all, and then an element without updates is +0
///   fraction_op fractions(args, i, p, sum)  real component p of output element i is a sum of fractions: sum.add(span of
///              the factors of the numerator, integer denominator)
///   tensor_op  truth_of(args)            outputs that are not element by element (oracle/ops/<op>.cpp)
template <class Op, class T>
using args_of = typename Op::template args<T>;

/// Records that a sum is asked for, without computing one: for the concept below.
template <class T>
struct any_sum {
  void add(T) {}
  void add_product(T, T) {}
};

template <class Op, class T>
concept bit_op = requires(const args_of<Op, T>& a, std::int64_t i) {
  { Op::value(a, i) } -> std::same_as<T>;
};

template <class Op, class T>
concept sum_op = requires(const args_of<Op, T>& a, std::int64_t i, any_sum<T>& s) {
  Op::accumulate(a, i, s);
};

template <class Op, class T>
concept scatter_op = requires(const args_of<Op, T>& a, std::int64_t j) {
  { Op::update(a, j) } -> std::same_as<T>;
  { Op::target(a, j) } -> std::same_as<std::int64_t>;
  { Op::updates(a) } -> std::same_as<std::int64_t>;
  { Op::rule(a) } -> std::same_as<scatter_rule>;
  { Op::self(a) } -> std::same_as<std::span<const T>>;
  { a.by_target } -> std::convertible_to<updates_by_target>;
};

/// Records that a sum of fractions is asked for.
struct any_fraction_sum {
  void add(std::span<const double>, std::int64_t) {}
};

template <class Op, class T>
concept fraction_op = requires(const args_of<Op, T>& a, std::int64_t i, any_fraction_sum& s) {
  Op::fractions(a, i, 0, s);
};

template <class Op, class T>
concept tensor_op = requires(const args_of<Op, T>& a) {
  { Op::truth_of(a) } -> std::same_as<std::vector<truth>>;
};

/// Output element i of integers: its sum modulo 2^w.
template <class Op, class T>
T wrapped_sum(const args_of<Op, T>& a, std::int64_t i) {
  wrapping_sum<T> sum;
  Op::accumulate(a, i, sum);
  return sum.value();
}

/// Whether dtypes and shapes of the outputs are known before anything is computed.
template <class Op, class T>
concept fixed_outputs = requires(const args_of<Op, T>& a) {
  { Op::outputs(a) } -> std::same_as<std::vector<tensor_type>>;
};

/// Whether Op can be differentiated, by some of its inputs at least.
template <class Op>
concept differentiable = requires {
  Op::gradients.size();
};

/// The signature of Op, parsed once.
template <class Op>
const signature& signature_of() {
  static const signature s = signature::parse(Op::schema);
  return s;
}

/// "float16, bfloat16, float32": the dtypes of a list, for messages.
template <class... T>
std::string names_of(type_list<T...>) {
  std::string text;
  ((text += (text.empty() ? "" : ", ") + std::string(name_of(dtype_of<T>))), ...);
  return text;
}

/// Binds c and calls f(type_tag<T>{}, args) with the T that the dtype of Op::element_argument picks.
/// Throws invalid_argument where c is not a valid call of Op.
template <class Op, class F>
void visit_args(const call& c, F f) {
  const bool known = visit_dtype(c.tensor(Op::element_argument).type, typename Op::element_types{},
                                 [&](auto tag) { f(tag, Op::template bind<typename decltype(tag)::type>(c)); });
  if (!known) c.refuse(Op::element_argument, "must be of dtype " + names_of(typename Op::element_types{}));
}

}  // namespace halfulp
