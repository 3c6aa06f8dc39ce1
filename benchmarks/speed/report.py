"""How long the reports of a run of 100,000 frames take, how large they are, and their memory.

python benchmarks/speed/report.py [--run FOLDER] [--rounds 3] [--json FILE]

40 clips, 3 pipelines (see made_run.py); `vbench report RUN` as a whole process, for the PDF with
the processes that it starts.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness import Table, arguments_of, measure, wall_s
from made_run import make_run

HTML_S, HTML_MB = 6.0, 8.0
PDF_S, PDF_MB = 15.0, 600.0
_LOOK_EVERY_S = 0.02
_KIB = 1024


def main() -> None:
    """Measure and print the table."""
    parser = arguments_of(__doc__, rounds=3)
    parser.add_argument("--run", type=Path, help="a finished run; by default one is made")
    arguments = parser.parse_args()
    table = Table("Reports of 100,000 frames, whole processes", arguments)
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as scratch:
        run = arguments.run or make_run(Path(scratch) / "run").path
        ways: dict[str, Callable[[], float]] = {
            form: wall_s(partial(report, run, form)) for form in ("html", "pdf")
        }
        rounds = measure(ways, arguments.rounds)
        peaks = [peak_mb(run, "pdf") for _ in range(arguments.rounds)]
        size_mb = (run / "report.html").stat().st_size / 1e6
    table.add("HTML", rounds.values["html"], "s", at_most=HTML_S, load=rounds.load)
    table.add("HTML, size", [size_mb], "MB", at_most=HTML_MB)
    table.add("PDF", rounds.values["pdf"], "s", at_most=PDF_S)
    table.add("PDF, peak memory of all processes", peaks, "MB", at_most=PDF_MB)
    table.finish()


def report(run: Path, form: str) -> None:
    """Write one report; raises CalledProcessError where that fails."""
    subprocess.run(_command(run, form), check=True, stdout=subprocess.DEVNULL)


def peak_mb(run: Path, form: str) -> float:
    """Largest sum of what a report's process and its children held at once, in MB (10^6 bytes)."""
    process = subprocess.Popen(_command(run, form), stdout=subprocess.DEVNULL)
    done, peak = threading.Event(), 0.0

    def wait() -> None:
        process.wait()
        done.set()

    threading.Thread(target=wait).start()
    while not done.wait(_LOOK_EVERY_S):
        peak = max(peak, _tree_mb(process.pid))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "vbench report")
    return peak


def _command(run: Path, form: str) -> list[str]:
    return [sys.executable, "-m", "vbench", "report", str(run), "--format", form]


def _tree_mb(pid: int) -> float:
    """Proportional memory of a process and those below it; 0 of those that are gone."""
    root = Path("/proc") / str(pid)
    try:
        rollup = (root / "smaps_rollup").read_text()
        children = (root / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return 0.0
    held = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return held * _KIB / 1e6 + sum(_tree_mb(int(child)) for child in children)


if __name__ == "__main__":
    main()
