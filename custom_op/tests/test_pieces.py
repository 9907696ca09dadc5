"""The parts in which suite_cases.py asks the oracle: check_pieces.py, in an environment that has NumPy."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent


def test_pieces(env):
    env.run("check_pieces.py", cwd=TESTS)
