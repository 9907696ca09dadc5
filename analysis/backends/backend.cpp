#include <halfulp/analysis/backends/backend.hpp>

#include <algorithm>

namespace halfulp::analysis {

const std::vector<backend_entry>& all_backends() {
  static const std::vector<backend_entry> list{
      oracle_backend, cpu_backend,        torch_backend,           pytorch_backend, eigen_backend,   lapack_backend,
      cuda_backend,   torch_cuda_backend, torch_cuda_tf32_backend, cudnn_backend,   cusolver_backend};
  return list;
}

const backend_entry& backend_named(std::string_view name) {
  const auto& list = all_backends();
  const auto it = std::find_if(list.begin(), list.end(), [&](const backend_entry& b) { return b.name == name; });
  if (it != list.end()) return *it;
  std::string known;
  for (const backend_entry& b : list) known += (known.empty() ? "" : ", ") + std::string(b.name);
  throw invalid_argument("halfulp", "the backends are " + known, {{"backend", std::string(name)}});
}

}  // namespace halfulp::analysis
