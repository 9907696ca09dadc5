#!/usr/bin/env bash
# Builds halfulp's ops into a Python environment that holds torch or Paddle, and calls one:
#
#   scripts/ops.sh [PYTHON]
#
# Without PYTHON, an environment of its own is made: .venv/ops, with Paddle from PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${1:-.venv/ops/bin/python}
scripts/setup.sh kernels
if (($# == 0)); then
  scripts/setup.sh ops
fi
"$python" -m pip install --quiet --no-input --disable-pip-version-check --no-deps --no-build-isolation ./custom_op
"$python" custom_op/tests/call.py
