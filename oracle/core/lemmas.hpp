// Drives of the index words: each contract, for all arguments that its precondition allows.
#pragma once

#include <tuple>

#include <halfulp/oracle/core/broadcast.hpp>

namespace halfulp::lemma {

struct fits {
  static constexpr const char* name = "fits";
  template <class M>
  static void drive(M& m) {
    (void)halfulp::fits<M>(m, m.input("a"), m.input("b"), m.input("room"));
  }
};

struct quot {
  static constexpr const char* name = "quot";
  template <class M>
  static void drive(M& m) {
    (void)halfulp::quot<M>(m, m.input("a"), m.input("b"));
  }
};

struct extent {
  static constexpr const char* name = "extent";
  template <class M>
  static void drive(M& m) {
    (void)halfulp::extent<M>(m, m.input("x"));
  }
};

struct round_up {
  static constexpr const char* name = "round_up";
  template <class M>
  static void drive(M& m) {
    (void)halfulp::round_up<M>(m, m.input("a"), m.input("b"));
  }
};

struct split {
  static constexpr const char* name = "split";
  template <class M>
  static void drive(M& m) {
    const idx<M> i{m.input("i"), m.exact(m.input("bound of i"))};
    (void)halfulp::split<M>(m, i, m.exact(m.input("n")), m.input("d"));
  }
};

struct join {
  static constexpr const char* name = "join";
  template <class M>
  static void drive(M& m) {
    const idx<M> hi{m.input("hi"), m.exact(m.input("bound of hi"))};
    const int_of<M> d = m.input("d");
    (void)halfulp::join<M>(m, hi, idx<M>{m.input("lo"), m.exact(d)}, d);
  }
};

struct span {
  static constexpr const char* name = "span";
  template <class M>
  static void drive(M& m) {
    (void)halfulp::span<M>(m, m.input("e"), m.input("s"), m.input("below"), m.input("above"));
  }
};

struct step {
  static constexpr const char* name = "step";
  template <class M>
  static void drive(M& m) {
    (void)halfulp::step<M>(m, m.input("i"), m.input("s"), m.exact(m.input("e")), m.input("reach"));
  }
};

struct product {
  static constexpr const char* name = "product";
  template <class M>
  static void drive(M& m) {
    const int_of<M> a = m.input("a"), b = m.input("b");
    (void)halfulp::product<M>(m, a, m.exact(m.input("top of a")), b, m.exact(m.input("top of b")));
  }
};

struct inside {
  static constexpr const char* name = "inside";
  template <class M>
  static void drive(M& m) {
    (void)halfulp::inside<M>(m, m.input("base"), m.input("stride"), m.input("n"), m.input("in"));
  }
};

struct product_order {
  static constexpr const char* name = "product_order";
  template <class M>
  static void drive(M& m) {
    lemma_product_order<M>(m, m.exact(m.input("x")), m.exact(m.input("y")), m.exact(m.input("d")));
  }
};

struct product_cancel {
  static constexpr const char* name = "product_cancel";
  template <class M>
  static void drive(M& m) {
    lemma_product_cancel<M>(m, m.exact(m.input("x")), m.exact(m.input("y")), m.exact(m.input("d")));
  }
};

struct product_grows {
  static constexpr const char* name = "product_grows";
  template <class M>
  static void drive(M& m) {
    lemma_product_grows<M>(m, m.exact(m.input("x")), m.exact(m.input("y")));
  }
};

struct broadcast_source {
  static constexpr const char* name = "broadcast_source";
  static constexpr bool opaque_quotients = true;  // only what join says of them is needed
  template <class M>
  static void drive(M& m) {
    shape<M> from;
    from.rank = m.pick("rank", 1, max_rank);
    idx<M> at[max_rank] = {};
    for (int k = 0; k < from.rank; ++k) {
      from.dim[k] = m.input("shape", k);
      at[k] = {m.input("position", k), m.exact(from.dim[k])};
    }
    (void)broadcast<M>::source(m, from, at, from.rank);
  }
};

}  // namespace halfulp::lemma

namespace halfulp {

inline constexpr std::tuple all_lemmas{
    lemma::fits{},          lemma::quot{},           lemma::extent{},        lemma::round_up{},         lemma::split{},
    lemma::join{},          lemma::span{},           lemma::step{},          lemma::product{},          lemma::inside{},
    lemma::product_order{}, lemma::product_cancel{}, lemma::product_grows{}, lemma::broadcast_source{},
};

}  // namespace halfulp
