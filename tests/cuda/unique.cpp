#include <halfulp/oracle/ops/unique_consecutive.hpp>

#include "cuda/scatter_calls.hpp"

namespace halfulp::tests {

TEMPLATE_TEST_CASE("cuda unique: values, index, inverse and counts are those of the CPU", "", bool, std::uint8_t,
                   std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 40);
  comparison all;
  const auto either = [&] { return argument{r.between(0, 1) == 1}; };
  for (std::int64_t n = 0; n < repeats(20); ++n)
    for (const kind k : every_kind) {
      const extents shape = n % 3 == 0 ? extents{r.between(0, 3000)} : random_extents(r, 0, 3, 5);
      const tensor x = drawn_tensor(r, dtype_of<TestType>, shape, k);
      named_arguments named{{"return_inverse", either()},
                            {"return_counts", either()},
                            {"dtype", {std::string(r.between(0, 1) == 1 ? "int32" : "int64")}}};
      if (shape.rank > 0 && r.between(0, 1) == 1) {
        const std::int64_t axis = r.between(0, shape.rank - 1);
        bool empty = false;
        for (int d = 0; d < shape.rank; ++d) empty = empty || (d != axis && shape[d] == 0);
        if (!empty) named["axis"] = {axis};
      }
      all += compare<op::unique_consecutive, TestType>(call_for<op::unique_consecutive>({{x.view()}}, named));
      named["return_index"] = either();
      named["sorted"] = either();
      all += compare<op::unique, TestType>(call_for<op::unique>({{x.view()}}, named));
    }
  CAPTURE(all.first_wrong);
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
}

}  // namespace halfulp::tests
