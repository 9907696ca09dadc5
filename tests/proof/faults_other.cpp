// Planted faults of eigvalsh and its gradient, of eigvals, the launch and the index words; vacuous and undecided proofs.
#include <halfulp/oracle/core/launch_drive.hpp>
#include <halfulp/oracle/core/lemmas.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>
#include <halfulp/oracle/ops/eigvals_grad.hpp>
#include <halfulp/oracle/ops/eigvalsh_grad.hpp>

#include "faults.hpp"

using namespace halfulp;
using namespace halfulp::proof;

namespace {

template <class M>
struct other_triangle : op::eigvalsh::geometry<M> {
  using base = op::eigvalsh::geometry<M>;
  static other_triangle of(M& m, const shape<M>& a, op::eigvalsh::triangle t) { return {base::of(m, a, t)}; }
  op::eigvalsh::entry<M> source(M& m, idx<M> b, idx<M> row, idx<M> column) const {
    return base::source(m, b, column, row);
  }
};

template <class M>
struct no_leading_dimension : op::eigvalsh::geometry<M> {
  using base = op::eigvalsh::geometry<M>;
  static no_leading_dimension of(M& m, const shape<M>& a, op::eigvalsh::triangle t) { return {base::of(m, a, t)}; }
  op::eigvalsh::lapack_args<M> lapack(M& m) const {
    auto call = base::lapack(m);
    call.lda = call.n;
    return call;
  }
};

template <class M>
struct call_for_nothing : op::eigvalsh::geometry<M> {
  using base = op::eigvalsh::geometry<M>;
  static call_for_nothing of(M& m, const shape<M>& a, op::eigvalsh::triangle t) { return {base::of(m, a, t)}; }
  op::eigvalsh::lapack_args<M> lapack(M& m) const {
    auto call = base::lapack(m);
    call.call = m.truth(true);
    return call;
  }
};

template <class M>
struct transposed_entry : op::eigvals::geometry<M> {
  using base = op::eigvals::geometry<M>;
  static transposed_entry of(M& m, const shape<M>& a) { return {base::of(m, a)}; }
  idx<M> element(M& m, idx<M> b, idx<M> row, idx<M> column) const { return base::element(m, b, column, row); }
};

template <class M>
struct general_call_for_nothing : op::eigvals::geometry<M> {
  using base = op::eigvals::geometry<M>;
  static general_call_for_nothing of(M& m, const shape<M>& a) { return {base::of(m, a)}; }
  op::eigvals::lapack_args<M> lapack(M& m) const {
    auto call = base::lapack(m);
    call.call = m.truth(true);
    return call;
  }
};

template <class M>
struct row_for_matrix : op::eigvalsh_grad::geometry<M> {
  using base = op::eigvalsh_grad::geometry<M>;
  static row_for_matrix of(M& m, const shape<M>& dw, const shape<M>& x, op::eigvalsh::triangle t) {
    return {base::of(m, dw, x, t)};
  }
  // The row and the matrix change places: a batch of k matrices is read as if it were n.
  op::eigvalsh_grad::place<M> place_of(M& m, idx<M> i) const {
    const auto p = base::place_of(m, i);
    return {p.row, p.matrix, p.column};
  }
};

template <class M>
struct transposed_gradient : op::eigvalsh_grad::geometry<M> {
  using base = op::eigvalsh_grad::geometry<M>;
  static transposed_gradient of(M& m, const shape<M>& dw, const shape<M>& x, op::eigvalsh::triangle t) {
    return {base::of(m, dw, x, t)};
  }
  op::eigvalsh_grad::place<M> place_of(M& m, idx<M> i) const {
    const auto p = base::place_of(m, i);
    return {p.matrix, p.column, p.row};
  }
};

template <class M>
struct general_row_for_matrix : op::eigvals_grad::geometry<M> {
  using base = op::eigvals_grad::geometry<M>;
  static general_row_for_matrix of(M& m, const shape<M>& dw, const shape<M>& x) { return {base::of(m, dw, x)}; }
  op::eigvals_grad::place<M> place_of(M& m, idx<M> i) const {
    const auto p = base::place_of(m, i);
    return {p.row, p.matrix, p.column};
  }
};

template <class M>
struct transposed_general_gradient : op::eigvals_grad::geometry<M> {
  using base = op::eigvals_grad::geometry<M>;
  static transposed_general_gradient of(M& m, const shape<M>& dw, const shape<M>& x) { return {base::of(m, dw, x)}; }
  op::eigvals_grad::place<M> place_of(M& m, idx<M> i) const {
    const auto p = base::place_of(m, i);
    return {p.matrix, p.column, p.row};
  }
};

// The launch with one rule changed.
template <class Rule>
struct launch_with {
  static constexpr const char* name = "launch";
  template <class M>
  static void drive(M& m) {
    launch::drive_as<Rule>(m);
  }
};
template <class Rule>
void check_launch_fault() {
  subject s = subject_of<launch_with<Rule>>();
  s.true_division = true;
  check_refuted(prove_subject(s, short_tries()));
}

struct empty_grid : grid_stride {
  template <class M>
  static grid<M> make(M& m, int_of<M> n) {
    return {m.truth(true), m.min(quot<M>(m, n + threads_per_block - 1, threads_per_block), most_blocks),
            threads_per_block};
  }
};
struct unlimited_grid : grid_stride {
  template <class M>
  static grid<M> make(M& m, int_of<M> n) {
    if (n == 0) return {m.truth(false), 0, 0};
    return {m.truth(true), quot<M>(m, n - 1, threads_per_block) + 1, threads_per_block};
  }
};
struct narrow_index : grid_stride {
  template <class M>
  static int_of<M> next(M& m, int_of<M> i, int_of<M> step) {
    return m.narrow("the index", i) + step;
  }
};
struct idle_block : grid_stride {
  template <class M>
  static thread_work<M> work(M& m, int32_of<M> block, int32_of<M> thread, int32_of<M> blocks, int32_of<M> threads) {
    return {m.wide(block) * threads + thread, m.wide(blocks) * threads + threads};
  }
};

// `split` with its bound off by one, as a lemma.
struct loose_split {
  static constexpr const char* name = "loose_split";
  template <class M>
  static void drive(M& m) {
    const int_of<M> i = m.input("i"), d = m.input("d");
    m.template contract<int_of<M>>(
        "loose_split", [&] { return m.all(m.exact(i) >= 0, m.exact(d) >= 1); }, [&] { return i - i / d * d; },
        [&](int_of<M> r) { return m.all(r >= 0, r < d - 1); });
  }
};

// Claims only where no element is.
struct vacuous_op {
  static constexpr const char* name = "vacuous_op";
  template <class M>
  static void drive(M& m) {
    const int_of<M> n = m.input("n");
    m.assume(m.all(n <= 0));
    m.each("element", n, [&](idx<M> i) { m.claim("never met", [&] { return i.v == 7; }); });
    m.accepted();
  }
};
// Claims behind a condition that the solver cannot see to be impossible: x^3 + y^3 = z^3.
struct hidden_vacuous_op {
  static constexpr const char* name = "hidden_vacuous_op";
  template <class M>
  static void drive(M& m) {
    const int_of<M> x = m.input("x"), y = m.input("y"), z = m.input("z");
    m.assume(m.all(x >= 1, y >= 1, z >= 1, x <= 1000, y <= 1000, z <= 1000));
    const ghost_of<M> a = m.exact(x), b = m.exact(y), c = m.exact(z);
    if (a * a * a + b * b * b == c * c * c) m.claim("met by nothing", [&] { return m.exact(x) <= 1000; });
    m.accepted();
  }
};
// True, and out of the solver's reach.
struct hard_op {
  static constexpr const char* name = "hard_op";
  template <class M>
  static void drive(M& m) {
    const ghost_of<M> x = m.exact(m.input("x")), y = m.exact(m.input("y")), z = m.exact(m.input("z"));
    m.assume(m.all(x >= 1, y >= 1, z >= 1));
    m.claim("no three cubes", [&] { return x * x * x + y * y * y != z * z * z; });
    m.accepted();
  }
};

}  // namespace

