// A subject from a drive. Include it where the drives are instantiated.
#pragma once

#include <halfulp/analysis/proof/subject.hpp>
#include <halfulp/analysis/proof/sym.hpp>

namespace halfulp::proof {

// Drive has `name` and `template <class M> static void drive(M&)`.
template <class Drive>
subject subject_of() {
  return {Drive::name, [](sym& m) { Drive::drive(m); }, [](replay& m) { Drive::drive(m); }, "", false, false};
}

template <class Lemma>
subject subject_of_lemma() {
  subject s = subject_of<Lemma>();
  s.lemma = s.name;
  s.name = "lemma " + s.name;
  s.opaque_quotients = requires {
    Lemma::opaque_quotients;
  };
  return s;
}

}  // namespace halfulp::proof
