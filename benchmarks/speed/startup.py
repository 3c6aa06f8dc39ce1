"""How long `vbench --help` takes as a whole process.

python benchmarks/speed/startup.py [--rounds 15] [--json FILE]
"""

from __future__ import annotations

import subprocess
import sys

from harness import Table, arguments_of, measure, wall_s

LIMIT_S = 0.4


def main() -> None:
    """Measure and print the figure."""
    arguments = arguments_of(__doc__, rounds=15).parse_args()
    command = [sys.executable, "-m", "vbench", "--help"]
    rounds = measure(
        {"help": wall_s(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))},
        arguments.rounds,
    )
    table = Table("Start-up, whole process", arguments)
    table.add("vbench --help", rounds.values["help"], "s", at_most=LIMIT_S, load=rounds.load)
    table.finish()


if __name__ == "__main__":
    main()
