// Integers: what is combined so far, in a word or two for each element; no order of what threads do to them matters.
#include <limits>
#include <type_traits>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/oracle/core/reduce.hpp>

namespace halfulp::kernels::cuda {
namespace {

void clear(void* memory, std::size_t bytes, const cuda_queue& queue) {
  check(cudaMemsetAsync(memory, 0, bytes, stream_of(queue)), "cudaMemsetAsync");
}

/// Wide enough for the hardware.
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

#define HALFULP_INTEGERS(T) template void queue_integers<T>(const scatter_call<T>&, const cuda_queue&);
HALFULP_INTEGERS(bool)
HALFULP_EACH_INTEGER_TYPE(HALFULP_INTEGERS)
#undef HALFULP_INTEGERS

}  // namespace halfulp::kernels::cuda
