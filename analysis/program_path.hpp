#pragma once

#include <filesystem>

namespace halfulp::analysis {

/// The running executable.
std::filesystem::path own_program();

}  // namespace halfulp::analysis
