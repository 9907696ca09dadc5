#include <halfulp/oracle/linalg/batch.hpp>

#include <cblas.h>

namespace halfulp::linalg {

single_threaded_blas::single_threaded_blas() : threads_(openblas_get_num_threads()) {
  if (threads_ != 1) openblas_set_num_threads(1);
}

single_threaded_blas::~single_threaded_blas() {
  if (threads_ != 1) openblas_set_num_threads(threads_);
}

}  // namespace halfulp::linalg
