// The real calls of conv2d and conv2d_transpose, and the gradients of their inputs, in every format: each output of the
// kernel is compared with its exact sum, every term added to the long accumulator and rounded once, and some with MPFR
// and Arb. Values are drawn as PaddleAPITest draws them, or cancel to 1e-3, 1e-6 and 1e-12 over the channels.
//   halfulp_campaign_real_convolutions [CASES.jsonl...] [--outputs N] [--shard I/N] [--seed S]
// CASES are analysis/cases/full/*.jsonl if none are given. Every case is run once at least with each kind of values; then
// those of short sums again, until all shards together have N outputs of the two ops in float32 and a tenth of that in
// each other format. Prints a line of counts for each op and format; lines of shards add up:
//   halfulp_campaign_real_convolutions --merge SUMMARY...

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>

#include "campaigns/real_calls.hpp"
#include "ops/conv2d_inputs.hpp"
#include "ops/conv2d_referees.hpp"

namespace {

using namespace halfulp;
using namespace halfulp::tests;

constexpr double short_sum = 100, worth_repeating = 1000;  // products of an output, outputs: of a case that is repeated
constexpr std::int64_t referees_a_call = 4;
constexpr double cancellations[] = {0, 1e-3, 1e-6, 1e-12};  // 0: none

struct counts {
  long long outputs = 0, wrong = 0, refereed = 0, wrong_refereed = 0, calls = 0;
  counts& operator+=(const counts& o) {
    outputs += o.outputs;
    wrong += o.wrong;
    refereed += o.refereed;
    wrong_refereed += o.wrong_refereed;
    calls += o.calls;
    return *this;
  }
  long long all_wrong() const { return wrong + wrong_refereed; }
};
using summary = std::map<std::string, counts>;  // of "op format"

constexpr const char* line_format = "%s %s: calls %lld outputs %lld wrong %lld by_mpfr_and_arb %lld wrong %lld\n";

void print(const summary& s) {
  for (const auto& [key, c] : s) {
    const auto space = key.find(' ');
    std::printf(line_format, key.substr(0, space).c_str(), key.substr(space + 1).c_str(), c.calls, c.outputs, c.wrong,
                c.refereed, c.wrong_refereed);
  }
}

bool merge(summary& s, const char* path) {
  std::ifstream file(path);
  if (!file) return false;
  char op[64], format[64];
  for (std::string line; std::getline(file, line);) {
    counts c;
    const int read =
        std::sscanf(line.c_str(), "%63s %63[^:]: calls %lld outputs %lld wrong %lld by_mpfr_and_arb %lld wrong %lld",
                    op, format, &c.calls, &c.outputs, &c.wrong, &c.refereed, &c.wrong_refereed);
    if (read == 7) s[std::string(op) + " " + format] += c;
  }
  return true;
}

/// Uniform in -0.5 .. 0.5; with `left`, each second channel takes back what the one before it gave but for that share.
template <class T>
tensor image(random_source& r, const shapes& s, double left) {
  tensor t(dtype_of<T>, s.x);
  const auto x = t.elements<T>();
  const auto channels = static_cast<std::size_t>(std::max<std::int64_t>(s.x[s.nhwc ? 3 : 1], 1));
  const std::size_t step = s.nhwc ? 1 : static_cast<std::size_t>(s.x[2] * s.x[3]);
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double u = r.uniform() / 2;
    const bool repeats = left > 0 && k / step % channels % 2 == 1;
    x[k] = narrow<T>(repeats ? -widen(x[k - step]) * (1 + 2 * left * u) : u);
  }
  return t;
}
template <class T>
tensor filter(random_source& r, const shapes& s, double left) {
  tensor t(dtype_of<T>, s.weight);
  const auto w = t.elements<T>();
  const auto step = static_cast<std::size_t>(s.weight[2] * s.weight[3] * (s.transposed ? s.weight[1] : 1));
  const auto channels = static_cast<std::size_t>(std::max<std::int64_t>(s.weight[s.transposed ? 0 : 1], 1));
  for (std::size_t k = 0; k < w.size(); ++k)
    w[k] = left > 0 && k / step % channels % 2 == 1 ? w[k - step] : narrow<T>(r.uniform() / 2);
  return t;
}

/// Compares a kernel's outputs with their exact sums; some with the other referees.
template <class Op, class T>
counts check(const call& k, random_source& r) {
  const auto a = Op::template bind<T>(k);
  const auto got = kernels::compute(Op::name, k).outputs.at(0);
  const auto y = got.template elements<const T>();
  counts c;
  c.calls = 1;
  c.outputs = static_cast<long long>(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    exact_sum<T> s;
    Op::accumulate(a, static_cast<std::int64_t>(i), s);
    c.wrong += to_bits(s.template round<T>()) != to_bits(y[i]);
  }
  for (std::int64_t n = 0; n < referees_a_call && !y.empty(); ++n) {
    const std::int64_t i = r.between(0, static_cast<std::int64_t>(y.size()) - 1);
    const double v = widen(y[static_cast<std::size_t>(i)]);
    if (!std::isfinite(v)) continue;
    const referee_values w = referees<Op, T>(a, i);
    ++c.refereed;
    c.wrong_refereed += w.mpfr != v || w.arb_low != v || w.arb_high != v;
  }
  return c;
}

