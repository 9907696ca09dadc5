#include <halfulp/analysis/proof/explorer.hpp>

#include <chrono>

#include <halfulp/analysis/proof/sym.hpp>

namespace halfulp::proof {

namespace {

thread_local explorer* current_explorer = nullptr;

// Whether unknowns are multiplied or divided somewhere in e.
bool has_product(const z3::expr& e) {
  if (!e.is_app()) return false;
  const Z3_decl_kind k = e.decl().decl_kind();
  if (k == Z3_OP_IDIV || k == Z3_OP_MOD) return true;
  int unknowns = 0;
  for (unsigned i = 0; i < e.num_args(); ++i) {
    if (has_product(e.arg(i))) return true;
    unknowns += !e.arg(i).is_numeral();
  }
  return k == Z3_OP_MUL && unknowns > 1;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

explorer::explorer(const subject& s, const prove_options& o) : subject_(s), options_(o), outer_(current_explorer) {
  current_explorer = this;
  result_.name = s.name;
}

explorer::~explorer() {
  current_explorer = outer_;
}

explorer& explorer::current() {
  return *current_explorer;
}

// ---- paths ----

void explorer::start_path() {
  position_ = 0;
  fresh_count_ = 0;
  muted = 0;
  inside_lemma = false;
  case_.clear();
  known_.clear();
  facts_.clear();
  stated_.clear();
  names_.clear();
  inputs_.clear();
  visits_.clear();
  picks_.clear();
  elements_.clear();
  spec_.clear();
  ++result_.paths;
}

bool explorer::feasible(const z3::expr& e) {
  return solve(e, weight::product, 1000, engine::nonlinear, nullptr) !=
         z3::unsat;  // not decided in time: taken as feasible
}

bool explorer::decide(const z3::expr& condition) {
  const z3::expr c = condition.simplify();
  if (c.is_true()) return true;
  if (c.is_false()) return false;
  if (known_.holds(c)) return true;
  if (known_.holds((!c).simplify())) return false;
  if (position_ == prefix_.size()) {
    const bool yes = feasible(c), no = feasible(!c);
    if (!yes && !no) throw path_end{};
    if (yes && no) {
      to_do_.push_back(prefix_);
      to_do_.back().push_back(0);
    }
    prefix_.push_back(yes ? 1 : 0);
  }
  const bool answer = prefix_[position_++] == 1;
  assume(answer ? c : !c);
  return answer;
}

int explorer::choose(int alternatives) {
  if (position_ == prefix_.size()) {
    for (int k = alternatives - 1; k > 0; --k) {
      to_do_.push_back(prefix_);
      to_do_.back().push_back(k);
    }
    prefix_.push_back(0);
  }
  return prefix_[position_++];
}

int explorer::pick(const std::string& name, int lowest, int highest) {
  const int value = lowest + choose(highest - lowest + 1);
  picks_.emplace_back(name, value);
  case_ += name + " = " + std::to_string(value) + ", ";
  return value;
}

void explorer::end_unless_possible() {
  if (position_ == prefix_.size() && !feasible(context_.bool_val(true))) throw path_end{};
}

// ---- facts and obligations ----

z3::expr explorer::fresh(const std::string& name, bool boolean) {
  const std::string s = name + "!" + std::to_string(fresh_count_++);
  return boolean ? context_.bool_const(s.c_str()) : context_.int_const(s.c_str());
}

void explorer::assume(const z3::expr& e, bool equation) {
  const z3::expr s = e.simplify();
  if (s.is_true()) return;
  if (s.is_and()) {  // each part with its own weight
    for (unsigned k = 0; k < s.num_args(); ++k) assume(s.arg(k), equation);
    return;
  }
  if (s.is_not() && s.arg(0).is_or()) {
    for (unsigned k = 0; k < s.arg(0).num_args(); ++k) assume(!s.arg(0).arg(k), equation);
    return;
  }
  if (!stated_.insert(Z3_get_ast_id(context_, s)).second) return;
  facts_.push_back({s, has_product(s) ? weight::product : equation ? weight::equation : weight::light});
  known_.add(s);
}

// What stands for the term is the same for the same term, so what is known of one result is known of its likes.
z3::expr explorer::name_for(const z3::expr& term, const std::string& name) {
  const unsigned id = Z3_get_ast_id(context_, term);
  const auto found = names_.find(id);
  if (found != names_.end()) return found->second.second;
  const z3::expr unknown = fresh(name, term.is_bool());
  names_.emplace(id, std::pair(term, unknown));
  return unknown;
}

z3::check_result explorer::solve(const z3::expr& extra, weight most, unsigned ms, engine how, z3::model* m) {
  // Without tactics: in z3 4.8.12 their nested timers can deadlock.
  z3::solver s(context_, z3::solver::simple());
  z3::params p(context_);
  p.set("timeout", ms);
  if (how == engine::linear) p.set("arith.nl", false);
  if (how == engine::other) p.set("arith.solver", 2u);
  s.set(p);
  for (const fact& f : facts_)
    if (f.w <= most) s.add(f.e);
  s.add(extra);
  try {
    const z3::check_result r = s.check();
    if (r == z3::sat && m != nullptr) *m = s.get_model();
    return r;
  } catch (const z3::exception&) {  // the solver gave up
    return z3::unknown;
  }
}

// The parts of a conjunction one by one, and the light facts first: they suffice for most.
bool explorer::prove(const z3::expr& goal) {
  if (goal.is_and()) {
    for (unsigned i = 0; i < goal.num_args(); ++i) {
      if (!prove(goal.arg(i))) return false;
      assume(goal.arg(i));
    }
    return true;
  }
  if (known_.holds(goal)) return true;
  const unsigned ms = options_.timeout_ms;
  for (const weight w : {weight::light, weight::equation, weight::product})
    if (solve(!goal, w, ms / 30, engine::linear, nullptr) == z3::unsat) return true;
  return solve(!goal, weight::product, ms / 30, engine::nonlinear, nullptr) == z3::unsat;
}

// The same with all the time there is.
bool explorer::prove_slowly(const z3::expr& goal) {
  const z3::check_result r = solve(!goal, weight::product, options_.timeout_ms, engine::nonlinear, nullptr);
  if (r != z3::unknown) return r == z3::unsat;
  return solve(!goal, weight::product, options_.timeout_ms, engine::other, nullptr) == z3::unsat;
}

void explorer::obligation(const std::string& kind, const z3::expr& goal) {
  if (muted > 0) return;
  const z3::expr g = goal.simplify();
  const bool anew = position_ == prefix_.size();  // else proved on the path this one left
  if (anew && !g.is_true()) seek_witness(kind);
  if (known_.holds(g)) {  // the same on both paths: what is known decides where they fork
    result_.by_rewriting += anew;
    return;
  }
  if (!anew) return assume(g);
  const auto start = std::chrono::steady_clock::now();
  finding f{kind, false, {}, ""};
  const bool proved = prove(g) || (!refute(f, g, 0, 8) && prove_slowly(g));
  const double seconds = seconds_since(start);
  if (seconds > result_.slowest_seconds) {
    result_.slowest_seconds = seconds;
    result_.slowest = kind;
  }
  if (proved) {
    ++result_.by_solver;
    return assume(g);
  }
  if (!f.refuted) (void)refute(f, g, 16, 63);
  result_.open.push_back(f);
  if (options_.stop_at_first) throw path_end{};
  assume(g);
}

z3::expr explorer::valid() {
  z3::expr_vector all(context_);
  for (const z3::expr& e : spec_) all.push_back(e);
  return z3::mk_and(all);
}

// ---- scenarios ----

void explorer::add_element(const std::string& buffer, const z3::expr& at, const z3::expr& value) {
  elements_.push_back({buffer, at, value});
}

scenario explorer::scenario_of(const z3::model& m) {
  const auto number = [&](const z3::expr& e) {
    std::int64_t v = 0;
    m.eval(e, true).simplify().is_numeral_i64(v);
    return v;
  };
  scenario s;
  s.forgotten_rule = options_.forgotten_rule;
  for (const auto& [name, value] : picks_) s.inputs[name] = value;
  for (const auto& [name, e] : inputs_) s.inputs[name] = number(e);
  for (const auto& [name, e] : visits_) s.visits[name].push_back(number(e));
  for (const element& x : elements_) {
    const std::int64_t at = number(x.at);
    s.inputs[x.buffer + "[" + std::to_string(at) + "]"] = number(x.value);
    s.visits[x.buffer].push_back(at);
  }
  return s;
}

z3::expr explorer::inputs_within(std::int64_t lowest, std::int64_t highest) {
  z3::expr_vector all(context_);
  for (const auto& [name, e] : inputs_) {
    all.push_back(e >= context_.int_val(lowest));
    all.push_back(e <= context_.int_val(highest));
  }
  return z3::mk_and(all);
}

// Looks for a counterexample, the smallest inputs first. It counts only if `replay` fails on it too.
bool explorer::refute(finding& f, const z3::expr& goal, int lowest_exponent, int highest_exponent) {
  constexpr int exponents[] = {0, 1, 2, 3, 6, 17, 20, 32, 41, 62, 63};
  for (const int exponent : exponents) {
    if (exponent < lowest_exponent || exponent > highest_exponent || f.refuted) continue;
    const std::int64_t most = exponent == 63 ? INT64_MAX : std::int64_t{1} << exponent;
    const engine how = exponent % 2 == 0 ? engine::nonlinear : engine::other;
    z3::model m(context_);
    const z3::expr small = !goal && inputs_within(-most, most);
    if (solve(small, weight::product, options_.timeout_ms / 10, how, &m) != z3::sat) continue;
    f.counterexample = scenario_of(m);
    replay concrete(f.counterexample, subject_.lemma);
    const replay_outcome o = replay_once(subject_, concrete);
    f.replayed = o.what;
    f.refuted = o.result == replay_outcome::kind::failed;
  }
  return f.refuted;
}

// Finds a concrete run that meets this kind of obligation in the current case.
void explorer::seek_witness(const std::string& kind) {
  const std::string key = case_ + kind;
  constexpr int most_tries = 20;
  if (reached_.count(key) != 0 || tries_[key] >= most_tries) return;
  if (witness_from(valid() && inputs_within(1, 3), kind)) return;
  if (witness_from(inputs_within(-1, 3), kind)) return;
  if (witness_from(context_.bool_val(true), kind)) return;
  ++tries_[key];
}

bool explorer::witness_from(const z3::expr& restriction, const std::string& kind) {
  z3::model m(context_);
  if (solve(restriction, weight::product, 2000, engine::nonlinear, &m) != z3::sat) return false;
  replay concrete(scenario_of(m), subject_.lemma);
  const replay_outcome o = replay_once(subject_, concrete);
  ++result_.concrete_runs;
  if (o.result == replay_outcome::kind::skipped) return false;
  for (const std::string& k : concrete.reached) reached_.insert(case_ + k);
  return concrete.reached.count(kind) != 0;
}

// ---- the whole ----

proof_result explorer::run() {
  const auto start = std::chrono::steady_clock::now();
  to_do_ = {{}};
  while (!to_do_.empty() && (result_.open.empty() || !options_.stop_at_first)) {
    prefix_ = std::move(to_do_.back());
    to_do_.pop_back();
    start_path();
    try {
      sym machine;
      subject_.prove(machine);
    } catch (const path_end&) {
    }
    cases_.insert(case_);
  }
  result_.seconds = seconds_since(start);
  conclude();
  return std::move(result_);
}

void explorer::conclude() {
  result_.cases = static_cast<long>(cases_.size());
  result_.lemmas.assign(lemmas_.begin(), lemmas_.end());
  for (const auto& [key, tries] : tries_)
    if (tries > 0 && reached_.count(key) == 0) result_.unreached.push_back(key);
  bool refuted = false;
  for (const finding& f : result_.open) refuted = refuted || f.refuted;
  const bool nothing = result_.by_solver + result_.by_rewriting == 0;
  result_.result = refuted                                 ? outcome::refuted
                   : !result_.open.empty()                 ? outcome::unknown
                   : nothing || !result_.unreached.empty() ? outcome::vacuous
                                                           : outcome::proved;
}

}  // namespace halfulp::proof
