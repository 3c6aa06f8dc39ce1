"""COCO evaluation: vbench against its peers, from arrays and from files, and equal numbers.

python benchmarks/speed/evaluation.py [--sizes ABC] [--rounds 3] [--peers-python P] [--json FILE]

Each round starts every tool in a fresh process, one after the other. Peers that the chosen Python
lacks are left out and named; they come with the extra `bench`. pycocotools runs in the first round
only: it takes minutes on size C.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from coco_data import SIZES, make_coco, save
from machine import ForeignLoad, describe_machine

PEERS = {
    "ultrafast-pycocotools": 1.2,
    "hotcoco": 1.4,
    "faster-coco-eval": 15.0,
    "pycocotools": 70.0,
}
"""Tool -> how many times faster than it vbench must be, arrays in memory."""
FILES_PEER = "faster-coco-eval"
FILES_WANTED = {"A": 1.0, "C": 8.0}
"""Size -> how many times faster than the peer `vbench evaluate coco` must be as a process."""
REPEATS = {"vbench": 7, "vbench-strict": 1, "ultrafast-pycocotools": 3, "hotcoco": 3}
PEAK_LIMIT_MB = 600.0
FIRST_CALL_LIMIT_S = 0.7
STATS_TOLERANCE = 1e-9

Answer = dict[str, object]


@dataclass
class SizeAnswers:
    """What all rounds gave on one size."""

    arrays: dict[str, list[Answer]] = field(default_factory=dict)
    files_s: dict[str, list[float]] = field(default_factory=dict)

    def median_s(self, tool: str, key: str = "warm_s") -> float:
        """Median over the rounds."""
        return statistics.median(float(str(answer[key])) for answer in self.arrays[tool])


def measure(name: str, rounds: int, peers_python: str) -> SizeAnswers:
    """All tools on one size."""
    found = SizeAnswers()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        save(folder, *make_coco(SIZES[name]))
        run_arrays(sys.executable, "vbench", folder)  # fills the kernel cache
        for number in range(rounds):
            for tool in ("vbench", "vbench-strict", *PEERS):
                if tool in ("pycocotools", "vbench-strict") and number:
                    continue
                python = sys.executable if tool.startswith("vbench") else peers_python
                answer = run_arrays(python, tool, folder)
                if answer is not None:
                    found.arrays.setdefault(tool, []).append(answer)
            if name in FILES_WANTED and FILES_PEER in found.arrays:
                for tool, seconds in run_files(folder, peers_python).items():
                    found.files_s.setdefault(tool, []).append(seconds)
    return found


def run_arrays(python: str, tool: str, folder: Path) -> Answer | None:
    """What coco_tools.py printed; None where the tool is not installed."""
    process = subprocess.run(
        [python, str(_script()), "arrays", tool, str(folder), str(REPEATS.get(tool, 1))],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    if process.returncode:
        if "ModuleNotFoundError" in process.stderr:
            return None
        sys.exit(f"{tool} failed:\n{process.stderr}")
    answer: Answer = json.loads(process.stdout.splitlines()[-1])
    return answer


def run_files(folder: Path, peers_python: str) -> dict[str, float]:
    """Seconds of whole processes, from the two files to the numbers."""
    golden, found = str(folder / "gt.json"), str(folder / "dt.json")
    commands = {
        "vbench": [sys.executable, "-m", "vbench", "evaluate", "coco", golden, found, "--json"],
        FILES_PEER: [peers_python, str(_script()), "files", FILES_PEER, str(folder)],
    }
    seconds = {}
    for tool, command in commands.items():
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds[tool] = time.perf_counter() - began
    return seconds


def _script() -> Path:
    return Path(__file__).with_name("coco_tools.py")


def agreement(ours: Answer, theirs: Answer, strict: Answer) -> str:
    """How equal a peer's numbers are to ours."""
    if theirs["digest"] == ours["digest"]:
        return "arrays bit-equal"
    if theirs["digest"] == strict["digest"]:
        return "arrays bit-equal in strict mode"
    pairs = zip(ours["stats"], theirs["stats"], strict=True)  # type: ignore[call-overload]
    worst = max(abs((-1.0 if a is None else a) - b) for a, b in pairs)
    return "stats equal" if worst <= STATS_TOLERANCE else f"stats differ by {worst:.2g}"


def report(name: str, found: SizeAnswers) -> dict[str, object]:
    """Print one size's table; returns it for the JSON."""
    ours, strict = found.arrays["vbench"][0], found.arrays["vbench-strict"][0]
    ours_s = found.median_s("vbench")
    print(f"{name}: {SIZES[name].text()}")
    print(f"  {'vbench':<22}{1000 * ours_s:10.1f} ms {float(str(ours['peak_mb'])):7.0f} MB")
    ratios, agreements = {}, {}
    for tool, wanted in PEERS.items():
        if tool not in found.arrays:
            print(f"  {tool:<22}not installed")
            continue
        theirs = found.arrays[tool][0]
        ratios[tool] = found.median_s(tool) / ours_s
        agreements[tool] = agreement(ours, theirs, strict)
        print(
            f"  {tool:<22}{1000 * found.median_s(tool):10.1f} ms "
            f"{float(str(theirs['peak_mb'])):7.0f} MB {ratios[tool]:7.1f} times slower "
            f"({_verdict(ratios[tool] >= wanted, f'{wanted:g}')}); {agreements[tool]}"
        )
    files_s = {tool: statistics.median(values) for tool, values in found.files_s.items()}
    if files_s:
        ratio = files_s[FILES_PEER] / files_s["vbench"]
        print(
            f"  from files, a whole process: vbench {files_s['vbench']:.2f} s, {FILES_PEER} "
            f"{files_s[FILES_PEER]:.2f} s, {ratio:.1f} times slower "
            f"({_verdict(ratio >= FILES_WANTED[name], f'{FILES_WANTED[name]:g}')})"
        )
    first_s = found.median_s("vbench", "first_s") - ours_s
    print(
        f"  first call in a new process, imports included, adds {first_s:.2f} s "
        f"({_verdict(first_s <= FIRST_CALL_LIMIT_S, f'at most {FIRST_CALL_LIMIT_S}')})"
    )
    if name == "C":
        peak = float(str(ours["peak_mb"]))
        print(
            f"  peak memory from arrays {peak:.0f} MB, of which "
            f"{float(str(ours['arrays_loaded_mb'])):.0f} MB stood before the first call "
            f"({_verdict(peak <= PEAK_LIMIT_MB, f'at most {PEAK_LIMIT_MB:g}')})"
        )
    return {
        "size": SIZES[name].text(),
        "warm_s": {tool: found.median_s(tool) for tool in found.arrays},
        "peak_mb": {tool: answers[0]["peak_mb"] for tool, answers in found.arrays.items()},
        "times_slower": ratios,
        "agreement": agreements,
        "from_files_s": files_s,
        "first_call_adds_s": first_s,
    }


def _verdict(met: bool, wanted: str) -> str:
    return f"wanted {wanted}: {'met' if met else 'MISSED'}"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--sizes", default="ABC", help="which of A, B and C")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers-python", default=sys.executable, help="Python that has the peers")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    tables: dict[str, object] = {}
    for name in arguments.sizes:
        load = ForeignLoad()
        found = measure(name, arguments.rounds, arguments.peers_python)
        machine = f"{describe_machine()}; {load.text()}"
        print(machine)
        tables[name] = {"machine": machine} | report(name, found)
    if arguments.json:
        arguments.json.write_text(json.dumps(tables, indent=1) + "\n")


if __name__ == "__main__":
    main()
