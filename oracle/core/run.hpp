// The machine that kernels and the oracle run on: plain int64. Only `require` does anything.
#pragma once

#include <halfulp/oracle/core/error.hpp>
#include <halfulp/oracle/core/machine.hpp>

namespace halfulp {

// Stands for an exact integer of a proof; holds nothing.
struct no_ghost {
  no_ghost() = default;
  template <class T>
  HALFULP_HOST_DEVICE constexpr no_ghost(T) {}  // NOLINT(google-explicit-constructor): a number
  HALFULP_HOST_DEVICE friend constexpr no_ghost operator+(no_ghost, no_ghost) { return {}; }
  HALFULP_HOST_DEVICE friend constexpr no_ghost operator-(no_ghost, no_ghost) { return {}; }
  HALFULP_HOST_DEVICE friend constexpr no_ghost operator*(no_ghost, no_ghost) { return {}; }
  HALFULP_HOST_DEVICE friend constexpr bool operator==(no_ghost, no_ghost) { return true; }
  HALFULP_HOST_DEVICE friend constexpr bool operator!=(no_ghost, no_ghost) { return true; }
  HALFULP_HOST_DEVICE friend constexpr bool operator<(no_ghost, no_ghost) { return true; }
  HALFULP_HOST_DEVICE friend constexpr bool operator<=(no_ghost, no_ghost) { return true; }
  HALFULP_HOST_DEVICE friend constexpr bool operator>(no_ghost, no_ghost) { return true; }
  HALFULP_HOST_DEVICE friend constexpr bool operator>=(no_ghost, no_ghost) { return true; }
};

struct run {
  using integer = std::int64_t;
  using integer32 = std::int32_t;
  using boolean = bool;
  using ghost = no_ghost;

  template <class T>
  struct buffer {
    T* data;
    std::int64_t size;
  };

  const char* op;  // named in errors

  HALFULP_HOST_DEVICE explicit constexpr run(const char* op_name) : op(op_name) {}

  // Throws invalid_argument; on a device it traps, since arguments are checked on the host.
  template <class... Value>
  HALFULP_HOST_DEVICE void require(bool ok, const char* rule, named<Value>... given) const {
    if (!ok) reject(rule, given...);
  }
  // Throws unless ok(v) for every element v. Most calls are valid: the first loop, which has no exit, is a SIMD one.
  template <class T, class F>
  void check_all(const char* name, buffer<T> b, F ok, const char* rule) const {
    bool all_ok = true;
    for (std::int64_t i = 0; i < b.size; ++i) all_ok &= ok(std::int64_t(b.data[i]));
    if (all_ok) return;
    for (std::int64_t i = 0; i < b.size; ++i)
      if (!ok(std::int64_t(b.data[i]))) reject(rule, named(name, std::int64_t(b.data[i])), named("its position", i));
  }

  template <class T>
  HALFULP_HOST_DEVICE T& load(buffer<T> b, idx<run> i) const {
    return b.data[i.v];
  }
  // f(i) for i in [0, n), in order.
  template <class F>
  HALFULP_HOST_DEVICE void each(const char*, integer n, F f) const {
    for (integer i = 0; i < n; ++i) f(idx<run>{i, {}});
  }

  template <class R, class Pre, class Code, class Post>
  HALFULP_HOST_DEVICE R contract(const char*, Pre, Code code, Post) const {
    return code();
  }
  template <class Pre, class Post>
  HALFULP_HOST_DEVICE void lemma(const char*, Pre, Post) const {}
  HALFULP_HOST_DEVICE void ensure(bool, const char*) const {}
  template <class F>
  HALFULP_HOST_DEVICE void claim(const char*, F) const {}
  template <class F>
  HALFULP_HOST_DEVICE void claim_any(const char*, integer, F) const {}

  HALFULP_HOST_DEVICE ghost exact(integer) const { return {}; }
  HALFULP_HOST_DEVICE ghost high(ghost, ghost) const { return {}; }
  HALFULP_HOST_DEVICE ghost low(ghost, ghost) const { return {}; }
  HALFULP_HOST_DEVICE ghost times(ghost, ghost) const { return {}; }
  HALFULP_HOST_DEVICE ghost ghost_select(bool, ghost, ghost) const { return {}; }

  template <class... B>
  HALFULP_HOST_DEVICE static bool all(B... b) {
    return (b && ...);
  }
  template <class... B>
  HALFULP_HOST_DEVICE static bool any(B... b) {
    return (b || ...);
  }
  HALFULP_HOST_DEVICE static bool iff(bool a, bool b) { return a == b; }
  HALFULP_HOST_DEVICE static bool implies(bool a, bool b) { return !a || b; }
  HALFULP_HOST_DEVICE static bool truth(bool b) { return b; }
  HALFULP_HOST_DEVICE static integer select(bool b, integer x, integer y) { return b ? x : y; }
  HALFULP_HOST_DEVICE static integer min(integer a, integer b) { return a < b ? a : b; }
  HALFULP_HOST_DEVICE static integer max(integer a, integer b) { return a < b ? b : a; }
  HALFULP_HOST_DEVICE static integer wide(integer x) { return x; }
  // x as the 32-bit integer that a vendor library takes; proofs show that it fits.
  HALFULP_HOST_DEVICE static integer32 narrow(const char*, integer x) { return static_cast<integer32>(x); }

 private:
#if defined(__CUDA_ARCH__)
  template <class... Value>
  __device__ void reject(const char*, named<Value>...) const {
    __trap();
  }
#else
  template <class... Value>
  [[noreturn]] void reject(const char* rule, named<Value>... v) const {
    throw invalid_argument(op, rule, {argument_value{label(v.name, v.at), std::to_string(v.value)}...});
  }
  static std::string label(const char* name, int at) {
    return at < 0 ? std::string(name) : std::string(name) + "[" + std::to_string(at) + "]";
  }
#endif
};

}  // namespace halfulp
