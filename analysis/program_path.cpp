#include <halfulp/analysis/program_path.hpp>

namespace halfulp::analysis {

std::filesystem::path own_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

}  // namespace halfulp::analysis
