"""How long `vbench --help` takes as a whole process.

python benchmarks/speed/startup.py [--rounds 15]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

from machine import ForeignLoad, describe_machine

LIMIT_S = 0.4


def main() -> None:
    """Measure and print the figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    load = ForeignLoad()
    times_s = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "vbench", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        times_s.append(time.perf_counter() - began)
    times_s = times_s[1:]
    print(f"{describe_machine()}; {load.text()}")
    print(
        f"  vbench --help  {statistics.median(times_s):.3f} s "
        f"({min(times_s):.3f} .. {max(times_s):.3f})   (under {LIMIT_S})"
    )


if __name__ == "__main__":
    main()
