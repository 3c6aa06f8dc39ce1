"""Peak memory of `vbench run` on a long 720p clip against a short one, each in its own process.

python benchmarks/speed/memory.py [--long 600] [--short 10] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from footage import make_benchmark
from machine import describe_machine

LIMIT_MB = 150.0


def peak_mb(benchmark: Path, out: Path) -> float:
    """Largest resident size of `vbench run --no-report`, in MB (10^6 bytes)."""
    command = [sys.executable, "-m", "vbench", "run", str(benchmark), "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--no-report"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        message = process.stderr.read().decode() if process.stderr else ""
        sys.exit(f"vbench run failed: {message}")
    # Linux counts in KiB, macOS in bytes.
    return usage.ru_maxrss * (1024 if sys.platform == "linux" else 1) / 1e6


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--long", type=float, default=600.0, help="seconds")
    parser.add_argument("--short", type=float, default=10.0, help="seconds")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    peaks = {}
    for seconds in (arguments.short, arguments.long):
        with tempfile.TemporaryDirectory() as name:
            benchmark = make_benchmark(Path(name), seconds, (1280, 720))
            peaks[seconds] = peak_mb(benchmark, Path(name) / "run")
            print(f"  {seconds:6g} s clip: peak {peaks[seconds]:.0f} MB", flush=True)
    growth_mb = peaks[arguments.long] - peaks[arguments.short]
    print(f"  growth {growth_mb:.0f} MB (at most {LIMIT_MB:.0f}); {describe_machine()}")
    if arguments.json:
        result = {"machine": describe_machine(), "peak_mb": peaks, "growth_mb": growth_mb}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
