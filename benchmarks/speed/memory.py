"""Peak memory of `vbench run` on a long 720p clip against a short one, each in its own process.

python benchmarks/speed/memory.py [--long 300] [--short 10] [--json FILE]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from footage import make_benchmark
from harness import Table, arguments_of, measure

LIMIT_MB = 150.0


def peak_mb(benchmark: Path, out: Path) -> float:
    """Largest resident size of `vbench run --no-report`, in MB (10^6 bytes)."""
    command = [sys.executable, "-m", "vbench", "run", str(benchmark), "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--no-report", "--no-cache"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    # Linux tells a child's own peak, not that of this process, only through wait4.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3, 5):
        message = process.stderr.read().decode() if process.stderr else ""
        sys.exit(f"vbench run failed: {message}")
    # Linux counts in KiB, macOS in bytes.
    return usage.ru_maxrss * (1024 if sys.platform == "linux" else 1) / 1e6


def main() -> None:
    """Measure and print the table."""
    parser = arguments_of(__doc__, rounds=1)
    parser.add_argument("--long", type=float, default=300.0, help="seconds")
    parser.add_argument("--short", type=float, default=10.0, help="seconds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as name:
        folder = Path(name)
        for way in ("short", "long"):
            make_benchmark(folder / way, getattr(arguments, way))

        def peak(way: str) -> float:
            with tempfile.TemporaryDirectory(dir=folder) as out:
                return peak_mb(folder / way / "benchmark.yaml", Path(out) / "run")

        ways = {"short": lambda: peak("short"), "long": lambda: peak("long")}
        rounds = measure(ways, arguments.rounds, n_warm=0)
    table = Table("Peak memory of vbench run, 1280x720, dock-v2", arguments)
    table.add(f"{arguments.short:g} s clip", rounds.values["short"], "MB", load=rounds.load)
    table.add(f"{arguments.long:g} s clip", rounds.values["long"], "MB")
    pairs = zip(rounds.values["long"], rounds.values["short"], strict=True)
    table.add("growth", [long - short for long, short in pairs], "MB", at_most=LIMIT_MB)
    table.finish()


if __name__ == "__main__":
    main()
