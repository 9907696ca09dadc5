// Scatters whose state is a word or two for each element: what threads do to them does not depend on their order.
#include <limits>
#include <type_traits>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_elements.cuh>
#include <halfulp/oracle/core/reduce.hpp>

namespace halfulp::kernels::cuda {
namespace {

void clear(void* memory, std::size_t bytes, const cuda_queue& queue) {
  check(cudaMemsetAsync(memory, 0, bytes, stream_of(queue)), "cudaMemsetAsync");
}

/// Assignments: the number of the last update and 1.
struct find_last {
  scatter_places places;
  unsigned long long* last;

  __device__ void operator()(std::int64_t j) const {
    if (const std::int64_t t = places.target[j]; t >= 0) atomicMax(&last[t], static_cast<unsigned long long>(j) + 1);
  }
};
template <class Bits>
struct take_last {
  scatter_places places;
  const unsigned long long* last;
  const Bits *values, *self;
  Bits* y;

  __device__ void operator()(std::int64_t t) const {
    if (last[t] != 0)
      y[t] = values[places.value_of(static_cast<std::int64_t>(last[t]) - 1)];
    else
      y[t] = self == nullptr ? Bits{} : self[t];
  }
};

template <class Bits>
void queue_last(const scatter_places& p, const void* values, const void* self, void* y, const cuda_queue& queue) {
  const auto bytes = static_cast<std::size_t>(p.targets) * sizeof(std::uint64_t);
  const workspace memory(queue, bytes);
  auto* last = memory.at<unsigned long long>();
  clear(last, bytes, queue);
  for_each_index(queue, p.updates, find_last{p, last});
  for_each_index(queue, p.targets,
                 take_last<Bits>{p, last, static_cast<const Bits*>(values), static_cast<const Bits*>(self),
                                 static_cast<Bits*>(y)});
}

/// Extremes of floating-point numbers as the greatest of keys; 0 where there is none.
template <class R>
using extreme_key = std::conditional_t<sizeof(R) == 8, unsigned long long, unsigned>;

/// In the order of numbers, -0 below +0, turned round for the least; NaN above all.
template <class R>
__device__ extreme_key<R> key_of_extreme(reduction how, R x) {
  using key = extreme_key<R>;
  constexpr key all = static_cast<bits_t<R>>(~bits_t<R>{0});
  if (is_nan(x)) return ~key{0};
  const key order = is_negative(x) ? all ^ key { to_bits(x) } : key{to_bits(x)} | encoding<R>::sign;
  return how == reduction::amax ? order : all ^ order;
}
template <class R>
__device__ R number_of_key(reduction how, extreme_key<R> k) {
  constexpr auto all = static_cast<bits_t<R>>(~bits_t<R>{0});
  if (k == ~extreme_key<R>{0}) return canonical_nan<R>();
  const auto order = static_cast<bits_t<R>>(how == reduction::amax ? k : all ^ k);
  const bool negative = (order & encoding<R>::sign) == 0;
  return from_bits<R>(static_cast<bits_t<R>>(negative ? all ^ order : order & encoding<R>::magnitude));
}

template <class R>
struct find_extreme {
  scatter_call<R> c;
  extreme_key<R>* best;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = c.places.target[j];
    if (t >= 0) atomicMax(&best[t], key_of_extreme(c.rule.how, c.values[c.places.value_of(j)]));
  }
};
template <class R>
struct take_extreme {
  scatter_call<R> c;
  const extreme_key<R>* best;

