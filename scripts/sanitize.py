#!/usr/bin/env python3
"""Runs the tests of a program under compute-sanitizer, every tool over every test, many processes side by side.

    scripts/sanitize.py build/cuda/bin/halfulp_tests_cuda LOGS [FILTER ...] [--tools memcheck,initcheck,synccheck,racecheck]
        [--jobs N] [--gpus N] [--limit SECONDS] [--within SECONDS] [--multiplier .02] [--group 1] [--times LOGS/times.txt]
        [--resume LOGS/times.txt] [--kernels TEXT] [--workers N]

FILTER are names of tests, * for anything ("cuda eigvals*- double"); without one all tests that are not hidden. A process runs
`--group` tests under one tool, or under none, which is called plain; processes are dealt to the first `--gpus` devices in turn. --limit ends a process, --within the whole; what had not ended then is named. --multiplier is that of every random loop.
--times: seconds of an earlier run, so that the longest parts begin first, and those that take no time share processes.
--resume: what was clean in that run, of the same program, is not run again.
--kernels: only kernels with TEXT in their mangled names are looked at, but by initcheck, which has to see all that is written: what it
is not shown, of cuSOLVER's for instance, it takes for never written. --workers: threads of each racecheck, which by itself takes
one a core; without the option as many as leave the processes a core each.
LOGS gets a log a process, times.txt and summary.txt: for each tool how many tests are clean, and each that is not with what was
found: the kernels, and whether they are halfulp's own or a library's. Exits with 0 where all is clean, 1 where something was found
or a test failed, 3 where something did not end. Needs compute-sanitizer in PATH or in /usr/local/cuda/bin, and a GPU.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import os
import re
import shutil
import signal
import subprocess
import sys
import time

TOOLS = ("memcheck", "initcheck", "synccheck", "racecheck", "plain")
OWN = "halfulp"  # in the name of every kernel of ours
SUMMARY = re.compile(r"(?:ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: (\d+) hazard)")
# "at void name<...>(...)+0x90 in file.cu:12", or the same without a place
KERNEL = re.compile(r"^=+\s+at (?:void )?(.+?)\+0x")
LEAST = 24  # seconds of tests in a process, since it takes about four to begin
PASSED = re.compile(r"All tests passed \(.* in (\d+) test case|test cases?: (\d+) \| \2 passed")


def names_of(binary, patterns):
    """Names of the tests that any of the patterns matches; Catch2 v2 ends with their number as its status."""
    out = subprocess.run([binary, "--list-test-names-only", *(["*"] if patterns else [])], capture_output=True, text=True).stdout
    names = [n for n in out.splitlines() if n.strip()]
    return [n for n in names if not patterns or any(fnmatch.fnmatchcase(n, p) for p in patterns)]


def escaped(name):
    return re.sub(r"([\\,\[\"*])", r"\\\1", name)


def parts_of(names, group, times, tool):
    """Lists of names, the longest first; those known to be short share a process for about as long as the longest one takes."""
    known = {n: times.get((tool, n)) for n in names}
    if any(known.values()):
        most = max(t for t in known.values() if t)
        parts, sizes = [], []
        for n in sorted(names, key=lambda n: -(known[n] or most)):
            t = known[n] or most
            room = next((k for k, size in enumerate(sizes) if size + t <= max(most, LEAST)), None)
            if room is not None:
                parts[room].append(n)
                sizes[room] += t
            else:
                parts.append([n])
                sizes.append(t)
        return list(zip(sizes, parts))
    count = -(-len(names) // group)  # neighbours, which take about as long as each other, go to different processes
    return [(0, names[k::count]) for k in range(count)]


def options_of(tool, kernels, workers):
    """What the tool is asked for besides its name."""
    options = ["--kernel-name", f"kns={kernels}"] if kernels and tool != "initcheck" else []
    return options + (["--racecheck-num-workers", str(workers)] if tool == "racecheck" else [])


def run_part(sanitizer, options, binary, tool, names, place, limit, settings):
    """The outcome of one process: (state, findings by kernel, seconds); state is clean, found, failed or unended."""
    with open(place + ".names", "w") as f:
        f.writelines(escaped(n) + "\n" for n in names)
    # with all kernels of cuSOLVER and cuBLAS loaded at its start a process takes 15 s to begin, with those that are called 1 s
    environment = dict(os.environ, CUDA_MODULE_LOADING="LAZY", **settings)
    looked_at = [sanitizer, "--tool", tool, "--require-cuda-init", "no", "--print-limit", "200", *options]
    command = [*(looked_at if tool != "plain" else []), binary, "-d", "yes", "-f", place + ".names"]
    begin = time.monotonic()
    with open(place + ".log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True)
        try:
            process.wait(limit)
            ended = True
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            ended = False
    seconds = time.monotonic() - begin
    with open(place + ".log", errors="replace") as log:
        text = log.read()
    found = collections.Counter()
    for line in text.splitlines():
        if (kernel := KERNEL.match(line)) is not None:
            found[kernel.group(1).split("(")[0]] += 1
    total = [int(a or b) for a, b in SUMMARY.findall(text)]
    if not ended:
        return "unended", found, seconds
    if sum(total) > 0:
        return "found", found, seconds
    passed = sum(int(a or b) for a, b in PASSED.findall(text))
    if (not total and tool != "plain") or passed != len(names) or process.returncode != 0:
        return "failed", found, seconds
    return "clean", found, seconds


def read_times(path):
    """(tool, name) -> seconds; where tests shared a process, each has its share."""
    times = {}
    if path and os.path.exists(path):
        for line in open(path):
            tool, seconds, state, name = line.rstrip("\n").split("\t")
            if state != "unended":
                times[tool, name] = float(seconds)
    return times


def clean_before(path):
    """Pairs (tool, name) that an earlier run found clean."""
    if not path:
        return set()
    with open(path) as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    return {(tool, name) for tool, _, state, name in rows if state == "clean"}


def summarise(results, say):
    """The number of parts that are not clean, and of those that did not end."""
    for tool in TOOLS:
        mine = [r for r in results if r[0] == tool]
        if not mine:
            continue
        counts = collections.Counter()
        for _, names, state, _, _ in mine:
            counts[state] += len(names)
        say(f"{tool}: {counts['clean']} of {sum(counts.values())} tests clean, {counts['found']} with findings, "
            f"{counts['failed']} failed, {counts['unended']} not ended; {sum(r[4] for r in mine):.0f} s of processes")
        own, other = collections.Counter(), collections.Counter()
        for _, names, state, found, seconds in mine:
            if state == "clean":
                continue
            say(f"  {state} after {seconds:.0f} s: {' | '.join(names)}")
            for kernel, count in found.most_common():
                (own if OWN in kernel else other)[kernel] += count
        for whose, kernels in (("halfulp's", own), ("a library's", other)):
            for kernel, count in kernels.most_common():
                say(f"  {count} in {whose} {kernel}")
    states = [r[2] for r in results]
    return sum(s in ("found", "failed") for s in states), states.count("unended")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("logs")
    parser.add_argument("filter", nargs="*")
    parser.add_argument("--tools", default=",".join(t for t in TOOLS if t != "plain"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--gpus", type=int, default=1)
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("--within", type=float, default=3600)
    parser.add_argument("--multiplier", type=float, default=0.02)
    parser.add_argument("--group", type=int, default=1)
    parser.add_argument("--times")
    parser.add_argument("--resume")
    parser.add_argument("--kernels")
    parser.add_argument("--workers", type=int)
    o = parser.parse_args()
    sanitizer = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
    tools, names, times = o.tools.split(","), names_of(o.binary, o.filter), read_times(o.times)
    if not names or any(t not in TOOLS for t in tools):
        print("sanitize.py: no such tests or tools", file=sys.stderr)
        return 2
    os.makedirs(o.logs, exist_ok=True)
    # the longest first; racecheck takes longest where nothing is known
    clean = clean_before(o.resume)
    left = {tool: [n for n in names if (tool, n) not in clean] for tool in tools}
    work = [(size, -TOOLS.index(tool), tool, part) for tool in tools for size, part in parts_of(left[tool], o.group, times, tool)]
    work.sort(key=lambda w: (-w[0], w[1]))
    end = time.monotonic() + o.within
    workers = o.workers or max(1, os.cpu_count() // max(1, o.jobs))

    def one(k):
        _, _, tool, part = work[k]
        limit = min(o.limit, end - time.monotonic())
        if limit <= 0:
            return tool, part, "unended", collections.Counter(), 0.0
        place = os.path.join(o.logs, f"{tool}-{k}")
        settings = {"HALFULP_TEST_MULTIPLIER": str(o.multiplier)}
        if o.gpus > 1:
            settings["CUDA_VISIBLE_DEVICES"] = str(k % o.gpus)
        return tool, part, *run_part(sanitizer, options_of(tool, o.kernels, workers), os.path.abspath(o.binary), tool, part, place,
                                       limit, settings)

    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        results = list(pool.map(one, range(len(work))))
    with open(os.path.join(o.logs, "times.txt"), "w") as f:
        f.writelines(f"{tool}\t{seconds / len(part):.2f}\t{state}\t{name}\n"
                     for tool, part, state, _, seconds in results for name in part)
    with open(os.path.join(o.logs, "summary.txt"), "w") as f:
        def say(line):
            print(line, flush=True)
            print(line, file=f)
        bad, unended = summarise(results, say)
    return 1 if bad else 3 if unended else 0


if __name__ == "__main__":
    sys.exit(main())
