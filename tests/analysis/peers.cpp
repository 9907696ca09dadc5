#include <algorithm>

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/backends/backend.hpp>
#include <halfulp/analysis/backends/gpu.hpp>
#include <halfulp/analysis/backends/isolated.hpp>
#include <halfulp/analysis/score.hpp>

using namespace halfulp;
using namespace halfulp::analysis;

namespace {

/// Calls in which every attribute of a convolution matters, on small random tensors.
const std::vector<std::string> convolutions{
    R"({"api": "conv2d", "kwargs": {"x": X[2, 4, 7, 6], "weight": X[6, 2, 3, 2], "bias": X[6], "stride": [2, 1],
        "padding": [1, 2], "dilation": [1, 2], "groups": 2}})",
    R"({"api": "conv2d", "kwargs": {"x": X[1, 6, 5, 2], "weight": X[4, 2, 2, 3], "padding": [1, 0, 2, 1],
        "data_format": "NHWC"}})",
    R"({"api": "conv2d", "kwargs": {"x": X[1, 2, 8, 7], "weight": X[3, 2, 3, 4], "stride": [3, 2], "padding": "SAME"}})",
    R"({"api": "conv2d", "kwargs": {"x": X[1, 2, 8, 7], "weight": X[3, 2, 3, 4], "padding": [[0, 0], [0, 0], [2, 1], [0, 3]]}})",
    R"({"api": "conv2d_input_grad", "kwargs": {"dy": X[2, 6, 4, 4], "weight": X[6, 2, 3, 2], "input_shape": [2, 4, 7, 5],
        "stride": [2, 1], "padding": [1, 1], "dilation": [1, 3], "groups": 2}})",
    R"({"api": "conv2d_input_grad", "kwargs": {"dy": X[1, 6, 4, 3], "weight": X[3, 2, 3, 2], "input_shape": [1, 6, 3, 2],
        "padding": [2, 0, 0, 2], "data_format": "NHWC"}})",
    R"({"api": "conv2d_weight_grad", "kwargs": {"dy": X[2, 6, 4, 4], "x": X[2, 4, 7, 5], "weight_shape": [6, 2, 3, 2],
        "stride": [2, 1], "padding": [1, 1], "dilation": [1, 3], "groups": 2}})",
    R"({"api": "conv2d_weight_grad", "kwargs": {"dy": X[1, 6, 4, 3], "x": X[1, 6, 3, 2], "weight_shape": [3, 2, 3, 2],
        "padding": [2, 0, 0, 2], "data_format": "NHWC"}})",
    R"({"api": "conv2d_bias_grad", "kwargs": {"dy": X[2, 3, 4, 5]}})",
    R"({"api": "conv2d_bias_grad", "kwargs": {"dy": X[2, 3, 4, 5], "data_format": "NHWC"}})",
    R"({"api": "conv2d_transpose", "kwargs": {"x": X[2, 4, 5, 6], "weight": X[4, 3, 3, 2], "bias": X[6], "stride": [2, 3],
        "padding": [1, 2], "dilation": [1, 2], "groups": 2, "output_padding": [1, 2]}})",
    R"({"api": "conv2d_transpose", "kwargs": {"x": X[1, 4, 5, 4], "weight": X[4, 3, 2, 3], "bias": X[3], "stride": [3, 2],
        "padding": [1, 0, 2, 1], "output_padding": [2, 0], "data_format": "NHWC"}})",
    R"({"api": "conv2d_transpose", "kwargs": {"x": X[1, 2, 4, 5], "weight": X[2, 3, 3, 4], "stride": 2, "padding": "SAME"}})",
    R"({"api": "conv2d_transpose", "kwargs": {"x": X[1, 2, 4, 5], "weight": X[2, 3, 3, 4], "stride": [3, 2], "padding": 1,
        "output_size": [12, 11]}})",
    R"({"api": "conv2d_transpose", "kwargs": {"x": X[1, 2, 4, 5], "weight": X[2, 3, 3, 4], "dilation": 3,
        "padding": [[0, 0], [0, 0], [2, 1], [0, 1]], "output_padding": [2, 1]}})",
    R"({"api": "conv2d_transpose_input_grad", "kwargs": {"dy": X[2, 6, 10, 18], "weight": X[4, 3, 3, 2],
        "input_shape": [2, 4, 5, 6], "stride": [2, 3], "padding": [1, 1], "dilation": [1, 2], "groups": 2,
        "output_padding": [1, 2]}})",
    R"({"api": "conv2d_transpose_input_grad", "kwargs": {"dy": X[1, 14, 8, 3], "weight": X[4, 3, 2, 3],
        "input_shape": [1, 5, 4, 4], "stride": [3, 2], "padding": [1, 1, 0, 1], "output_padding": [2, 0],
        "data_format": "NHWC"}})",
    R"({"api": "conv2d_transpose_weight_grad", "kwargs": {"dy": X[2, 6, 10, 18], "x": X[2, 4, 5, 6],
        "weight_shape": [4, 3, 3, 2], "stride": [2, 3], "padding": [1, 1], "dilation": [1, 2], "groups": 2,
        "output_padding": [1, 2]}})",
    R"({"api": "conv2d_transpose_weight_grad", "kwargs": {"dy": X[1, 14, 8, 3], "x": X[1, 5, 4, 4],
        "weight_shape": [4, 3, 2, 3], "stride": [3, 2], "padding": [1, 1, 0, 1], "output_padding": [2, 0],
        "data_format": "NHWC"}})",
};
const std::vector<std::string> eigenvalues{
    R"({"api": "eigvalsh", "kwargs": {"x": X[3, 6, 6], "UPLO": "L"}})",
    R"({"api": "eigvalsh", "kwargs": {"x": X[2, 5, 5], "UPLO": "U"}})",
    R"({"api": "eigvalsh", "kwargs": {"x": X[2, 0, 0]}})",
};