  __device__ void operator()(std::int64_t t) const {
    const R self = c.self == nullptr ? R{} : c.self[t];
    const R found = number_of_key<R>(c.rule.how, best[t]);
    c.y[t] = best[t] == 0 ? self : c.rule.include_self ? extreme(c.rule.how, self, found) : found;
  }
};

/// Integers: what is combined so far, wide enough for the hardware.
template <class T>
using integer_word = std::conditional_t<sizeof(T) == 8, long long, int>;

/// The reduction by which bools are combined as numbers: or is the greatest, and the least.
template <class T>
reduction numeric(reduction how) {
  if (!std::is_same_v<T, bool>) return how;
  return how == reduction::add ? reduction::amax : how == reduction::mul ? reduction::amin : how;
}
template <class T>
__host__ __device__ constexpr T identity_of(reduction how) {
  if (how == reduction::amin) return std::numeric_limits<T>::max();
  if (how == reduction::amax) return std::numeric_limits<T>::min();
  return static_cast<T>(how == reduction::mul ? 1 : 0);
}

__device__ void multiply_atomically(int* word, int by) {
  int seen = *word, had;
  do {
    had = seen;
    seen = atomicCAS(word, had, static_cast<int>(static_cast<unsigned>(had) * static_cast<unsigned>(by)));
  } while (seen != had);
}
__device__ void multiply_atomically(long long* word, long long by) {
  auto* const bits = reinterpret_cast<unsigned long long*>(word);
  unsigned long long seen = *bits, had;
  do {
    had = seen;
    seen = atomicCAS(bits, had, had * static_cast<unsigned long long>(by));
  } while (seen != had);
}
__device__ void add_atomically(int* word, int x) {
  atomicAdd(word, x);
}
__device__ void add_atomically(long long* word, long long x) {
  atomicAdd(reinterpret_cast<unsigned long long*>(word), static_cast<unsigned long long>(x));
}

template <class T>
struct integer_state {
  scatter_call<T> c;
  reduction how;  // numeric
  integer_word<T>* word;
  unsigned* terms;  // updates of each element; nullptr where they do not matter
};

template <class T>
struct fill_identity {
  integer_state<T> s;
  __device__ void operator()(std::int64_t t) const { s.word[t] = identity_of<T>(s.how); }
};
template <class T>
struct combine_updates {
  integer_state<T> s;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = s.c.places.target[j];
    if (t < 0) return;
    if (s.terms != nullptr) atomicAdd(&s.terms[t], 1u);
    T x = s.c.values[s.c.places.value_of(j)];
    if (s.c.multiplier != 1) x = combine_integers(reduction::mul, x, static_cast<T>(s.c.multiplier));
    switch (s.how) {
      case reduction::mul:
        return multiply_atomically(&s.word[t], x);
      case reduction::amin:
        atomicMin(&s.word[t], integer_word<T>{x});
        return;
      case reduction::amax:
        atomicMax(&s.word[t], integer_word<T>{x});
        return;
      default:
        add_atomically(&s.word[t], x);
    }
  }
};
template <class T>
struct take_integer {
  integer_state<T> s;

  __device__ void operator()(std::int64_t t) const {
    const T self = s.c.self == nullptr ? T{} : s.c.self[t];
    const auto found = static_cast<T>(s.word[t]);
    if (s.terms != nullptr && s.terms[t] == 0)
      s.c.y[t] = self;
    else
      s.c.y[t] = s.c.self != nullptr && s.c.rule.include_self ? combine_integers(s.c.rule.how, self, found) : found;
  }
};

/// Means of integers: exact sums in two words.
template <class T>
struct add_wide {
  scatter_call<T> c;
  unsigned long long *low, *high;
  unsigned* terms;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = c.places.target[j];
    if (t < 0) return;
    atomicAdd(&terms[t], 1u);
    const auto x = static_cast<std::int64_t>(c.values[c.places.value_of(j)]);
    const auto bits = static_cast<unsigned long long>(x);
    const unsigned long long carry = atomicAdd(&low[t], bits) + bits < bits ? 1 : 0;
    const unsigned long long above = (x < 0 ? ~0ull : 0ull) + carry;
    if (above != 0) atomicAdd(&high[t], above);
  }
};
template <class T>
struct take_mean {
  scatter_call<T> c;
  const unsigned long long *low, *high;
  const unsigned* terms;

