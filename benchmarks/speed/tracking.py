"""CLEAR + identity + HOTA on arrays in memory: vbench against its peers, and equal numbers.

python benchmarks/speed/tracking.py [--frames 3000] [--objects 20] [--rounds 5] [--json FILE]

Each round starts every tool in a fresh process, one after the other. Peers that the chosen Python
lacks are left out and named; they come with the extra `bench`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from machine import ForeignLoad, describe_machine
from track_data import make_tracks

PEERS = {"trackeval": 5.0, "motmetrics": 10.0, "motrics": 1.0}
"""Tool -> how many times faster than it vbench must be."""
FIRST_CALL_LIMIT_S = 0.7
REPEATS = {"vbench": 15, "motrics": 15, "trackeval": 3, "motmetrics": 1}
TOLERANCE = 1e-9


def run_tool(python: str, tool: str, data: Path) -> dict[str, object] | None:
    """What tracking_peers.py printed; None where the tool is not installed."""
    script = Path(__file__).with_name("tracking_peers.py")
    process = subprocess.run(
        [python, str(script), tool, str(data), str(REPEATS[tool])],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    if process.returncode:
        if "ModuleNotFoundError" in process.stderr:
            return None
        sys.exit(f"{tool} failed:\n{process.stderr}")
    answer: dict[str, object] = json.loads(process.stdout.splitlines()[-1])
    return answer


def differences(ours: dict[str, float], theirs: dict[str, float]) -> list[str]:
    """Numbers that both have and that are not equal."""
    return [
        f"{name} {ours[name]:.12g} against {theirs[name]:.12g}"
        for name in ours
        if name in theirs and abs(ours[name] - theirs[name]) > TOLERANCE
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--frames", type=int, default=3000)
    parser.add_argument("--objects", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers-python", default=sys.executable, help="Python that has the peers")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    load = ForeignLoad()
    answers: dict[str, list[dict[str, object]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tracks.npz"
        data = make_tracks(arguments.frames, arguments.objects)
        np.savez(path, truth=data.truth, results=data.results, n_frames=data.n_frames)
        for tool in ("vbench", *PEERS):
            python = sys.executable if tool == "vbench" else arguments.peers_python
            run_tool(python, tool, path)  # fills file and kernel caches
        for _ in range(arguments.rounds):
            for tool in ("vbench", *PEERS):
                python = sys.executable if tool == "vbench" else arguments.peers_python
                answer = run_tool(python, tool, path)
                if answer is not None:
                    answers.setdefault(tool, []).append(answer)
    report(arguments, answers, f"{describe_machine()}; {load.text()}")


def report(
    arguments: argparse.Namespace, answers: dict[str, list[dict[str, object]]], machine: str
) -> None:
    """Print the table and write the JSON."""

    def median_s(tool: str, key: str) -> float:
        return statistics.median(float(str(answer[key])) for answer in answers[tool])

    ours_s = median_s("vbench", "warm_s")
    numbers = {tool: found[0]["numbers"] for tool, found in answers.items()}
    print(f"{machine}; {arguments.frames} frames x {arguments.objects} objects")
    print(f"  vbench      {1000 * ours_s:9.1f} ms")
    ratios, unequal = {}, {}
    for tool, wanted in PEERS.items():
        if tool not in answers:
            print(f"  {tool:<11} not installed")
            continue
        peer_s = median_s(tool, "warm_s")
        ratios[tool] = peer_s / ours_s
        unequal[tool] = differences(numbers["vbench"], numbers[tool])  # type: ignore[arg-type]
        verdict = "met" if ratios[tool] >= wanted else "MISSED"
        print(
            f"  {tool:<11} {1000 * peer_s:9.1f} ms   {ratios[tool]:6.1f} times slower"
            f" (wanted {wanted:g}: {verdict}); numbers "
            + ("equal" if not unequal[tool] else "; ".join(unequal[tool]))
        )
    first_s = median_s("vbench", "prepare_s") + median_s("vbench", "first_s") - ours_s
    print(f"  first call in a new process adds {first_s:.2f} s (at most {FIRST_CALL_LIMIT_S})")
    if arguments.json:
        result = {
            "machine": machine,
            "frames": arguments.frames,
            "objects": arguments.objects,
            "warm_s": {tool: median_s(tool, "warm_s") for tool in answers},
            "times_slower": ratios,
            "unequal": unequal,
            "first_call_adds_s": first_s,
        }
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
