#!/usr/bin/env python3
"""Runs the cases of PaddleAPITest through Paddle, with halfulp's kernels in the place of Paddle's, and through torch; and
compares the results as that suite does, |a - b| <= 1e-2 + 1e-2 |b|.

    tests/suite_cases.py --paddle PYTHON --torch PYTHON [--halfulp PROGRAM] [CASES...]

Each PYTHON is one of an environment: the first holds halfulp and Paddle, the second torch. CASES are files of cases
(docs/cases.md); without any, those of the suite among the built-in ones. Eigenvalues are compared as multisets. Calls
that the ops' rules refuse must raise. Where the results differ, or torch has no such call, the oracle says who is wrong, and
by how many ULPs: of every output, a large result of conv2d in parts (pieces.py). Exit status: 0 if every difference is
torch's, 1 if not, 2 for bad usage. Needs NumPy.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pieces import Answer, numbers, part, pieces

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ATOL = RTOL = 1e-2
BATCH = 50  # cases whose tensors are in memory at a time
MULTISETS = ("paddle.linalg.eigvals",)


def answers(command: list[str], lines: list[str], **variables: str) -> Iterator[Answer]:
    """One answer a line. A program that ends early crashed on the first line it did not answer; another goes on after
    that one."""
    while lines:
        done = subprocess.run(
            command, input="".join(line + "\n" for line in lines), env={**os.environ, **variables}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        said = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if not said and done.returncode == 2:
            raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
        yield from map(json.loads, said)
        lines = lines[len(said) :]
        if lines:
            yield {"error": f"ended with exit status {done.returncode}", "kind": "crashed"}
            lines = lines[1:]


def near(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Where a is within the suite's tolerance of b; infinities equal, NaN with NaN. Integers are compared as integers
    where the tolerance leaves nothing to the rounding of binary64."""
    with np.errstate(invalid="ignore", over="ignore"):
        wide = "complex128" if np.iscomplexobj(a) or np.iscomplexobj(b) else "float64"
        return (a == b) | np.isclose(a.astype(wide), b.astype(wide), RTOL, ATOL, equal_nan=True)


def matched(allowed: np.ndarray) -> bool:
    """Whether rows and columns can be paired off, each pair an allowed one: by augmenting paths."""
    owner: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column in np.flatnonzero(allowed[row]).tolist():
            if column not in seen:
                seen.add(column)
                if column not in owner or place(owner[column], seen):
                    owner[column] = row
                    return True
        return False

    return all(place(row, set()) for row in range(len(allowed)))


def same_multisets(a: np.ndarray, b: np.ndarray) -> bool:
    n = a.shape[-1]
    rows = zip(a.reshape(-1, n), b.reshape(-1, n)) if a.size else ()
    return all(matched(near(x[:, None], y[None, :])) for x, y in rows)


def difference(api: str, got: Answer, other: Answer) -> str:
    """How two results differ; "" if they do not."""
    if len(got["outputs"]) != len(other["outputs"]):
        return f"{len(got['outputs'])} outputs, not {len(other['outputs'])}"
    for k, (mine, theirs) in enumerate(zip(got["outputs"], other["outputs"])):
        if mine["shape"] != theirs["shape"]:
            return f"output {k} is of shape {mine['shape']}, not {theirs['shape']}"
        a, b = numbers(mine), numbers(theirs)
        if api in MULTISETS:
            if not same_multisets(a, b):
                return f"output {k} is another multiset"
        elif not (close := near(a, b)).all():
            at = tuple(int(i) for i in np.argwhere(~close)[0])
            return f"output {k}{list(at)} is {a[at]}, not {b[at]}; {np.count_nonzero(~close)} of {a.size} differ"
    return ""


def ulps(given: np.ndarray, truth: np.ndarray) -> float:
    """The greatest distance, in units in the last place of the truth; inf where one is no number and the other is."""
    if np.iscomplexobj(truth):
        return max(ulps(given.real, truth.real), ulps(given.imag, truth.imag))
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(given.astype("float64") - truth.astype("float64")) / np.spacing(np.abs(truth))
    distance[(given == truth) | (np.isnan(given) & np.isnan(truth))] = 0
    return float(np.nan_to_num(distance, nan=np.inf, posinf=np.inf).max(initial=0))


def certified(got: Answer, truth: Answer) -> bool:
    """Whether the oracle has decided every bit of the result, and these are the bits."""
    return "outputs" in truth and len(got["outputs"]) == len(truth["outputs"]) and all(
        numbers(mine).tobytes() == numbers(t).tobytes() and mine["shape"] == t["shape"] and all(t.get("decided", [True]))
        for mine, t in zip(got["outputs"], truth["outputs"])
    )  # fmt: skip


def shapes(answer: Answer) -> list[list[int]]:
    return [tensor["shape"] for tensor in answer["outputs"]]


