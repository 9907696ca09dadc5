#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include <halfulp/kernels/core/panel.hpp>

namespace halfulp::kernels {

/// Binary64 numbers aligned as panels must be, not initialised.
class aligned_array {
 public:
  aligned_array() = default;
  aligned_array(const aligned_array& other) {
    resize(other.count_);
    std::copy_n(other.data(), count_, data());
  }
  aligned_array& operator=(const aligned_array&) = delete;

  /// Loses what was there.
  void resize(std::int64_t count) {
    if (count > size_) {
      const auto bytes = static_cast<std::size_t>(count) * sizeof(double);
      memory_.reset(static_cast<double*>(::operator new (bytes, std::align_val_t{panel_alignment})));
    }
    size_ = std::max(size_, count);
    count_ = count;
  }
  void assign(std::int64_t count, double x) {
    resize(count);
    std::fill_n(data(), count, x);
  }
  double* data() { return memory_.get(); }
  const double* data() const { return memory_.get(); }
  double* begin() { return data(); }
  double* end() { return data() + count_; }
  double& operator[](std::int64_t i) { return memory_.get()[i]; }
  const double& operator[](std::int64_t i) const { return memory_.get()[i]; }

 private:
  struct release {
    void operator()(double* p) const { ::operator delete (p, std::align_val_t{panel_alignment}); }
  };
  std::unique_ptr<double[], release> memory_;
  std::int64_t size_ = 0, count_ = 0;
};

}  // namespace halfulp::kernels
