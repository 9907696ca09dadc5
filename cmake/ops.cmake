# The one list of ops in the build: one line each, in the order of oracle/ops.hpp (a test compares the two).
#
# The slice of an op is oracle/ops/<op>.hpp, kernels/ops/<op>.cpp, tests/ops/<op>.cpp and docs/ops/<op>.md;
# oracle/ops/<op>.cpp and kernels/ops/<op>.cu are taken where they exist. A configuration without one of the
# four is refused. A gradient may share files of its base op, and then says so here:
#
#   halfulp_op(<op> [SHARES <base op> <SPEC|KERNEL|TEST|PAGE>...])

halfulp_op(index_sample)
halfulp_op(index_sample_grad SHARES index_sample TEST PAGE)
halfulp_op(copysign)
halfulp_op(copysign_x_grad SHARES copysign TEST PAGE)
halfulp_op(copysign_y_grad SHARES copysign TEST PAGE)
halfulp_op(conv2d)
halfulp_op(conv2d_input_grad  SHARES conv2d TEST PAGE)
halfulp_op(conv2d_weight_grad SHARES conv2d TEST PAGE)
halfulp_op(conv2d_bias_grad   SHARES conv2d TEST PAGE)
halfulp_op(conv2d_transpose)
halfulp_op(conv2d_transpose_input_grad  SHARES conv2d_transpose TEST PAGE)
halfulp_op(conv2d_transpose_weight_grad SHARES conv2d_transpose TEST PAGE)
halfulp_op(eigvalsh)
halfulp_op(eigvalsh_grad)
halfulp_op(cholesky_solve)
halfulp_op(cholesky_solve_x_grad SHARES cholesky_solve TEST PAGE)
halfulp_op(cholesky_solve_y_grad SHARES cholesky_solve TEST PAGE)
halfulp_op(index_add)
halfulp_op(index_add_value_grad SHARES index_add TEST PAGE)
halfulp_op(expand)
halfulp_op(expand_grad SHARES expand TEST PAGE)
halfulp_op(as_strided)
halfulp_op(as_strided_grad SHARES as_strided TEST PAGE)
halfulp_op(unique)
halfulp_op(unique_consecutive SHARES unique KERNEL TEST PAGE)
halfulp_op(put_along_axis)
halfulp_op(put_along_axis_x_grad      SHARES put_along_axis TEST PAGE)
halfulp_op(put_along_axis_values_grad SHARES put_along_axis TEST PAGE)
halfulp_op(index_put)
halfulp_op(index_put_x_grad     SHARES index_put TEST PAGE)
halfulp_op(index_put_value_grad SHARES index_put TEST PAGE)
