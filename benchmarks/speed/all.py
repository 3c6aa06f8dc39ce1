"""Every figure that is wanted: each script in a process of its own, then one summary.

python benchmarks/speed/all.py [NAME ...] [--json FILE] [--require-quiet] [--peers-python PYTHON]

Exit code 1 where a script failed, or was refused because the machine was not quiet; a figure that
is missed changes nothing but its word in the summary.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from machine import describe_machine

SCRIPTS = (
    "decode",
    "fused",
    "preprocess",
    "throughput",
    "peers",
    "postprocess",
    "judging",
    "long_clip",
    "memory",
    "end_to_end",
    "startup",
    "report",
    "report_page",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one script left."""

    name: str
    returncode: int
    elapsed_s: float
    record: dict[str, object]
    """What it wrote; empty where it failed."""


def run(name: str, more: list[str]) -> Outcome:
    """Run one script; its table is shown as it comes."""
    began_s = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as folder:
        path = Path(folder) / "figures.json"
        script = Path(__file__).with_name(f"{name}.py")
        done = subprocess.run([sys.executable, str(script), "--json", str(path), *more])
        record = json.loads(path.read_text()) if path.is_file() else {}
    return Outcome(name, done.returncode, time.perf_counter() - began_s, record)


def summary(outcomes: list[Outcome]) -> list[tuple[str, str, str, str]]:
    """What, figure, wanted, held or missed; rows without a wanted figure are left out."""
    rows = []
    for outcome in outcomes:
        if outcome.returncode:
            rows.append((outcome.name, "", "", "FAILED"))
        noisy = "" if outcome.record.get("quiet") else ", NOISY"
        figures = outcome.record.get("figures")
        for figure in figures if isinstance(figures, list) else []:
            if figure["held"] is None:
                continue
            least, most = figure["at_least"], figure["at_most"]
            wanted = f"at least {least:g}" if most is None else f"at most {most:g}"
            verdict = ("held" if figure["held"] else "MISSED") + noisy
            median = f"{figure['median']:.3g} {figure['unit']}".rstrip()
            rows.append((f"{outcome.name}: {figure['what']}", median, wanted, verdict))
    return rows


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(SCRIPTS)}; by default all")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--require-quiet", action="store_true", help="see harness.py")
    parser.add_argument("--peers-python", help="Python that has supervision")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in SCRIPTS]
    if unknown:
        parser.error(f"no script {unknown[0]}")
    outcomes = []
    for name in arguments.names or SCRIPTS:
        more = ["--require-quiet"] if arguments.require_quiet else []
        if name == "peers" and arguments.peers_python:
            more += ["--peers-python", arguments.peers_python]
        outcomes.append(run(name, more))
        print(f"  ({name}: {outcomes[-1].elapsed_s:.0f} s)\n", flush=True)
    rows = summary(outcomes)
    print(describe_machine())
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        print(("  " + "  ".join(cells)).rstrip())
    if arguments.json:
        records = {one.name: one.record for one in outcomes}
        arguments.json.write_text(json.dumps(records, indent=1) + "\n")
    sys.exit(1 if any(one.returncode for one in outcomes) else 0)


if __name__ == "__main__":
    main()