def judgement(case: dict[str, Any], got: Answer, other: Answer, oracle: Callable[[dict], Answer]) -> tuple[bool, str]:
    """Whether every bit of the result is the oracle's, and what the oracle says of torch's, if torch has any. Large
    results of conv2d are put to it in parts, all of them."""
    right, worst, count, outputs = True, 0.0, 0, 0
    alike = "outputs" in other and shapes(other) == shapes(got)
    for where, piece in pieces(case, got["outputs"]):
        truth, mine = oracle(piece), part(got, where)
        if "outputs" not in truth:
            return False, f"the oracle: {truth['error']}"
        right &= certified(mine, truth)
        if alike and shapes(mine) == shapes(truth):
            theirs = part(other, where)["outputs"]
            worst = max(worst, *(ulps(numbers(t), numbers(true)) for t, true in zip(theirs, truth["outputs"])))
        count, outputs = count + 1, outputs + sum(map(math.prod, shapes(truth)))
    said = f"torch is {worst:.3g} ULP off" if alike else f"torch's shapes are {shapes(other)}" if "outputs" in other else ""
    return right, f"{said}; {outputs} outputs put to the oracle in {count} parts" if count > 1 else said


def without(arguments: Any) -> Any:
    """A call to print: a tensor as its dtype and shape."""
    if isinstance(arguments, dict) and "tensor" in arguments:
        return f"{arguments['tensor']['dtype']}{arguments['tensor']['shape']}"
    if isinstance(arguments, dict):
        return {name: without(value) for name, value in arguments.items()}
    return [without(item) for item in arguments] if isinstance(arguments, list) else arguments


def verdict(case: dict[str, Any], paddle: Answer, cpu: Answer, torch: Answer, oracle: Callable[[dict], Answer]) -> tuple[str, bool, str]:
    """What came of a case, whether that is as it must be, and what to print of it, if anything."""
    if cpu.get("kind") in ("invalid_argument", "unsupported"):
        refused = paddle.get("kind") == "refused"
        return "invalid, raises", refused, "" if refused else f"does not raise, {cpu['error']}; Paddle: {str(paddle)[:200]}"
    if "outputs" not in paddle:
        return "valid, raises", False, f"{paddle['kind']}: {paddle['error']}"
    if "outputs" not in torch:
        right, _ = judgement(case, paddle, torch, oracle)
        what = "the oracle's bits" if right else "not certified"
        return f"valid, torch {torch['kind']}, {what}", right, f"torch {torch['kind']}: {torch['error']}"
    how = difference(case["api"], paddle, torch)
    if not how:
        return "valid, agrees with torch", True, ""
    right, said = judgement(case, paddle, torch, oracle)
    return f"valid, differs, {'torch is wrong' if right else 'not certified'}", right, f"{how}; {said}"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--paddle", required=True, metavar="PYTHON")
    parser.add_argument("--torch", required=True, metavar="PYTHON")
    parser.add_argument("--halfulp", default=str(REPOSITORY / "build/default/bin/halfulp"), metavar="PROGRAM")
    parser.add_argument("cases", nargs="*", type=Path, metavar="CASES")
    args = parser.parse_args()
    args.cases = args.cases or sorted((REPOSITORY / "analysis/cases/corpus").glob("*_real.jsonl"))
    return args


def cases(files: list[Path]) -> list[tuple[str, str]]:
    """Where each case stands, and its line."""
    return [
        (f"{file.name}:{k}", line)
        for file in files
        for k, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip()
    ]


def run(args: argparse.Namespace, batch: list[tuple[str, str]], counts: Counter) -> int:
    """How many cases are not as they must be."""
    drawn = [json.dumps(case) for case in answers([args.halfulp, "draw", "-"], [line for _, line in batch])]
    evaluate = [args.halfulp, "eval", "--bits", "--backend"]
    replies = zip(
        answers([args.paddle, str(Path(__file__).with_name("paddle_worker.py"))], drawn),
        answers([*evaluate, "cpu", "-"], drawn),
        answers([*evaluate, "pytorch", "-"], drawn, HALFULP_PEERS_PYTHON=args.torch),
    )
    failed = 0
    for (where, _), line, (paddle, cpu, torch) in zip(batch, drawn, replies):
        case = json.loads(line)
        if "error" in case:
            raise SystemExit(f"{where}: {case['error']}")
        oracle = functools.partial(answer_of_oracle, [*evaluate, "oracle", "-"])
        what, right, said = verdict(case, paddle, cpu, torch, oracle)
        counts[case["api"], what if right else f"WRONG: {what}"] += 1
        failed += not right
        if said:
            call = {**case["kwargs"], "args": case["args"]} if case["args"] else case["kwargs"]
            print(f"{where}: {'' if right else 'WRONG: '}{what}: {said}\n    {without(call)}", flush=True)
    return failed


def answer_of_oracle(command: list[str], case: dict[str, Any]) -> Answer:
    return next(answers(command, [json.dumps(case)]))


def main() -> int:
    args, counts = parse(), Counter()
    listed = cases(args.cases)
    failed = sum(run(args, listed[k : k + BATCH], counts) for k in range(0, len(listed), BATCH))
    print()
    for (api, what), count in sorted(counts.items()):
        print(f"{api:40} {what:45} {count:5}")
    for what in sorted({what for _, what in counts}):
        print(f"{'all':40} {what:45} {sum(n for (_, w), n in counts.items() if w == what):5}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
