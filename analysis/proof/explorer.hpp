// Runs a program on solver terms, once for each path, and proves its obligations on the way.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <z3++.h>

#include <halfulp/analysis/proof/known_facts.hpp>
#include <halfulp/analysis/proof/options.hpp>
#include <halfulp/analysis/proof/result.hpp>
#include <halfulp/analysis/proof/subject.hpp>

namespace halfulp::proof {

// The current path is explored no further: it is infeasible, or the iteration of a loop is over.
struct path_end {};

class explorer {
 public:
  explorer(const subject& s, const prove_options& o);
  ~explorer();
  explorer(const explorer&) = delete;
  explorer& operator=(const explorer&) = delete;

  // The explorer of this thread. There is one while a proof runs.
  static explorer& current();

  proof_result run();

  z3::context& context() { return context_; }
  const subject& goal() const { return subject_; }
  const prove_options& options() const { return options_; }

  // ---- paths ----
  bool decide(const z3::expr& condition);                      // forks where both answers are possible
  int choose(int alternatives);                                // explores all; nothing is assumed
  int pick(const std::string& name, int lowest, int highest);  // the same, as an input
  void end_unless_possible();                                  // ends the path if its facts contradict each other

  // ---- facts and obligations ----
  z3::expr fresh(const std::string& name, bool boolean = false);
  z3::expr name_for(const z3::expr& term, const std::string& name);  // an unknown that stands for it on this path
  void assume(const z3::expr& fact, bool equation = false);
  void obligation(const std::string& kind, const z3::expr& goal);
  void use_lemma(const std::string& name) { lemmas_.insert(name); }

  // ---- what makes a model a scenario ----
  void add_input(const std::string& name, const z3::expr& value) { inputs_.emplace_back(name, value); }
  void add_visit(const std::string& loop, const z3::expr& value) { visits_.emplace_back(loop, value); }
  void add_element(const std::string& buffer, const z3::expr& at, const z3::expr& value);

  // ---- the specification ----
  void add_spec(const z3::expr& condition) { spec_.push_back(condition); }
  z3::expr valid();
  const std::vector<z3::expr>& spec() const { return spec_; }

  int muted = 0;              // > 0: inside a contract; its body's obligations are the lemma's
  bool inside_lemma = false;  // proving the contract that is the subject

 private:
  // Equations of contracts help few obligations and slow the others down, those of products most.
  enum class weight { light, equation, product };
  struct fact {
    z3::expr e;
    weight w;
  };
  struct element {
    std::string buffer;
    z3::expr at, value;
  };

  void start_path();
  // linear: products of unknowns are unknowns of their own. quick, and enough for most proofs.
  enum class engine { linear, nonlinear, other };
  z3::check_result solve(const z3::expr& extra, weight most, unsigned ms, engine how, z3::model* m);
  bool feasible(const z3::expr& e);
  bool prove(const z3::expr& goal);
  bool prove_slowly(const z3::expr& goal);
  bool refute(finding& f, const z3::expr& goal, int lowest_exponent, int highest_exponent);
  scenario scenario_of(const z3::model& m);
  z3::expr inputs_within(std::int64_t lowest, std::int64_t highest);
  void seek_witness(const std::string& kind);
  bool witness_from(const z3::expr& restriction, const std::string& kind);
  void conclude();

  const subject& subject_;
  const prove_options options_;
  z3::context context_;
  explorer* outer_;

  std::vector<int> prefix_;   // answers to the choices so far
  std::size_t position_ = 0;  // the next choice
  std::vector<std::vector<int>> to_do_;
  int fresh_count_ = 0;
  std::string case_;  // the picks of this path
  std::vector<fact> facts_;
  std::set<unsigned> stated_;                                // their identities
  known_facts known_;                                        // the same
  std::map<unsigned, std::pair<z3::expr, z3::expr>> names_;  // of a term's identity: the term and its name
  std::vector<std::pair<std::string, z3::expr>> inputs_, visits_;
  std::vector<std::pair<std::string, int>> picks_;
  std::vector<element> elements_;
  std::vector<z3::expr> spec_;

  std::set<std::string> cases_, lemmas_;
  std::map<std::string, int> tries_;  // case and kind of obligation: failed tries to find a concrete run
  std::set<std::string> reached_;     // case and kind of obligation: met by a concrete run
  proof_result result_;
};

}  // namespace halfulp::proof
