"""Decoding and fused preprocessing against the ffmpeg program, which only decodes; one thread each.

Every frame becomes a float32 RGB tensor in 0..1, letterboxed into 640 x 640. ffmpeg's time is that
of the whole process less what it takes to load: that of `ffmpeg -version`. Processor times stand
beside; they suffer less from other work.
"""

from __future__ import annotations

import itertools
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from footage import HEAVY_1080P, LIGHT_1080P, PLAIN_720P, clip
from harness import Rounds, Table, arguments_of, measure, wall_s

from vbench.config.input_entry import InputEntry
from vbench.pipeline.preprocess import FUSED, Preprocessor
from vbench.video import open_media

DURATIONS_S = {HEAVY_1080P: 10.0, LIGHT_1080P: 20.0, PLAIN_720P: 40.0}
"""Seconds of footage, so that each takes a second or two."""
WANTED = {HEAVY_1080P: 0.80, LIGHT_1080P: 0.70, PLAIN_720P: 0.55}
ENTRY = InputEntry.model_validate({"size": [640, 640], "color": "rgb", "scale": 1 / 255})


def prepare(path: Path) -> int:
    """Make the tensor of every frame; returns how many there were."""
    n_frames = 0
    with open_media(path, threads=1) as media:
        preprocessor = Preprocessor(ENTRY, (media.width_px, media.height_px))
        # As in a run: tensors are used again, and what was decoded is let go.
        tensors = itertools.cycle([preprocessor.new_tensor() for _ in range(4)])
        for frame, tensor in zip(media, tensors, strict=False):
            preprocessor.fill(frame, tensor)
            n_frames += 1
        if preprocessor.path != FUSED:
            raise SystemExit(f"{path}: {preprocessor.path}")
    return n_frames


def run_ffmpeg(*arguments: str) -> None:
    """Run the ffmpeg program to its end."""
    subprocess.run(["ffmpeg", "-v", "error", *arguments], check=True, stdout=subprocess.DEVNULL)


def _children_s() -> float:
    """Processor time of the programs that were started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_clip(path: Path, n_rounds: int) -> Rounds:
    """vbench, ffmpeg and its loading, in turns; wall and processor time of each call."""
    cpu: dict[str, list[float]] = {"vbench": [], "ffmpeg": [], "loading": []}

    def both(name: str, work: Callable[[], object], clock: Callable[[], float]) -> None:
        began = clock()
        work()
        cpu[name].append(clock() - began)

    null = ("-threads", "1", "-i", str(path), "-map", "0:v:0", "-f", "null", "-")
    rounds = measure(
        {
            "vbench": wall_s(lambda: both("vbench", lambda: prepare(path), time.process_time)),
            "ffmpeg": wall_s(lambda: both("ffmpeg", lambda: run_ffmpeg(*null), _children_s)),
            "loading": wall_s(lambda: both("loading", lambda: run_ffmpeg("-version"), _children_s)),
        },
        n_rounds,
    )
    rounds.values.update({f"{name}, cpu": values[-n_rounds:] for name, values in cpu.items()})
    return rounds


def main() -> None:
    """Measure and print."""
    arguments = arguments_of(__doc__, rounds=7).parse_args()
    table = Table("Decode + fused preprocess / ffmpeg -f null, one thread", arguments)
    for kind, wanted in WANTED.items():
        path = clip(kind, DURATIONS_S[kind])
        n_frames = prepare(path)
        rounds = measure_clip(path, arguments.rounds)
        speeds = [n_frames / seconds for seconds in rounds.values["vbench"]]
        table.add(f"{kind.name}: vbench", speeds, "frames/s", load=rounds.load)
        for clock, limit in (("", wanted), (", cpu", None)):
            decoding_s = [
                whole - loading
                for whole, loading in zip(
                    rounds.values[f"ffmpeg{clock}"], rounds.values[f"loading{clock}"], strict=True
                )
            ]
            ours_s = rounds.values[f"vbench{clock}"]
            if not clock:
                table.add(f"{kind.name}: ffmpeg", [n_frames / s for s in decoding_s], "frames/s")
            name = f"{kind.name}: ratio" + (", processor time" if clock else "")
            ratios = [a / b for a, b in zip(decoding_s, ours_s, strict=True)]
            table.add(name, ratios, at_least=limit)
    table.finish()


if __name__ == "__main__":
    main()