/// In an order of their own: matched to the truth.
const std::vector<std::string> general_eigenvalues{
    R"({"api": "eigvals", "kwargs": {"x": X[3, 6, 6]}})",
    R"({"api": "eigvals", "kwargs": {"x": X[2, 0, 0]}})",
};

/// Any triangle without a zero on its diagonal is a factor.
const std::vector<std::string> solutions{
    R"({"api": "cholesky_solve", "kwargs": {"x": X[2, 4, 3], "y": X[2, 4, 4]}})",
    R"({"api": "cholesky_solve", "kwargs": {"x": X[3, 1, 4, 3], "y": X[2, 4, 4], "upper": true}})",
    R"({"api": "cholesky_solve", "kwargs": {"x": X[2, 0, 3], "y": X[2, 0, 0]}})",
};
const std::vector<std::string> gradients_of_solutions{
    R"({"api": "cholesky_solve_x_grad", "kwargs": {"dout": X[2, 4, 3], "y": X[2, 4, 4], "x_shape": [4, 3]}})",
    R"({"api": "cholesky_solve_x_grad", "kwargs": {"dout": X[2, 4, 3], "y": X[4, 4], "x_shape": [2, 4, 3], "upper": true}})",
    // of order 1: torch's gradient multiplies by the other triangle as well, where that is not zero
    R"({"api": "cholesky_solve_y_grad", "kwargs": {"dout": X[2, 1, 3], "x": X[2, 1, 3], "y": X[1, 1]}})",
    R"({"api": "cholesky_solve_y_grad", "kwargs": {"dout": X[2, 1, 3], "x": X[1, 3], "y": X[2, 1, 1], "upper": true}})",
};

const std::vector<std::string> gradients{
    R"({"api": "eigvalsh_grad", "kwargs": {"dw": W[3, 6], "x": X[3, 6, 6], "UPLO": "L"}})",
    R"({"api": "eigvalsh_grad", "kwargs": {"dw": W[2, 5], "x": X[2, 5, 5], "UPLO": "U"}})",
    R"({"api": "eigvalsh_grad", "kwargs": {"dw": W[2, 0], "x": X[2, 0, 0]}})",
};

const std::vector<std::string> general_gradients{
    R"({"api": "eigvals_grad", "kwargs": {"dw": C[3, 6], "x": X[3, 6, 6]}})",
    R"({"api": "eigvals_grad", "kwargs": {"dw": C[2, 0], "x": X[2, 0, 0]}})",
};

