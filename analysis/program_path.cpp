#include <halfulp/analysis/program_path.hpp>

#include <cerrno>

namespace halfulp::analysis {

std::filesystem::path own_program() {
  const auto running = std::filesystem::read_symlink("/proc/self/exe");
  // A bundle runs its own loader, which is told under which name the program is to run.
  if (!running.filename().string().starts_with("ld-")) return running;
  return std::filesystem::absolute(program_invocation_name);
}

}  // namespace halfulp::analysis
