#!/usr/bin/env bash
# Runs the report and opens its page where someone is there to look at it. The last lines are the program's.
set -uo pipefail
cd "$(dirname "$0")/.."

build/default/bin/halfulp report --out report "$@"
status=$?
if [[ -t 1 && -f report/index.html && -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]] && command -v xdg-open >/dev/null; then
  xdg-open report/index.html >/dev/null 2>&1 </dev/null &
fi
exit "$status"
