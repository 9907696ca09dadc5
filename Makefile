# Thin fronts: scripts/setup.sh installs what is missing, CMake's workflow presets do the work.

export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell nproc)
export CTEST_PARALLEL_LEVEL ?= $(shell nproc)
PRESET ?= default

.PHONY: help report test ops proofs test-packaging mutants campaigns benchmarks peers asan tidy cuda release format

help:
	@echo 'make report    build, run every case on every backend, write report/index.html'
	@echo 'make test      build and run all tests'
	@echo 'make ops       build the ops into PYTHON, which holds torch or Paddle (else into .venv/ops), and call one'
	@echo 'make proofs    every proof, those too that take minutes'
	@echo 'make test-packaging  custom ops installed in every way under every framework (downloads each of them)'
	@echo 'make mutants   plant each fault of tests/mutants, expect the tests to fail (hours)'
	@echo 'make campaigns the long checks: millions of outputs an op, and every pair of a 16-bit format'
	@echo 'make benchmarks  cost beside the peers of make peers; ratios are those of one run'
	@echo 'make peers     install torch from PyPI into .venv/peers, to be compared with (5.6 GB)'
	@echo 'make asan      the tests under AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make tidy      clang and clang-tidy over everything'
	@echo 'make cuda      build with the CUDA kernels and run the tests that need no GPU (needs nvcc)'
	@echo 'make release   what is installed: cmake --install build/release --prefix DIR'
	@echo 'make format    clang-format, in place'

report:
	@scripts/setup.sh build
	@cmake --workflow --preset report
	@scripts/report.sh

# PRESET=cuda: with the CUDA kernels compiled in, in one build.
test:
	@scripts/setup.sh build
	@cmake --workflow --preset $(PRESET)

ops:
	@scripts/ops.sh $(PYTHON)

proofs: test
	@build/default/bin/halfulp prove

test-packaging:
	@scripts/setup.sh packaging
	@cd custom_op/tests && /usr/bin/python3 matrix.py && /usr/bin/python3 -m pytest -q -p no:cacheprovider

asan:
	@scripts/setup.sh build
	@cmake --workflow --preset asan

tidy:
	@scripts/setup.sh build lint
	@cmake --workflow --preset tidy

cuda:
	@$(MAKE) --no-print-directory test PRESET=cuda

release:
	@scripts/setup.sh build
	@cmake --workflow --preset release

mutants:
	@scripts/setup.sh build
	@tests/mutants/run.py

campaigns: test
	@set -e; for campaign in build/default/bin/halfulp_campaign_*; do $$campaign; done

benchmarks:
	@scripts/setup.sh build
	@cmake --workflow --preset benchmarks
	@scripts/benchmarks.sh

peers:
	@scripts/setup.sh peers

format:
	@scripts/setup.sh lint
	@git ls-files '*.cpp' '*.hpp' '*.cu' '*.cuh' | xargs -r clang-format -i
