#pragma once

#include <filesystem>

namespace halfulp::analysis {

/// The running program: what starts it again. Of a bundle (scripts/bundle.sh) that is the script in bin/.
std::filesystem::path own_program();

}  // namespace halfulp::analysis
