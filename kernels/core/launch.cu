#include <halfulp/kernels/core/launch.cuh>

#include <cstdint>
#include <mutex>
#include <vector>

namespace halfulp::kernels::cuda {
namespace {

int current_device() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  return device;
}

/// A pool that gives nothing back to the system, so that calls in a loop find what the last one gave back.
cudaMemPool_t make_pool(int device) {
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = device;
  cudaMemPool_t pool = nullptr;
  check(cudaMemPoolCreate(&pool, &properties), "cudaMemPoolCreate");
  std::uint64_t keep = UINT64_MAX;
  check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep), "cudaMemPoolSetAttribute");
  return pool;
}

/// The pool of the current device, made once. Pools live as long as the process.
cudaMemPool_t pool() {
  static std::mutex guard;
  static std::vector<cudaMemPool_t> pools;
  const auto device = static_cast<std::size_t>(current_device());
  const std::scoped_lock lock(guard);
  if (pools.size() <= device) pools.resize(device + 1, nullptr);
  if (pools[device] == nullptr) pools[device] = make_pool(static_cast<int>(device));
  return pools[device];
}

}  // namespace

workspace::workspace(const cuda_queue& queue, std::size_t bytes) : queue_(queue) {
  if (bytes == 0) return;
  if (queue.memory != nullptr)
    data_ = queue.memory->allocate(bytes, queue.stream);
  else
    check(cudaMallocFromPoolAsync(&data_, bytes, pool(), stream_of(queue)), "cudaMallocFromPoolAsync");
}

workspace::~workspace() {
  if (data_ == nullptr) return;
  if (queue_.memory != nullptr)
    queue_.memory->release(data_, queue_.stream);
  else
    (void)cudaFreeAsync(data_, stream_of(queue_));  // what it may report was reported to the call before it
}

void copy_and_wait(void* to, const void* from, std::size_t bytes, const cuda_queue& queue) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_of(queue)), "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream_of(queue)), "cudaStreamSynchronize");
}

namespace {

struct add_counts {
  tier_counts* decided;
  tier_counts more;
  __device__ void operator()(std::int64_t) const {
    for (std::size_t k = 0; k < more.count.size(); ++k) decided->count[k] += more.count[k];
  }
};

}  // namespace

void count_decided(const tier_counts& more, const cuda_queue& queue) {
  if (queue.decided != nullptr) for_each_index(queue, 1, add_counts{queue.decided, more});
}

int multiprocessors() {
  int count = 0;
  check(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, current_device()), "cudaDeviceGetAttribute");
  return count;
}

}  // namespace halfulp::kernels::cuda
