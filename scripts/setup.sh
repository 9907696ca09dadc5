#!/usr/bin/env bash
# Installs what is missing for the named parts, and nothing else:
#
#   scripts/setup.sh build    compiler, build tools and libraries (make test, report, asan, cuda, release)
#   scripts/setup.sh lint     clang, clang-tidy, clang-format (make tidy, format)
#   scripts/setup.sh packaging  what builds custom ops in environments of their own (make test-packaging)
#   scripts/setup.sh environments  the environments that CI tests custom ops in, from PyPI: two of Paddle, one of torch
#   scripts/setup.sh peers    torch and NumPy from PyPI in the virtual environment .venv/peers
#
# Quick when all is there; never asks a question.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly build_packages=(
  # tools
  g++ cmake ninja-build ccache python3 git ca-certificates
  # oracle: reals and the exact tier
  libgmp-dev libmpfr-dev libflint-dev libflint-arb-dev libboost-dev libeigen3-dev
  # oracle and kernels: dense linear algebra, SIMD
  liblapacke-dev libopenblas-dev libhwy-dev
  # analysis: proofs, text, the command line, JSON, and the peer LibTorch
  libz3-dev libfmt-dev libcli11-dev nlohmann-json3-dev libtorch-dev
  # tests
  catch2 python3-jsonschema
)
readonly lint_packages=(clang clang-tidy clang-format libomp-dev)
readonly packaging_packages=(g++ ccache binutils python3 python3-dev python3-venv python3-pytest)
readonly peers_packages=(python3 python3-venv)
readonly peers_dir=.venv/peers
readonly peers_list=scripts/peers.txt

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

# In HALFULP_ENVIRONMENTS, by default build/environments. Paddle 3.0.0 builds eggs.
install_environments() {
  install_debian "${packaging_packages[@]}"
  /usr/bin/python3 custom_op/tests/matrix.py --frameworks paddle==3.0.0 paddle==3.3.1 torch==2.15.0 --make-environments
}

(($# > 0)) || die "which part? build, lint, packaging, environments or peers"
for part in "$@"; do
  case $part in
    build) install_debian "${build_packages[@]}" ;;
    lint) install_debian "${lint_packages[@]}" ;;
    packaging) install_debian "${packaging_packages[@]}" ;;
    environments) install_environments ;;
    peers) install_peers ;;
    *) die "unknown part '$part'; it may be build, lint, packaging, environments or peers" ;;
  esac
done
