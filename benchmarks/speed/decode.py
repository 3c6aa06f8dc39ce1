"""Decoding to planes against the ffmpeg program.

`ffmpeg -f null` decodes and throws away, with the same number of threads. vbench is timed from
opening the clip to its last frame: every frame with its planes, time and damage checks, nothing
converted. ffmpeg is timed as a whole process, less what loading the program takes
(`ffmpeg -version`); both open and probe the clip.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from footage import HEAVY_1080P, LIGHT_1080P, PLAIN_720P, clip
from harness import Table, arguments_of, measure, wall_s

from vbench.kernels.cpus import usable_cpus
from vbench.video import open_media

DURATIONS_S = {HEAVY_1080P: 10.0, LIGHT_1080P: 20.0, PLAIN_720P: 40.0}
"""Seconds of footage, so that each takes a second or two."""


def decode(path: Path, threads: int) -> int:
    """Take every frame's planes; returns how many there were."""
    n_frames = 0
    with open_media(path, threads=threads) as media:
        for frame in media:
            if frame.planes is None:
                raise SystemExit(f"{path}: frame {frame.index} has no planes")
            n_frames += 1
    return n_frames


def run_ffmpeg(*arguments: str) -> None:
    """Run the ffmpeg program to its end."""
    subprocess.run(["ffmpeg", "-v", "error", *arguments], check=True, stdout=subprocess.DEVNULL)


def add_clip(table: Table, name: str, path: Path, threads: int, n_rounds: int) -> None:
    """Measure one clip and add its rows."""
    null = ("-threads", str(threads), "-i", str(path), "-map", "0:v:0", "-f", "null", "-")
    rounds = measure(
        {
            "vbench": wall_s(lambda: decode(path, threads)),
            "ffmpeg": wall_s(lambda: run_ffmpeg(*null)),
            "loading": wall_s(lambda: run_ffmpeg("-version")),
        },
        n_rounds,
    )
    n_frames = decode(path, threads)
    vbench_s = rounds.values["vbench"]
    pairs = zip(rounds.values["ffmpeg"], rounds.values["loading"], strict=True)
    ffmpeg_s = [whole_s - loading_s for whole_s, loading_s in pairs]
    ratios = [theirs / ours for theirs, ours in zip(ffmpeg_s, vbench_s, strict=True)]
    table.add(f"{name}: vbench", [n_frames / s for s in vbench_s], "frames/s", load=rounds.load)
    table.add(f"{name}: ffmpeg, once loaded", [n_frames / s for s in ffmpeg_s], "frames/s")
    table.add(f"{name}: vbench / ffmpeg", ratios, at_least=0.95)
    table.add(f"{name}: the same, ffmpeg as a whole process", rounds.ratios("ffmpeg", "vbench"))


def main() -> None:
    """Measure and print."""
    parser = arguments_of(__doc__, rounds=7)
    n_cpus = len(usable_cpus())
    parser.add_argument(
        "--threads", type=int, default=n_cpus, help=f"of both decoders, by default {n_cpus}"
    )
    arguments = parser.parse_args()
    threads = arguments.threads
    table = Table(f"Decode to planes / ffmpeg -f null, {threads} threads each", arguments)
    for kind, duration_s in DURATIONS_S.items():
        add_clip(table, kind.name, clip(kind, duration_s), threads, arguments.rounds)
    table.finish()


if __name__ == "__main__":
    main()
