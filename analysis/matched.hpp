#pragma once

#include <halfulp/oracle/truth.hpp>

namespace halfulp::analysis {

/// `got`, the elements along its last dimension brought into the order in which the truth's are: so that the greatest
/// error of a component in ULPs is as small as it can be, and then their sum. A NaN or infinite error counts as 1e300.
/// For a truth that is a multiset; same dtype and shape.
tensor matched_to(const truth& t, const tensor& got);

}  // namespace halfulp::analysis