/// No place twice where torch leaves open which of several wins, and no ties.
const std::vector<std::string> gradients_of_scatters{
    R"({"api": "index_add_value_grad", "kwargs": {"dy": X[3, 5], "x": X[3, 5], "index": I[4, 1, 4, 0, 0, 2, 4], "axis": -1,
        "value": X[3, 7], "alpha": -0.75}})",
    R"({"api": "put_along_axis_x_grad", "kwargs": {"dy": X[4], "x": X[4], "indices": I[2, 0, 3], "values": X[3], "axis": 0}})",
    R"({"api": "put_along_axis_values_grad", "kwargs": {"dy": X[4], "x": X[4], "indices": I[2, 0, 3], "values": X[1], "axis": 0}})",
    R"({"api": "put_along_axis_values_grad", "kwargs": {"dy": X[4], "x": X[4], "indices": I[2, 0, 2, 2, 1], "values": X[5],
        "axis": 0, "reduce": "add"}})",
    R"({"api": "put_along_axis_values_grad", "kwargs": {"dy": X[4], "x": X[4], "indices": I[2, 0, 2], "values": 0.5,
        "axis": 0, "reduce": "add"}})",
    R"({"api": "put_along_axis_x_grad", "kwargs": {"dy": X[4], "x": X[4], "indices": I[2, 0, 2, 2], "values": X[4], "axis": 0,
        "reduce": "mul"}})",
    R"({"api": "put_along_axis_values_grad", "kwargs": {"dy": X[4], "x": X[4], "indices": I[2, 0, 2, 2], "values": X[4], "axis": 0,
        "reduce": "mul"}})",
    R"({"api": "put_along_axis_x_grad", "kwargs": {"dy": X[4], "x": X[4], "indices": I[2, 0, 2, 2], "values": X[4], "axis": 0,
        "reduce": "amax", "include_self": false}})",
    R"({"api": "put_along_axis_values_grad", "kwargs": {"dy": X[4], "x": X[4], "indices": I[2, 0, 2, 2], "values": X[4], "axis": 0,
        "reduce": "amin"}})",
    R"({"api": "index_put_x_grad", "kwargs": {"dy": X[4, 3], "x": X[4, 3], "indices": [I[3, -4, 2]], "value": X[3]}})",
    R"({"api": "index_put_x_grad", "kwargs": {"dy": X[4, 3], "x": X[4, 3], "indices": [I[3, -4, 2]], "value": X[3],
        "accumulate": true}})",
    R"({"api": "index_put_value_grad", "kwargs": {"dy": X[4, 3], "x": X[4, 3], "indices": [I[3, -4, 2]], "value": X[3, 1]}})",
    R"({"api": "index_put_value_grad", "kwargs": {"dy": X[2, 3], "x": X[2, 3], "indices": [null, I[2, 2, 0, 2]], "value": X[4],
        "accumulate": true}})",
};

/// The case with X[...] as a tensor of this dtype and of numbers in -0.5 .. 0.5, W[...] of its real dtype,
/// C[...] of its complex one, and I[...] as one of these indices.
halfulp::analysis::test_case case_of(std::string text, const std::string& type) {
  const std::string real = type == "complex64" ? "float32" : type == "complex128" ? "float64" : type;
  const std::string complex = real == "float64" ? "complex128" : "complex64";
  for (const auto& [name, dtype] : {std::pair{"X[", type}, std::pair{"W[", real}, std::pair{"C[", complex}})
    for (std::size_t at; (at = text.find(name)) != std::string::npos;) {
      const std::size_t end = text.find(']', at);
      const std::string shape = text.substr(at + 1, end - at);
      text.replace(at, end - at + 1,
                   R"({"tensor": {"dtype": ")" + dtype + R"(", "fill": {"kind": "uniform"}, "shape": )" + shape + "}}");
    }
  for (std::size_t at; (at = text.find("I[")) != std::string::npos;) {
    const std::size_t end = text.find(']', at);
    const std::string data = text.substr(at + 1, end - at);
    const auto count = 1 + std::count(data.begin(), data.end(), ',');
    text.replace(
        at, end - at + 1,
        R"({"tensor": {"dtype": "int32", "shape": [)" + std::to_string(count) + R"(], "data": )" + data + "}}");
  }
  return parse_case(text, "here:1");
}

std::unique_ptr<backend> made(const char* name) {
  return backend_named(name).make();
}

/// An index rule that is wrong would be off by far more than any bound.
void check_within_bounds(backend& peer, const std::string& text, const std::string& type) {
  CAPTURE(text, type);
  const auto c = case_of(text, type);
  const case_result r = compare(made("oracle")->run(c), peer.run(c));
  CHECK(r.message == "");
  REQUIRE(r.came_out == outcome::scored);
  CHECK(r.scored.by_verdict[static_cast<std::size_t>(verdict::beyond)] == 0);
  CHECK(r.scored.by_verdict[static_cast<std::size_t>(verdict::unknown)] == 0);
}

