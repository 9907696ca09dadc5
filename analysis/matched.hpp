#pragma once

#include <halfulp/oracle/truth.hpp>

namespace halfulp::analysis {

/// `got`, the elements along its last dimension brought into the order in which the truth's are: so that the greatest
/// distance of an element from the rounded truth, over that one's magnitude, is as small as it can be, and then their sum.
/// Both parts of a complex number count together: a part that is exactly 0 would make any noise an infinite error. What is
/// below a unit roundoff of the largest number counts as that; NaN and infinities match themselves.
/// For a truth that is a multiset; same dtype and shape.
tensor matched_to(const truth& t, const tensor& got);

}  // namespace halfulp::analysis
