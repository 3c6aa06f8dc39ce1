"""How long it takes to judge a finished run of the demo benchmark again, as a whole process.

python benchmarks/speed/judging.py [--run FOLDER] [--rounds 9] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import ForeignLoad, describe_machine

DEMO = Path(__file__).resolve().parents[1] / "loading-dock" / "benchmark.yaml"
LIMIT_S = 2.0
_VERDICTS = (0, 3, 5)
"""Exit codes of a run that was judged: passed, failed, inconclusive."""


def main() -> None:
    """Measure, print the table and optionally write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--run", type=Path, help="a finished run; by default the demo is run first")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as scratch:
        run = arguments.run or Path(scratch) / "run"
        if arguments.run is None:
            vbench("run", str(DEMO), "--out", str(run), "--no-report")
        # Its gates alone differ from those that the run was judged by.
        gates = Path(scratch) / "benchmark.yaml"
        gates.write_text(
            (run / "benchmark.yaml").read_text().replace("metric: recall", "metric: f1", 1)
        )
        load = ForeignLoad()
        times_s = {
            "vbench gate RUN": rounds_s(arguments.rounds, "gate", str(run)),
            "vbench score RUN, a gate changed": rounds_s(
                arguments.rounds, "score", str(run), "--benchmark", str(gates)
            ),
        }
    print(f"{describe_machine()}; {load.text()}")
    for name, of_command in times_s.items():
        print(
            f"  {name:34s} {statistics.median(of_command):.2f} s "
            f"({min(of_command):.2f} .. {max(of_command):.2f})   (wanted: under {LIMIT_S:g})"
        )
    if arguments.json:
        found = {"machine": describe_machine(), "load": load.text(), "times_s": times_s}
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


def rounds_s(rounds: int, *arguments: str) -> list[float]:
    """Whole processes one after the other; the first one, which warms caches, is left out."""
    return [vbench(*arguments) for _ in range(rounds + 1)][1:]


def vbench(*arguments: str) -> float:
    """Run a command and return how long it took; raises RuntimeError where it could not judge."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "vbench", *arguments], capture_output=True, text=True, check=False
    )
    took_s = time.perf_counter() - began
    if done.returncode not in _VERDICTS:
        raise RuntimeError(done.stderr)
    return took_s


if __name__ == "__main__":
    main()
