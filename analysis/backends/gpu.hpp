#pragma once

#include <string>

namespace halfulp::analysis {

/// Empty if the NVIDIA driver has a GPU for this process; else the sentence that says what is missing. Asked once, of the
/// driver's own library; no context is made.
const std::string& missing_gpu();

}  // namespace halfulp::analysis
