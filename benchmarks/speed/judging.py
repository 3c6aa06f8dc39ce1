"""How long it takes to judge the demo benchmark again, as whole processes.

python benchmarks/speed/judging.py [--run FOLDER] [--rounds 5] [--json FILE]

Three commands: `vbench gate` with the gates of the run, `vbench score` with another gate, and
`vbench run` of the whole benchmark with another gate while all detections are cached.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from harness import Table, arguments_of, measure, wall_s

DEMO = Path(__file__).resolve().parents[1] / "loading-dock"
LIMIT_S = 2.0
_VERDICTS = (0, 3, 5)
"""Exit codes of a run that was judged: passed, failed, inconclusive."""
_GATE = "metric: recall"
_OTHERS = ("f1", "ap50", "precision", "frame_recall", "mean_iou", "ap", "idf1", "ap75")
"""What the first gate is changed to, each round to another one: nothing is known of it yet."""


def main() -> None:
    """Measure and print the table."""
    parser = arguments_of(__doc__, rounds=5)
    parser.add_argument("--run", type=Path, help="a finished run; by default the demo is run first")
    arguments = parser.parse_args()
    table = Table("Judging again", arguments)
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as scratch:
        folder = Path(scratch)
        os.environ["VBENCH_CACHE"] = str(folder / "cache")
        run = arguments.run or folder / "run"
        # It fills the cache too, and another one warms what is loaded.
        vbench("run", str(DEMO / "benchmark.yaml"), "--out", str(folder / "run"), "--no-report")
        gates = changed(run / "benchmark.yaml", _OTHERS[0], folder / "gates.yaml")
        ways: dict[str, Callable[[], float]] = {
            "vbench gate RUN": wall_s(lambda: vbench("gate", str(run))),
            "vbench score RUN, a gate changed": wall_s(
                lambda: vbench("score", str(run), "--benchmark", str(gates))
            ),
            "re-run with only gates changed, demo benchmark": wall_s(again(folder)),
        }
        rounds = measure(ways, arguments.rounds)
    for place, name in enumerate(ways):
        load = rounds.load if place == 0 else None
        table.add(name, rounds.values[name], "s", at_most=LIMIT_S, load=load)
    table.finish()


def again(folder: Path) -> Callable[[], None]:
    """Run the demo with another gate each time, into a new folder."""
    rounds = enumerate(itertools.cycle(_OTHERS))

    def run() -> None:
        number, metric = next(rounds)
        benchmark = changed(DEMO / "benchmark.yaml", metric, folder / "benchmark.yaml")
        out = folder / f"again-{number}"
        vbench("run", str(benchmark), "--out", str(out), "--no-report")

    return run


def changed(benchmark: Path, metric: str, target: Path) -> Path:
    """A copy of a benchmark file with another gate, that finds its files from where it lies."""
    text = benchmark.read_text().replace(_GATE, f"metric: {metric}", 1)
    text = text.replace("../../golden_sets/", f"{DEMO.parents[1]}/golden_sets/")
    target.write_text(text.replace("pipelines/", f"{DEMO}/pipelines/"))
    return target


def vbench(*arguments: str) -> None:
    """Run a command; raises RuntimeError where it could not judge."""
    command = [sys.executable, "-m", "vbench", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in _VERDICTS:
        raise RuntimeError(done.stderr)


if __name__ == "__main__":
    main()