void check_all(backend& peer, const std::vector<std::string>& cases, const std::vector<std::string>& types) {
  for (const auto& text : cases)
    for (const auto& type : types) check_within_bounds(peer, text, type);
}

void check_right(backend& ours, const std::vector<std::string>& cases, const std::vector<std::string>& types) {
  for (const auto& text : cases)
    for (const auto& type : types) {
      const auto c = case_of(text, type);
      const case_result r = compare(made("oracle")->run(c), ours.run(c));
      CAPTURE(text, type, r.message);
      REQUIRE(r.came_out == outcome::scored);
      CHECK(r.scored.correct() == r.scored.components);
    }
}

const std::vector<std::string> wide{"float32", "float64"};
const std::vector<std::string> wide_and_complex{"float32", "float64", "complex64", "complex128"};

}  // namespace

TEST_CASE("peers: Eigen's convolutions, eigenvalues and solutions are the same operations") {
  check_all(*made("eigen"), convolutions, wide);
  check_all(*made("eigen"), eigenvalues, wide_and_complex);
  check_all(*made("eigen"), general_eigenvalues, wide_and_complex);
  check_all(*made("eigen"), solutions, wide_and_complex);
}

TEST_CASE("peers: LAPACK's convolutions, eigenvalues and solutions are the same operations") {
  check_all(*made("lapack"), convolutions, wide);
  check_all(*made("lapack"), eigenvalues, wide_and_complex);
  check_all(*made("lapack"), general_eigenvalues, wide_and_complex);
  check_all(*made("lapack"), solutions, wide_and_complex);
}

TEST_CASE("peers: halfulp's kernels are right on the same cases") {
  check_right(*made("cpu"), convolutions, {"float16", "bfloat16", "float32", "float64"});
}

TEST_CASE("peers: the workers that are there do the same operations, copies and gathers included") {
  for (const char* name : {"torch", "pytorch"}) {
    const backend_entry& entry = backend_named(name);
    if (const auto missing = entry.missing(); !missing.empty()) {
      WARN(missing);
      continue;
    }
    isolated_backend peer(entry, default_timeout);
    CHECK(peer.describe()["name"] == name);
    check_all(peer, convolutions, wide);
    check_all(peer, eigenvalues, wide_and_complex);
    check_all(peer, general_eigenvalues, wide_and_complex);
    check_all(peer, solutions, wide_and_complex);
    check_all(peer, gradients_of_solutions, wide_and_complex);
    check_all(peer, gradients, wide_and_complex);
    check_all(peer, general_gradients, wide_and_complex);
    check_all(peer, gradients_of_scatters, wide);
    check_within_bounds(peer, R"({"api": "copysign", "kwargs": {"x": X[3, 1], "y": X[4]}})", "float16");
    check_within_bounds(peer, R"({"api": "index_sample", "kwargs": {"x": X[3, 5],
        "index": {"tensor": {"dtype": "int32", "shape": [3, 7]}}}})",
                        "bfloat16");
    CHECK(peer.run(case_of(R"({"api": "eigvalsh", "kwargs": {"x": X[2, 2]}})", "float16")).kind ==
          failure::unsupported);
    CHECK(peer.run(case_of(R"({"api": "conv2d", "kwargs": {"x": X[1, 1, 2, 2], "weight": X[1, 1, 3, 3]}})", "float32"))
              .kind == failure::refused);
  }
}

