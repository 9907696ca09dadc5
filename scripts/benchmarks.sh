#!/usr/bin/env bash
# Runs every benchmark beside its peers: torch, with the Python that `make peers` sets up, and FLINT.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${HALFULP_PEERS_PYTHON:-.venv/peers/bin/python}
if [[ ! -x $python ]]; then
  echo "benchmarks: $python is missing; make peers installs it" >&2
  exit 2
fi
for script in benchmarks/*_beside_*.py; do
  "$python" "$script" "$@"
done
build/default/bin/halfulp_benchmark_eigvalsh_oracle
build/default/bin/halfulp_benchmark_eigvals_oracle