  __device__ void operator()(std::int64_t t) const {
    const T self = c.self[t];
    if (terms[t] == 0) {
      c.y[t] = self;
      return;
    }
    const auto sum = static_cast<__int128>(static_cast<unsigned __int128>(high[t]) << 64 | low[t]);
    const bool more = c.rule.include_self;
    c.y[t] = mean_of_integers<T>(sum + (more ? self : 0), std::int64_t{terms[t]} + (more ? 1 : 0));
  }
};

template <class T>
void queue_integer_means(const scatter_call<T>& c, const cuda_queue& queue) {
  const auto n = static_cast<std::size_t>(c.places.targets), word = sizeof(std::uint64_t);
  const std::size_t bytes = n * (2 * word + sizeof(unsigned));
  const workspace memory(queue, bytes);
  auto *low = memory.at<unsigned long long>(), *high = memory.at<unsigned long long>(n * word);
  auto* terms = memory.at<unsigned>(2 * n * word);
  clear(low, bytes, queue);
  for_each_index(queue, c.places.updates, add_wide<T>{c, low, high, terms});
  for_each_index(queue, c.places.targets, take_mean<T>{c, low, high, terms});
}

}  // namespace

template <class T>
void queue_integers(const scatter_call<T>& c, const cuda_queue& queue) {
  if (c.rule.how == reduction::mean) return queue_integer_means(c, queue);
  const auto words = static_cast<std::size_t>(c.places.targets) * sizeof(integer_word<T>);
  const std::size_t counts =
      c.self != nullptr && !c.rule.include_self ? static_cast<std::size_t>(c.places.targets) * 4 : 0;
  const workspace memory(queue, words + counts);
  const integer_state<T> s{c, numeric<T>(c.rule.how), memory.at<integer_word<T>>(),
                           counts == 0 ? nullptr : memory.at<unsigned>(words)};
  if (counts != 0) clear(s.terms, counts, queue);
  for_each_index(queue, c.places.targets, fill_identity<T>{s});
  for_each_index(queue, c.places.updates, combine_updates<T>{s});
  for_each_index(queue, c.places.targets, take_integer<T>{s});
}

template <class R>
void queue_extremes(const scatter_call<R>& c, const cuda_queue& queue) {
  const auto bytes = static_cast<std::size_t>(c.places.targets) * sizeof(extreme_key<R>);
  const workspace memory(queue, bytes);
  auto* best = memory.at<extreme_key<R>>();
  clear(best, bytes, queue);
  for_each_index(queue, c.places.updates, find_extreme<R>{c, best});
  for_each_index(queue, c.places.targets, take_extreme<R>{c, best});
}

void queue_assigned(const scatter_places& p, const void* values, const void* self, void* y, std::size_t bytes,
                    const cuda_queue& queue) {
  switch (bytes) {
    case 1:
      return queue_last<std::uint8_t>(p, values, self, y, queue);
    case 2:
      return queue_last<std::uint16_t>(p, values, self, y, queue);
    case 4:
      return queue_last<std::uint32_t>(p, values, self, y, queue);
    case 8:
      return queue_last<std::uint64_t>(p, values, self, y, queue);
    default:
      return queue_last<wide_bits>(p, values, self, y, queue);
  }
}

#define HALFULP_INTEGERS(T) template void queue_integers<T>(const scatter_call<T>&, const cuda_queue&);
HALFULP_INTEGERS(bool)
HALFULP_INTEGERS(std::uint8_t)
HALFULP_INTEGERS(std::int8_t)
HALFULP_INTEGERS(std::int16_t)
HALFULP_INTEGERS(std::int32_t)
HALFULP_INTEGERS(std::int64_t)
#undef HALFULP_INTEGERS
#define HALFULP_EXTREMES(R) template void queue_extremes<R>(const scatter_call<R>&, const cuda_queue&);
HALFULP_EACH_FLOATING_TYPE(HALFULP_EXTREMES)
#undef HALFULP_EXTREMES

}  // namespace halfulp::kernels::cuda