/// The forward call and the gradient of its input, for dy of the output's shape.
template <class Forward, class InputGrad, class T>
void run_call(const shapes& s, random_source& r, double left, summary& all) {
  const tensor x = image<T>(r, s, left), w = filter<T>(r, s, left);
  const call forward(signature_named(Forward::name), {{x.view()}, {w.view()}}, s.named);
  const std::string format(format_of<T>.name);
  all[std::string(Forward::name) + " " + format] += check<Forward, T>(forward, r);
  shapes of_output = s;
  of_output.x = Forward::template outputs<T>(Forward::template bind<T>(forward))[0].shape;
  const tensor dy = image<T>(r, of_output, 0);
  argument::list positional{{dy.view()}, {w.view()}};
  positional.push_back(convolution::list(s.x));
  const call backward(signature_named(InputGrad::name), positional, s.named);
  all[std::string(InputGrad::name) + " " + format] += check<InputGrad, T>(backward, r);
}

struct plan {
  double outputs = 1e6;
  int shard = 0, shards = 1;
  std::uint64_t seed = 1;
  std::vector<std::string> paths;
};

template <class T>
void run_case(const shapes& s, random_source& r, double left, summary& all) {
  if (s.transposed)
    run_call<op::conv2d_transpose, op::conv2d_transpose_input_grad, T>(s, r, left, all);
  else
    run_call<op::conv2d, op::conv2d_input_grad, T>(s, r, left, all);
}

/// The cases of one op: all of them once with each kind of values, then those of short sums until there are enough
/// outputs.
template <class T>
void run_op(const plan& p, const std::vector<shapes>& cases, random_source& r, summary& all) {
  constexpr std::size_t kinds = std::size(cancellations);
  const auto shards = static_cast<std::size_t>(p.shards), shard = static_cast<std::size_t>(p.shard);
  for (std::size_t turn = shard; turn < kinds * cases.size(); turn += shards)
    run_case<T>(cases[turn % cases.size()], r, cancellations[turn / cases.size()], all);
  std::vector<shapes> repeated;
  for (const shapes& s : cases)
    if (s.products() <= short_sum * s.outputs() && s.outputs() >= worth_repeating) repeated.push_back(s);
  if (repeated.empty()) return;
  const counts& done = all[cases[0].op() + " " + std::string(format_of<T>.name)];
  const double wanted = p.outputs / (std::is_same_v<T, float> ? 1 : 10) / 2 / p.shards;
  for (std::size_t turn = shard; static_cast<double>(done.outputs) < wanted; ++turn)
    run_case<T>(repeated[turn % repeated.size()], r, cancellations[turn / repeated.size() % kinds], all);
}

template <class T>
void run_format(const plan& p, const std::vector<shapes>& cases, summary& all) {
  random_source r(p.seed * 1000003 + static_cast<std::uint64_t>(p.shard) * 101 + format_of<T>.precision);
  for (const bool transposed : {false, true}) {
    std::vector<shapes> of_op;
    std::copy_if(cases.begin(), cases.end(), std::back_inserter(of_op),
                 [&](const shapes& s) { return s.transposed == transposed; });
    if (!of_op.empty()) run_op<T>(p, of_op, r, all);
  }
}

bool read_options(int argc, char** argv, plan& p) {
  for (int k = 1; k < argc; ++k) {
    const std::string word = argv[k];
    const bool has_value = k + 1 < argc;
    if (word == "--outputs" && has_value)
      p.outputs = std::atof(argv[++k]);
    else if (word == "--seed" && has_value)
      p.seed = std::strtoull(argv[++k], nullptr, 10);
    else if (word == "--shard" && has_value) {
      if (std::sscanf(argv[++k], "%d/%d", &p.shard, &p.shards) != 2) return false;
    } else if (word.starts_with("--"))
      return false;
    else
      p.paths.push_back(word);
  }
  if (p.paths.empty())
    for (const char* op : {"conv2d", "conv2d_transpose"})
      p.paths.push_back(std::string(HALFULP_SOURCE_DIR "/analysis/cases/full/") + op + "_real.jsonl");
  return p.outputs > 0 && p.shards >= 1 && p.shard >= 0 && p.shard < p.shards;
}

int merge_all(int argc, char** argv) {
  summary s;
  for (int k = 2; k < argc; ++k)
    if (!merge(s, argv[k])) {
      std::fprintf(stderr, "halfulp_campaign_real_convolutions: %s cannot be read\n", argv[k]);
      return 2;
    }
  print(s);
  long long wrong = 0;
  for (const auto& [key, c] : s) wrong += c.all_wrong();
  return wrong == 0 && !s.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 && std::strcmp(argv[1], "--merge") == 0) return merge_all(argc, argv);
  plan p;
  if (!read_options(argc, argv, p)) {
    std::fprintf(stderr,
                 "usage: halfulp_campaign_real_convolutions [CASES...] [--outputs N] [--shard I/N] [--seed S]\n"
                 "       halfulp_campaign_real_convolutions --merge SUMMARY...\n");
    return 2;
  }
  std::vector<shapes> cases;
  for (const std::string& path : p.paths)
    for (const analysis::test_case& c : analysis::read_cases(path))
      if (auto s = shapes_of(c)) cases.push_back(*std::move(s));
  std::printf("seed %llu, shard %d of %d, %zu valid calls\n", static_cast<unsigned long long>(p.seed), p.shard,
              p.shards, cases.size());
  std::fflush(stdout);
  summary all;
  run_format<float16>(p, cases, all);
  run_format<bfloat16>(p, cases, all);
  run_format<float>(p, cases, all);
  run_format<double>(p, cases, all);
  print(all);
  long long wrong = 0;
  for (const auto& [key, c] : all) wrong += c.all_wrong();
  return wrong == 0 ? 0 : 1;
}
