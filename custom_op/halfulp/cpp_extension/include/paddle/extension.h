// Stands in front of Paddle's own header of this name where Paddle's libraries lack two constructors of Tensor that its
// headers still declare, as those of 3.3.1 do. Operators written for earlier versions call them.
#ifndef HALFULP_PADDLE_EXTENSION_H
#define HALFULP_PADDLE_EXTENSION_H
#include_next "paddle/extension.h"

namespace paddle {

/// float32, of no dimension, at `place`: reshape() and mutable_data<T>() say what it is to hold.
inline Tensor::Tensor(const Place& place) : Tensor(empty({}, DataType::FLOAT32, place)) {}

/// float32 of this shape at `place`, with any values; mutable_data<T>() makes it another dtype.
inline Tensor::Tensor(const Place& place, const std::vector<int64_t>& shape)
    : Tensor(empty(shape, DataType::FLOAT32, place)) {}

}  // namespace paddle

#endif
