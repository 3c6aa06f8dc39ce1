"""`vbench run` against an OpenCV loop and supervision's video loop, on the same 1080p clip.

python benchmarks/speed/peers.py [--peers-python PYTHON_WITH_SUPERVISION] [--rounds 3] [--json FILE]

The peers read the video; behind it each has cv2's letterbox, numpy, the same engine and cv2's NMS,
one frame after the other. Each runs in a fresh process and is timed from opening the clip to its
last frame, warm. vbench's frames/s are those of its run from opening the clip to the last shard,
its sample of latencies included; beside them those of the whole call, which also judges.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from footage import LIGHT_1080P, clip, make_benchmark
from harness import Table, Way, arguments_of, measure
from models import Model, fake, use_fake_gpu, yolox_nano
from running import WholeRun

from vbench.golden.load import load_golden_set

RUN_S = 40.0
N_PEER_FRAMES = 300
WANTED = {"fake-gpu": 2.0, "yolox-nano": 1.15}
"""Model -> times the best peer."""
TITLES = {"opencv": "OpenCV VideoCapture loop", "supervision": "supervision's video loop"}


def peer(python: str, tool: str, path: Path, model: str) -> float:
    """Frames/s of a peer's loop, in a process of its own."""
    script = Path(__file__).with_name("peers_loop.py")
    done = subprocess.run(
        [python, str(script), tool, str(path), model, str(N_PEER_FRAMES)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    if done.returncode:
        raise SystemExit(f"{tool} failed:\n{done.stderr}")
    return float(done.stdout.splitlines()[-1])


def has_supervision(python: str) -> bool:
    """Whether this Python can import it."""
    return not subprocess.run([python, "-c", "import supervision"], capture_output=True).returncode


def measure_model(model: Model, tools: list[str], python: str, table: Table, n_rounds: int) -> None:
    """Add what one engine shows."""
    path = clip(LIGHT_1080P, RUN_S)
    with tempfile.TemporaryDirectory(prefix="vbench-speed-") as name:
        folder = Path(name)
        benchmark = make_benchmark(folder, RUN_S, LIGHT_1080P, [model.pipeline(folder)])
        (of_set,) = load_golden_set(folder / "golden").clips
        run = WholeRun(benchmark, of_set.facts.n_frames)
        ways: dict[str, Way] = {"whole": run}
        ways.update({tool: partial(peer, python, tool, path, model.name) for tool in tools})
        rounds = measure(ways, n_rounds)
    runs = run.frames_per_s[-n_rounds:]
    table.add(f"{model.name}: vbench run", runs, "frames/s", load=rounds.load)
    table.add(f"{model.name}: the whole call", rounds.values["whole"], "frames/s")
    for tool in tools:
        table.add(f"{model.name}: {TITLES[tool]}", rounds.values[tool], "frames/s")
    best = [
        max(of_round) for of_round in zip(*(rounds.values[tool] for tool in tools), strict=True)
    ]
    for title, values, limit in (
        ("vbench run / the best of them", runs, WANTED[model.name]),
        ("the same, whole call", rounds.values["whole"], None),
    ):
        ratios = [ours / theirs for ours, theirs in zip(values, best, strict=True)]
        table.add(f"{model.name}: {title}", ratios, at_least=limit)


def main() -> None:
    """Measure and print."""
    parser = arguments_of(__doc__, rounds=3)
    parser.add_argument("--peers-python", default=sys.executable, help="Python with supervision")
    arguments = parser.parse_args()
    use_fake_gpu()
    tools = ["opencv"]
    if has_supervision(arguments.peers_python):
        tools.append("supervision")
    else:
        print("supervision is not installed (extra `bench`): left out")
    table = Table("vbench run / video loops of peers, 1080p light", arguments)
    models = [fake("fake-gpu", wait_ms=2.0)]
    real = yolox_nano()
    if real is None:
        print("yolox_nano is absent (set VBENCH_REAL_DATA): left out")
    else:
        models.append(real)
    for model in models:
        measure_model(model, tools, arguments.peers_python, table, arguments.rounds)
    table.finish()


if __name__ == "__main__":
    main()
