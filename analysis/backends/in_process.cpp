#include <halfulp/analysis/backends/in_process.hpp>

#include <chrono>

#include <cblas.h>

#include <halfulp/build_info.hpp>
#include <halfulp/oracle/ops.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace halfulp::analysis {

namespace {

/// Whether the op is defined for the dtype at hand. What it is not defined for is no invalid call: frameworks may well
/// answer it.
void require_known_dtype(const call& k) {
  visit_op(k.op(), [&](auto tag) {
    using op = typename decltype(tag)::type;
    const dtype type = k.tensor(op::element_argument).type;
    if (visit_dtype(type, typename op::element_types{}, [](auto) {})) return;
    throw unsupported(k.op() + ": " + op::element_argument + " is " + to_string(k.at(op::element_argument)) +
                      "; halfulp has it for " + names_of(typename op::element_types{}));
  });
}

}  // namespace

answer answer_with(const test_case& c, const std::function<answer(const std::string&, const call&)>& compute) {
  using clock = std::chrono::steady_clock;
  try {
    const prepared_case p = prepare(c);
    const call k(signature_named(p.op), p.args, p.kwargs);
    require_known_dtype(k);
    const auto start = clock::now();
    answer a = compute(p.op, k);
    if (a.seconds == 0) a.seconds = std::chrono::duration<double>(clock::now() - start).count();
    return a;
  } catch (const malformed_case& e) {
    return answer::of(failure::malformed, e.what());
  } catch (const invalid_argument& e) {
    return answer::of(failure::invalid_argument, e.what());
  } catch (const undecided& e) {
    return answer::of(failure::undecided, e.what());
  } catch (const unsupported& e) {
    return answer::of(failure::unsupported, e.what());
  } catch (const std::bad_alloc&) {
    return answer::of(failure::failed, "not enough memory");
  } catch (const std::exception& e) {
    return answer::of(failure::failed, e.what());
  }
}

nlohmann::json build_settings() {
  return {{"compiler", build_info::compiler},
          {"build type", build_info::build_type},
          {"sanitizers", build_info::sanitizers}};
}

nlohmann::json openblas_settings() {
  return {
      {"config", openblas_get_config()}, {"core", openblas_get_corename()}, {"threads", openblas_get_num_threads()}};
}

}  // namespace halfulp::analysis
