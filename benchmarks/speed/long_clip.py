"""Peak memory of `vbench run` on a 10-hour clip against a 1-minute one, each in its own process.

python benchmarks/speed/long_clip.py [--long 36000] [--short 60] [--json FILE]

160x90, 10 frames/s, repeated without encoding again; an engine that finds nothing, at once. The
clips have truth in their first minute only: what is asked is whether a frame costs memory, not what
a million stored boxes take.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from footage import TINY, make_benchmark
from harness import Rounds, Table, arguments_of, measure
from memory import peak_mb
from models import stub, use_fake_gpu

LIMIT = 1.15
N_TRUTH_FRAMES = 600


def main() -> None:
    """Measure and print."""
    parser = arguments_of(__doc__, rounds=1)
    parser.add_argument("--long", type=float, default=36_000.0, help="seconds")
    parser.add_argument("--short", type=float, default=60.0, help="seconds")
    arguments = parser.parse_args()
    use_fake_gpu()
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as name:
        rounds = measure_clips(Path(name), arguments.short, arguments.long, arguments.rounds)
    table = Table("Peak memory of a long clip", arguments)
    table.add(f"{arguments.short:g} s clip", rounds.values["short"], "MB", load=rounds.load)
    table.add(f"{arguments.long:g} s clip", rounds.values["long"], "MB")
    table.add("long / short", rounds.ratios("long", "short"), at_most=LIMIT)
    table.finish()


def measure_clips(folder: Path, short_s: float, long_s: float, n_rounds: int) -> Rounds:
    """Peaks of both, in MB."""
    benchmarks = {}
    for way, duration_s in (("short", short_s), ("long", long_s)):
        (folder / way).mkdir()
        path = stub().pipeline(folder / way)
        benchmarks[way] = make_benchmark(
            folder / way, duration_s, TINY, [path], n_truth_frames=N_TRUTH_FRAMES
        )
    # Kernels are compiled before, or loaded: nobody pays for that here.
    peak_mb(benchmarks["short"], folder / "warm")

    def peak(way: str) -> float:
        with tempfile.TemporaryDirectory(dir=folder) as out:
            return peak_mb(benchmarks[way], Path(out) / "run")

    return measure(
        {"short": lambda: peak("short"), "long": lambda: peak("long")}, n_rounds, n_warm=0
    )


if __name__ == "__main__":
    main()
