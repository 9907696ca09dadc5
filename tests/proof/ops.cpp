// Every op, lemma and the launch: proved for all shapes, and run on small ones with all checks on.
// What takes minutes is tagged [.long]: `make proofs` runs it, `make test` does not.
#include <halfulp/analysis/proof/prove.hpp>

#include <catch2/catch.hpp>

namespace proof = halfulp::proof;

namespace {

const proof::subject& subject_named(const std::string& name) {
  for (const proof::subject& s : proof::all_subjects())
    if (s.name == name) return s;
  throw std::runtime_error("no subject " + name);
}

void check_proved(const std::string& name) {
  for (const proof::proof_result& r : proof::prove(name)) {
    INFO(proof::summary(r));
    CHECK(r.result == proof::outcome::proved);
    CHECK(r.by_solver + r.by_rewriting > 0);
    CHECK(r.open.empty());
  }
}

// At least `least_accepted` of the runs must be of valid inputs, or they say little.
void check_small_shapes(const std::string& name, long runs, long least_accepted) {
  const auto r = proof::run_small_shapes(subject_named(name), runs, 1);
  INFO(name << ": " << r.what << " at " << r.failure.text());
  CHECK_FALSE(r.failed);
  CHECK(r.accepted >= least_accepted);
}

}  // namespace

TEST_CASE("proof: the lemmas hold for all arguments") {
  check_proved("lemmas");
}
TEST_CASE("proof: the launch, for every number of elements") {
  check_proved("launch");
}
TEST_CASE("proof: index_sample") {
  check_proved("index_sample");
}
TEST_CASE("proof: copysign, all pairs of ranks", "[.long]") {
  check_proved("copysign");
}
TEST_CASE("proof: conv2d") {
  check_proved("conv2d");
}
TEST_CASE("proof: conv2d_input_grad") {
  check_proved("conv2d_input_grad");
}
TEST_CASE("proof: conv2d_weight_grad") {
  check_proved("conv2d_weight_grad");
}
TEST_CASE("proof: conv2d_bias_grad") {
  check_proved("conv2d_bias_grad");
}
TEST_CASE("proof: conv2d_transpose", "[.long]") {
  check_proved("conv2d_transpose");
}
TEST_CASE("proof: conv2d_transpose_input_grad", "[.long]") {
  check_proved("conv2d_transpose_input_grad");
}
TEST_CASE("proof: conv2d_transpose_weight_grad", "[.long]") {
  check_proved("conv2d_transpose_weight_grad");
}
TEST_CASE("proof: eigvalsh, all ranks") {
  check_proved("eigvalsh");
}
TEST_CASE("proof: eigvals, all ranks") {
  check_proved("eigvals");
}
TEST_CASE("proof: eigvals_grad, all pairs of ranks") {
  check_proved("eigvals_grad");
}
TEST_CASE("proof: cholesky_solve, all pairs of ranks", "[.long]") {
  check_proved("cholesky_solve");
}
TEST_CASE("proof: cholesky_solve_x_grad, all pairs of ranks", "[.long]") {
  check_proved("cholesky_solve_x_grad");
}
TEST_CASE("proof: cholesky_solve_y_grad, all pairs of ranks", "[.long]") {
  check_proved("cholesky_solve_y_grad");
}
TEST_CASE("proof: eigvalsh_grad, all pairs of ranks", "[.long]") {
  check_proved("eigvalsh_grad");
}

TEST_CASE("proof: expand, all pairs of ranks") {
  check_proved("expand");
}
TEST_CASE("proof: as_strided, all ranks") {
  check_proved("as_strided");
}
TEST_CASE("proof: index_sample_grad") {
  check_proved("index_sample_grad");
}
TEST_CASE("proof: copysign_x_grad, all pairs of ranks", "[.long]") {
  check_proved("copysign_x_grad");
}
TEST_CASE("proof: copysign_y_grad, all pairs of ranks", "[.long]") {
  check_proved("copysign_y_grad");
}
TEST_CASE("proof: expand_grad, all pairs of ranks") {
  check_proved("expand_grad");
}
TEST_CASE("proof: as_strided_grad, all ranks") {
  check_proved("as_strided_grad");
}
TEST_CASE("proof: unique, all ranks and axes") {
  check_proved("unique");
}
TEST_CASE("proof: unique_consecutive, all ranks and axes", "[.long]") {
  check_proved("unique_consecutive");
}

TEST_CASE("proof: index_add, all ranks and axes", "[.long]") {
  check_proved("index_add");
}
TEST_CASE("proof: put_along_axis, all ranks, axes and ranks of values", "[.long]") {
  check_proved("put_along_axis");
}
TEST_CASE("proof: index_put, all ranks", "[.long]") {
  check_proved("index_put");
}
TEST_CASE("proof: gradients of scatters") {
  for (const char* name : {"index_add_value_grad", "put_along_axis_x_grad", "put_along_axis_values_grad",
                           "index_put_x_grad", "index_put_value_grad"})
    check_proved(name);
}

TEST_CASE("proof: a name that is no op is an error") {
  CHECK_THROWS_WITH(proof::prove("conv3d"), Catch::Contains("conv3d"));
}

TEST_CASE("small shapes: no check fails") {
  check_small_shapes("index_sample", 20000, 80);
  check_small_shapes("copysign", 100000, 1000);
  check_small_shapes("conv2d", 200000, 500);
  check_small_shapes("conv2d_input_grad", 200000, 300);
  check_small_shapes("conv2d_weight_grad", 200000, 300);
  check_small_shapes("conv2d_bias_grad", 5000, 500);
  check_small_shapes("conv2d_transpose", 200000, 200);
  check_small_shapes("conv2d_transpose_input_grad", 200000, 100);
  check_small_shapes("conv2d_transpose_weight_grad", 200000, 100);
  check_small_shapes("eigvalsh", 50000, 300);
  check_small_shapes("eigvals", 50000, 300);
  check_small_shapes("eigvals_grad", 50000, 100);
  check_small_shapes("cholesky_solve", 200000, 300);
  check_small_shapes("cholesky_solve_x_grad", 200000, 100);
  check_small_shapes("cholesky_solve_y_grad", 200000, 100);
  check_small_shapes("eigvalsh_grad", 50000, 100);
  check_small_shapes("expand", 100000, 1000);
  check_small_shapes("as_strided", 200000, 300);
  check_small_shapes("index_add", 100000, 1000);
  check_small_shapes("put_along_axis", 100000, 1000);
  check_small_shapes("index_put", 100000, 1000);
  check_small_shapes("index_sample_grad", 50000, 80);
  check_small_shapes("copysign_x_grad", 100000, 300);
  check_small_shapes("copysign_y_grad", 100000, 300);
  check_small_shapes("expand_grad", 100000, 300);
  check_small_shapes("as_strided_grad", 200000, 300);
  check_small_shapes("unique", 100000, 300);
  check_small_shapes("unique_consecutive", 100000, 300);
  check_small_shapes("launch", 1000, 2);
}

TEST_CASE("small shapes: few inputs are run one and all") {
  CHECK(proof::run_small_shapes(subject_named("index_sample"), 20000, 1).exhaustive);
  CHECK(proof::run_small_shapes(subject_named("conv2d_bias_grad"), 5000, 1).exhaustive);
}
