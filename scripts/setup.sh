#!/usr/bin/env bash
# Installs what is missing for the named parts, and nothing else:
#
#   scripts/setup.sh kernels  compiler, build tools and libraries of the kernels alone (make ops)
#   scripts/setup.sh build    these and what all else is built with (make test, report, asan, cuda, release)
#   scripts/setup.sh ops      Paddle from PyPI in the virtual environment .venv/ops, for make ops
#   scripts/setup.sh lint     clang, clang-tidy, clang-format (make tidy, format)
#   scripts/setup.sh packaging  what builds custom ops in environments of their own (make test-packaging)
#   scripts/setup.sh environments  the environments that CI tests custom ops in, from PyPI: two of Paddle, one of torch
#   scripts/setup.sh peers    torch and NumPy from PyPI in the virtual environment .venv/peers
#
# Quick when all is there; never asks a question.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly kernels_packages=(
  # tools
  g++ cmake ninja-build ccache python3 git ca-certificates
  # oracle: reals and the exact tier
  libgmp-dev libmpfr-dev libflint-dev libflint-arb-dev libboost-dev libeigen3-dev
  # oracle and kernels: dense linear algebra, SIMD
  liblapacke-dev libopenblas-dev libhwy-dev
  # ops of frameworks: JSON
  nlohmann-json3-dev
)
readonly build_packages=(
  "${kernels_packages[@]}"
  # analysis: proofs, text, the command line, and the peer LibTorch
  libz3-dev libfmt-dev libcli11-dev libtorch-dev
  # tests
  catch2 python3-jsonschema
)
readonly lint_packages=(clang clang-tidy clang-format libomp-dev)
readonly packaging_packages=(g++ ccache binutils python3 python3-dev python3-venv python3-pytest)
readonly peers_packages=(python3 python3-venv)
readonly peers_dir=.venv/peers
readonly peers_list=scripts/peers.txt
readonly ops_dir=.venv/ops
readonly ops_list=(paddlepaddle==3.3.1 numpy setuptools wheel)

say() { printf 'setup: %s\n' "$*"; }

die() {
  printf 'setup: %s\n' "$*" >&2
  exit 2
}

missing_of() {
  local installed package
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "installed $package" <<<"$installed" || echo "$package"
  done
}

# How to become root: nothing as root; otherwise sudo, which may ask for a password only on a terminal.
become_root() {
  if [[ $(id -u) == 0 ]]; then
    become=()
  elif ! command -v sudo >/dev/null; then
    die "not root, and no sudo; as root run: apt-get install $*"
  elif [[ -t 0 ]]; then
    become=(sudo)
  else
    become=(sudo -n)
  fi
}

install_debian() {
  command -v dpkg-query >/dev/null ||
    die "this is no Debian system; install what these Debian packages hold by hand: $*"
  local missing
  mapfile -t missing < <(missing_of "$@")
  if ((${#missing[@]} == 0)); then
    return
  fi
  local become log
  become_root "${missing[@]}"
  say "installing from Debian: ${missing[*]}"
  # Another apt may be at work; wait for it. What apt prints is shown only if it fails.
  local apt=("${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq -y)
  log=$(mktemp)
  "${apt[@]}" update </dev/null >"$log" 2>&1 &&
    "${apt[@]}" install --no-install-recommends "${missing[@]}" </dev/null >>"$log" 2>&1 || {
    cat "$log" >&2
    rm -f "$log"
    die "apt-get failed (see above); these packages are missing: ${missing[*]}"
  }
  rm -f "$log"
  say "installed"
}

install_peers() {
  install_debian "${peers_packages[@]}"
  if [[ -f $peers_dir/installed.txt ]] && cmp -s "$peers_list" "$peers_dir/installed.txt"; then
    say "$peers_dir is up to date: $(paste -sd ' ' "$peers_list")"
    return
  fi
  say "installing into $peers_dir from PyPI: $(paste -sd ' ' "$peers_list") (torch with its libraries: 5.6 GB)"
  [[ -x $peers_dir/bin/python ]] || /usr/bin/python3 -m venv "$peers_dir"
  "$peers_dir/bin/python" -m pip install --quiet --no-input --disable-pip-version-check -r "$peers_list" </dev/null ||
    die "pip failed (see above); without $peers_dir reports say that torch is missing"
  cp "$peers_list" "$peers_dir/installed.txt"
  say "installed"
}

install_ops() {
  install_debian python3 python3-dev python3-venv
  if [[ -f $ops_dir/complete ]]; then
    return
  fi
  say "installing into $ops_dir from PyPI: ${ops_list[*]}"
  /usr/bin/python3 -m venv --clear "$ops_dir"
  "$ops_dir/bin/python" -m pip install --quiet --no-input --disable-pip-version-check "${ops_list[@]}" </dev/null ||
    die "pip failed (see above); scripts/ops.sh PYTHON takes an interpreter that has torch or Paddle"
  touch "$ops_dir/complete"
  say "installed"
}

# In HALFULP_ENVIRONMENTS, by default build/environments. Paddle 3.0.0 builds eggs.
install_environments() {
  install_debian "${packaging_packages[@]}"
  /usr/bin/python3 custom_op/tests/matrix.py --frameworks paddle==3.0.0 paddle==3.3.1 torch==2.15.0 --make-environments
}

(($# > 0)) || die "which part? kernels, build, ops, lint, packaging, environments or peers"
for part in "$@"; do
  case $part in
    kernels) install_debian "${kernels_packages[@]}" ;;
    ops) install_ops ;;
    build) install_debian "${build_packages[@]}" ;;
    lint) install_debian "${lint_packages[@]}" ;;
    packaging) install_debian "${packaging_packages[@]}" ;;
    environments) install_environments ;;
    peers) install_peers ;;
    *) die "unknown part '$part'; it may be kernels, build, ops, lint, packaging, environments or peers" ;;
  esac
done
