#include <halfulp/analysis/report/machine.hpp>

#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

namespace halfulp::analysis {
namespace {

/// The value of the first line "key<spaces><separator>value", or empty.
std::string value_of(const char* file, const std::string& key, char separator) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto at = line.find(separator);
    if (at == std::string::npos) continue;
    const auto end = line.find_last_not_of(" \t", at - 1);
    if (at == 0 || end == std::string::npos || line.substr(0, end + 1) != key) continue;
    const auto begin = line.find_first_not_of(" \t\"", at + 1);
    if (begin == std::string::npos) return {};
    return line.substr(begin, line.find_last_not_of(" \t\"") - begin + 1);
  }
  return {};
}

/// Whether a processor flag names arithmetic that results can depend on.
bool is_arithmetic(const std::string& flag) {
  static constexpr std::array<const char*, 12> prefixes{"sse4",  "avx", "fma", "f16c", "amx",  "vnni",
                                                        "asimd", "sve", "sme", "fphp", "bf16", "i8mm"};
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const char* p) { return flag.starts_with(p); });
}

std::vector<std::string> arithmetic_flags() {
  std::string flags = value_of("/proc/cpuinfo", "flags", ':');
  if (flags.empty()) flags = value_of("/proc/cpuinfo", "Features", ':');
  std::istringstream words(flags);
  std::vector<std::string> found;
  for (std::string flag; words >> flag;)
    if (is_arithmetic(flag)) found.push_back(flag);
  return found;
}

}  // namespace

machine this_machine() {
  machine m;
  utsname names{};
  if (uname(&names) == 0) {
    m.architecture = names.machine;
    m.kernel = std::string(names.sysname) + " " + names.release;
  }
  m.processor = value_of("/proc/cpuinfo", "model name", ':');
  if (m.processor.empty()) m.processor = m.architecture;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) m.cores = CPU_COUNT(&allowed);
  m.instruction_sets = arithmetic_flags();
  m.system = value_of("/etc/os-release", "PRETTY_NAME", '=');
  return m;
}

}  // namespace halfulp::analysis
