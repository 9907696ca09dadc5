// Proofs of the index code that the kernels run: for every shape with dimensions up to 2^62 and rank up to 8,
// no access out of bounds, no division by zero, no overflow of int64, no output element unwritten or written
// twice, no illegal launch, and exactly the inputs accepted that the specification calls valid.
//
// Trusted: the specifications (the drives), the machines, z3, compilers, the sizes of the callers' buffers and
// vendor libraries. Not covered: floating-point values, shared memory and barriers, failed allocation.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <halfulp/analysis/proof/options.hpp>
#include <halfulp/analysis/proof/result.hpp>
#include <halfulp/analysis/proof/subject.hpp>

namespace halfulp::proof {

// Everything there is to prove: the lemmas ("lemma join", ...), "launch", and every op of all_ops.
const std::vector<subject>& all_subjects();

// The lemmas, the launch and the ops whose name is `filter`; all of them if it is empty. An op brings no
// lemma with it: prove "" or "lemmas" too. "lemmas" means all lemmas.
// Calls `done` after each proof. Throws invalid_argument if nothing has that name.
std::vector<proof_result> prove(std::string_view filter = "", const prove_options& options = {},
                                const std::function<void(const proof_result&)>& done = {});

proof_result prove_subject(const subject& s, const prove_options& options = {});

// All results together: fails if one is refuted, holds if all are proved.
verdict verdict_of(const std::vector<proof_result>& results);

// One line for people: "conv2d: proved, 512 obligations by z3 and 96 by rewriting, 40 paths, 3.1 s".
std::string summary(const proof_result& r);

// Runs the subject on small shapes with all checks on: every one with inputs in -1 .. 3 if there are at most
// `most_runs`, else that many at random from `seed`.
struct small_shapes_result {
  long accepted = 0, rejected = 0, skipped = 0;
  bool exhaustive = false;
  bool failed = false;
  scenario failure;  // if failed
  std::string what;
};
small_shapes_result run_small_shapes(const subject& s, long most_runs, unsigned seed,
                                     const std::string& forgotten_rule = "");

}  // namespace halfulp::proof