TEST_CASE("fault: eigvalsh reads the other triangle") {
  check_fault<with<op::eigvalsh, other_triangle>>();
}
TEST_CASE("fault: eigvalsh gives LAPACK a leading dimension of 0") {
  check_fault<with<op::eigvalsh, no_leading_dimension>>();
}
TEST_CASE("fault: eigvalsh calls LAPACK for an empty batch") {
  check_fault<with<op::eigvalsh, call_for_nothing>>();
}
TEST_CASE("fault: eigvalsh without one of its checks") {
  check_rule_is_needed<op::eigvalsh>("the matrices must be square");
  check_rule_is_needed<op::eigvalsh>("the matrices must be at most 32766 x 32766, for LAPACK's workspace");
}
TEST_CASE("fault: eigvals reads the transpose") {
  check_fault<with<op::eigvals, transposed_entry>>();
}
TEST_CASE("fault: eigvals calls LAPACK for an empty batch") {
  check_fault<with<op::eigvals, general_call_for_nothing>>();
}
TEST_CASE("fault: eigvals without one of its checks") {
  check_rule_is_needed<op::eigvals>("the matrices must be square");
  check_rule_is_needed<op::eigvals>("the matrices must be at most 32766 x 32766, for LAPACK's workspace");
}
TEST_CASE("fault: eigvals_grad takes the row for the matrix") {
  check_fault<with<op::eigvals_grad, general_row_for_matrix>>(50000);
}
TEST_CASE("fault: eigvals_grad is transposed") {
  check_fault<with<op::eigvals_grad, transposed_general_gradient>>(50000);
}
TEST_CASE("fault: eigvals_grad without one of its checks") {
  check_rule_is_needed<op::eigvals_grad>("dw must have the shape of eigvals's result", 50000);
}
TEST_CASE("fault: eigvalsh_grad takes the row for the matrix") {
  check_fault<with<op::eigvalsh_grad, row_for_matrix>>(50000);
}
TEST_CASE("fault: eigvalsh_grad is transposed") {
  check_fault<with<op::eigvalsh_grad, transposed_gradient>>(50000);
}
TEST_CASE("fault: eigvalsh_grad without one of its checks") {
  check_rule_is_needed<op::eigvalsh_grad>("dw must have the shape of eigvalsh's result", 50000);
  check_rule_is_needed<op::eigvalsh_grad>("the matrices must be square", 50000);
}
TEST_CASE("fault: a launch of no block") {
  check_launch_fault<empty_grid>();
}
TEST_CASE("fault: a launch of too many blocks") {
  check_launch_fault<unlimited_grid>();
}
TEST_CASE("fault: a launch whose index is an int32") {
  check_launch_fault<narrow_index>();
}
TEST_CASE("fault: a launch whose step leaves out a block") {
  check_launch_fault<idle_block>();
}
TEST_CASE("fault: a lemma that does not hold") {
  subject s = subject_of<loose_split>();
  s.lemma = s.name;
  check_refuted(prove_subject(s, short_tries()));
}

TEST_CASE("a proof that meets its obligations nowhere is vacuous") {
  const proof_result none = prove_subject(subject_of<vacuous_op>());
  INFO(summary(none));
  CHECK(none.result == outcome::vacuous);
  const proof_result hidden = prove_subject(subject_of<hidden_vacuous_op>());
  INFO(summary(hidden));
  CHECK(hidden.result == outcome::vacuous);
  CHECK(hidden.unreached.size() == 1);
  CHECK(verdict_of(hidden.result) == verdict::unknown);
}

TEST_CASE("what the solver cannot decide is unknown, and never holds") {
  prove_options o;
  o.timeout_ms = 3000;
  const proof_result r = prove_subject(subject_of<hard_op>(), o);
  INFO(summary(r));
  CHECK(r.result == outcome::unknown);
  REQUIRE(r.open.size() == 1);
  CHECK_FALSE(r.open[0].refuted);
  CHECK(verdict_of(std::vector<proof_result>{r}) == verdict::unknown);
}
