#include <cmath>
#include <random>

#include <halfulp/analysis/proof/prove.hpp>

namespace halfulp::proof {

namespace {

// Counts through all values of all inputs; the inputs may depend on each other's values.
class odometer {
 public:
  std::int64_t next(const replay::open_input& in) {
    if (at_ == digits_.size()) digits_.push_back({in.lowest, in.highest});
    return digits_[at_++].value;
  }
  // The next setting; false after the last.
  bool advance() {
    digits_.resize(at_, digit{0, 0});
    at_ = 0;
    while (!digits_.empty() && digits_.back().value == digits_.back().highest) digits_.pop_back();
    if (digits_.empty()) return false;
    ++digits_.back().value;
    return true;
  }
  double settings() const {
    double n = 1;
    for (const digit& d : digits_) n *= double(d.highest - d.lowest_value + 1);
    return n;
  }

 private:
  struct digit {
    std::int64_t lowest_value, highest, value;
    digit(std::int64_t low, std::int64_t high) : lowest_value(low), highest(high), value(low) {}
  };
  std::vector<digit> digits_;
  std::size_t at_ = 0;
};

// Mostly valid values: -1 is rare, and a likely value is taken as a rule.
std::int64_t random_value(const replay::open_input& in, std::mt19937_64& random) {
  if (in.likely != nullptr && random() % 16 != 0) return *in.likely;
  const auto range = static_cast<std::uint64_t>(in.highest - in.lowest + 1);
  const std::int64_t v = in.lowest + std::int64_t(random() % range);
  return v < 0 && random() % 8 != 0 ? 1 : v;
}

// Counts one run; true if it failed.
bool count(const subject& s, replay& m, small_shapes_result& r) {
  const replay_outcome o = replay_once(s, m);
  using kind = replay_outcome::kind;
  r.accepted += o.result == kind::accepted;
  r.rejected += o.result == kind::rejected;
  r.skipped += o.result == kind::skipped;
  if (o.result != kind::failed) return false;
  r.failed = true;
  r.failure = m.ran();
  r.what = o.what;
  return true;
}

}  // namespace

small_shapes_result run_small_shapes(const subject& s, long most_runs, unsigned seed,
                                     const std::string& forgotten_rule) {
  small_shapes_result r;
  scenario start;
  start.forgotten_rule = forgotten_rule;
  odometer all;
  std::mt19937_64 random(seed);
  bool exhaustive = true;
  for (long runs = 0; runs < most_runs; ++runs) {
    replay m(start, s.lemma);
    m.choose = [&](const replay::open_input& in) { return exhaustive ? all.next(in) : random_value(in, random); };
    if (count(s, m, r)) return r;
    if (exhaustive && !all.advance()) {
      r.exhaustive = true;
      return r;
    }
    if (runs == most_runs / 2) exhaustive = false;
  }
  return r;
}

}  // namespace halfulp::proof