TEST_CASE("peers: the workers of a GPU do the same operations, or say why they cannot") {
  const std::vector<std::string> all{"float16", "bfloat16", "float32", "float64"};
  for (const char* name : {"cuda", "cudnn", "cusolver", "torch-cuda", "torch-cuda-tf32"}) {
    CAPTURE(name);
    const backend_entry& entry = backend_named(name);
    if (const auto missing = entry.missing(); !missing.empty()) {
      CHECK(missing.find('\n') == std::string::npos);
      WARN(name << ": " << missing);
      continue;
    }
    isolated_backend peer(entry, default_timeout);
    CHECK(peer.describe()["name"] == name);
    if (entry.name == "cuda") {
      check_right(peer, convolutions, all);
      check_right(peer, eigenvalues, wide_and_complex);
      check_right(peer, solutions, wide_and_complex);
      check_right(peer, gradients_of_scatters, wide);
      check_within_bounds(peer, general_eigenvalues[0], "float32");
    }
    if (entry.name == "cudnn") check_all(peer, convolutions, all);
    if (entry.name == "torch-cuda") check_all(peer, convolutions, wide);
    if (entry.name == "cusolver" || entry.name == "torch-cuda") {
      check_all(peer, eigenvalues, wide_and_complex);
      check_all(peer, general_eigenvalues, wide_and_complex);
      check_all(peer, solutions, wide_and_complex);
    }
    if (entry.name == "torch-cuda") {
      check_all(peer, gradients_of_solutions, wide_and_complex);
      check_all(peer, gradients, wide_and_complex);
      check_all(peer, general_gradients, wide_and_complex);
      check_all(peer, gradients_of_scatters, wide);
    }
  }
}

TEST_CASE("peers: a worker that loses its GPU is a crash, and the next case has a new one") {
  const backend_entry& entry = backend_named("torch-cuda");
  if (const auto missing = entry.missing(); !missing.empty()) {
    WARN(missing);
    return;
  }
  isolated_backend peer(entry, default_timeout);
  const auto sample = [](const char* index) {
    return case_of(R"({"api": "index_sample", "kwargs": {"x": X[1, 5], "index":
        {"tensor": {"dtype": "int64", "shape": [1, 1], "data": [)" +
                       std::string(index) + "]}}}}",
                   "float32");
  };
  CHECK(peer.run(sample("7")).kind == failure::crashed);
  CHECK(peer.run(sample("4")).ok());
  // Nothing is read back of an empty output: whatever happens to such a case, the next one is not blamed for it.
  for (const char* text :
       {R"({"api": "index_add", "kwargs": {"x": X[0, 3], "index": I[0], "axis": 0, "value": X[1, 3]}})",
        R"({"api": "index_put", "kwargs": {"x": X[2, 0], "indices": [I[5]], "value": X[1, 0]}})"}) {
    (void)peer.run(case_of(text, "float32"));
    CHECK(peer.run(sample("4")).ok());
  }
}

TEST_CASE("peers: PyTorch's worker says that it has no GPU where it has none") {
  if (!backend_named("pytorch").missing().empty() || missing_gpu().empty()) {
    WARN("there is a GPU, or no PyTorch");
    return;
  }
  for (const char* name : {"torch-cuda", "torch-cuda-tf32"}) {
    const auto d = isolated_backend(name, backend_named(name).worker_command(), default_timeout).describe();
    CHECK(d["name"] == name);
    CHECK_THAT(d["error"].get<std::string>(), Catch::Contains("has no GPU here"));
  }
}

TEST_CASE("peers: what a library lacks is unsupported") {
  const auto unsupported_by = [](const char* name, const std::string& text, const std::string& type) {
    return made(name)->run(case_of(text, type)).kind == failure::unsupported;
  };
  CHECK(unsupported_by("eigen", R"({"api": "copysign", "kwargs": {"x": X[2], "y": X[2]}})", "float32"));
  CHECK(unsupported_by("eigen", eigenvalues[0], "float16"));
  CHECK(unsupported_by("lapack", convolutions[0], "bfloat16"));
  const std::string infinite = R"({"api": "conv2d", "kwargs": {"x": X[1, 1, 2, 2], "weight": {"tensor":
      {"dtype": "float32", "shape": [1, 1, 2, 2], "data": [1, 2, 3, "inf"]}}, "padding": P}})";
  const auto with_padding = [&](const char* padding) {
    return std::string(infinite).replace(infinite.find("P}"), 1, padding);
  };
  CHECK(unsupported_by("lapack", with_padding("1"), "float32"));
  CHECK_FALSE(unsupported_by("lapack", with_padding("0"), "float32"));
}

TEST_CASE("peers: every backend describes itself by its name, and an unknown one is refused with the list") {
  for (const backend_entry& entry : all_backends()) {
    if (!entry.worker_command().empty()) continue;
    const auto d = entry.make()->describe();
    CHECK(d["name"] == entry.name);
    CHECK_FALSE(d["version"].get<std::string>().empty());
    CHECK(d["threads"].get<int>() >= 1);
  }
  CHECK_THROWS_WITH(backend_named("mkl"), Catch::Contains("mkl") && Catch::Contains("oracle, cpu, torch"));
}
