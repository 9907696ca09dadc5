# The one list of ops in the build: one line each, in the order of oracle/ops.hpp (a test compares the two).
#
# The slice of an op is oracle/ops/<op>.hpp, kernels/ops/<op>.cpp, tests/ops/<op>.cpp and docs/ops/<op>.md;
# oracle/ops/<op>.cpp and kernels/ops/<op>.cu are taken where they exist. A configuration without one of the
# four is refused. A gradient may share files of its base op, and then says so here:
#
#   halfulp_op(<op> [SHARES <base op> <SPEC|KERNEL|TEST|PAGE>...])

halfulp_op(index_sample)
halfulp_op(copysign)
halfulp_op(conv2d)
halfulp_op(conv2d_input_grad  SHARES conv2d TEST PAGE)
halfulp_op(conv2d_weight_grad SHARES conv2d TEST PAGE)
halfulp_op(conv2d_bias_grad   SHARES conv2d TEST PAGE)
halfulp_op(conv2d_transpose)
halfulp_op(conv2d_transpose_input_grad  SHARES conv2d_transpose TEST PAGE)
halfulp_op(conv2d_transpose_weight_grad SHARES conv2d_transpose TEST PAGE)
halfulp_op(eigvalsh)
halfulp_op(cholesky_solve)
halfulp_op(cholesky_solve_x_grad SHARES cholesky_solve TEST PAGE)
halfulp_op(cholesky_solve_y_grad SHARES cholesky_solve TEST PAGE)
halfulp_op(expand)
halfulp_op(as_strided)
halfulp_op(index_add)
