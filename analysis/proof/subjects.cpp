// The drives of all ops and lemmas, instantiated on both machines.
#include <tuple>

#include <halfulp/analysis/proof/prove.hpp>
#include <halfulp/analysis/proof/subject_of.hpp>
#include <halfulp/oracle/core/launch_drive.hpp>
#include <halfulp/oracle/core/lemmas.hpp>
#include <halfulp/oracle/ops.hpp>

namespace halfulp::proof {

namespace {

std::vector<subject> make_subjects() {
  std::vector<subject> all;
  std::apply([&](auto... l) { (all.push_back(subject_of_lemma<decltype(l)>()), ...); }, all_lemmas);
  all.push_back(subject_of<launch>());
  all.back().true_division = true;
  for_each_op([&](auto tag) { all.push_back(subject_of<typename decltype(tag)::type>()); });
  return all;
}

}  // namespace

const std::vector<subject>& all_subjects() {
  static const std::vector<subject> all = make_subjects();
  return all;
}

}  // namespace halfulp::proof
