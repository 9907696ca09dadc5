// A Python module in C++, for Paddle's tensors: functions and a class, no operator.
#include "extension.h"

#include "paddle/extension.h"

namespace {

paddle::Tensor add_one(const paddle::Tensor& x) { return x.add(paddle::full(x.shape(), 1, x.dtype())); }

class counter {
 public:
  explicit counter(int first) : next_(first) {}
  int next() { return next_++; }

 private:
  int next_;
};

}  // namespace

PYBIND11_MODULE(PADDLE_EXTENSION_NAME, m) {
  m.def("add_one", &add_one, "x + 1, element by element");
  m.def("twice", &twice, "2 n");
  py::class_<counter>(m, "Counter").def(py::init<int>()).def("next", &counter::next);
}
