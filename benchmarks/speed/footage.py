"""Footage for the speed benchmarks: the shipped golden set enlarged, textured and looped by ffmpeg.

Clips are encoded by the ffmpeg program, as golden videos usually are; encoding through PyAV gives
other slices and flatter threading. What a frame costs is about the same along a clip: where it is
not, the slower stage changes on the way and no queue can hide it. Clips are kept in ``.clips``
beside this file, so only the first run waits for the encoder.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vbench.bench.golden import lock_golden_set
from vbench.bench.progress import NoProgress
from vbench.bench.shipped import shipped_root

CLIP = "dock1-day"
"""A shipped clip with objects most of the time."""
SOURCE_WIDTH = 640
SEGMENT_S = 10.0
"""Encoded once; longer clips repeat it. The shipped clip is as long."""

_FOLDER = Path(__file__).with_name(".clips")

_GOLDEN = """\
schema: vbench.golden/v1
name: speed
version: 1.0.0
taxonomy:
  version: 1
  classes: [{name: person}, {name: forklift}, {name: pallet}]
truth_format: vbench
clips:
  - {id: clip, media: clip.mp4, truth: clip.csv, tags: {daypart: day}}
"""

_BENCHMARK = """\
schema: vbench.benchmark/v1
name: speed
golden_sets: [golden]
pipelines: [{pipelines}]
slices: [daypart, size]
gates: [{{metric: recall, min: 0.1}}]
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a clip is made."""

    name: str
    width_px: int
    height_px: int
    textured: bool
    """With a fine texture that moves across the whole picture."""
    noise: int
    """Strength of the sensor noise."""
    rate: tuple[str, ...]
    """Of the encoder."""


HEAVY_1080P = Kind(
    "1080p heavy", 1920, 1080, True, 7, ("-b:v", "12M", "-maxrate", "14M", "-bufsize", "6M")
)
LIGHT_1080P = Kind("1080p light", 1920, 1080, False, 4, ("-crf", "23"))
PLAIN_720P = Kind("720p", 1280, 720, False, 4, ("-crf", "23"))
TINY = Kind("160x90", 160, 90, False, 0, ("-r", "10", "-crf", "30"))
"""10 frames/s, so that ten hours are 360,000 frames."""

SPEED_KINDS = (HEAVY_1080P, LIGHT_1080P, PLAIN_720P)


def require_ffmpeg() -> None:
    """Exit with a clear word where the ffmpeg program is missing."""
    if shutil.which("ffmpeg") is None:
        sys.exit("this benchmark needs the ffmpeg program: apt-get install ffmpeg")


def clip_1080p_heavy(duration_s: float = SEGMENT_S) -> Path:
    """H.264, 1920x1080, 20 frames/s, about 12 Mbit/s: motion everywhere, and noise."""
    return clip(HEAVY_1080P, duration_s)


def clip_1080p_light(duration_s: float = SEGMENT_S) -> Path:
    """H.264, 1920x1080, 20 frames/s: a camera that stands still."""
    return clip(LIGHT_1080P, duration_s)


def clip_720p(duration_s: float = SEGMENT_S) -> Path:
    """H.264, 1280x720, 20 frames/s: a camera that stands still, with some noise."""
    return clip(PLAIN_720P, duration_s)


def clip(kind: Kind, duration_s: float) -> Path:
    """A clip of this kind, encoded unless it is there; ordinary GOPs and B-frames, yuv420p."""
    require_ffmpeg()
    segment = _made(f"{kind.name.replace(' ', '-')}.mp4", _encoding(kind))
    if duration_s == SEGMENT_S:
        return segment
    repeated = ["-stream_loop", "-1", "-i", str(segment), "-t", f"{duration_s:g}", "-c", "copy"]
    return _made(f"{segment.stem}-{duration_s:g}s.mp4", repeated)


def _encoding(kind: Kind) -> list[str]:
    size = f"{kind.width_px}:{kind.height_px}"
    inputs = ["-stream_loop", "-1", "-i", str(_shipped() / "videos" / f"{CLIP}.mp4")]
    scene = f"[0:v]scale={size}"
    if kind.textured:
        inputs += ["-f", "lavfi", "-i", f"mandelbrot=size={size.replace(':', 'x')}:rate=20"]
        scene = (
            "[1:v]trim=end_frame=1,loop=-1:1,format=yuv420p,scroll=h=0.004:v=0.0025[texture];"
            f"{scene}[scene];[scene][texture]blend=all_mode=average:shortest=1"
        )
    noise = f",noise=alls={kind.noise}:allf=t" if kind.noise else ""
    return [
        *inputs, "-t", f"{SEGMENT_S:g}", "-filter_complex", f"{scene}{noise}",
        "-c:v", "libx264", "-preset", "medium", *kind.rate, "-pix_fmt", "yuv420p",
    ]  # fmt: skip


def _made(name: str, arguments: Sequence[str]) -> Path:
    """The file that ffmpeg makes of these arguments; made under another name, then renamed."""
    digest = hashlib.sha256("\0".join(arguments).encode()).hexdigest()[:8]
    target = _FOLDER / f"{digest}-{name}"
    if not target.is_file():
        _FOLDER.mkdir(exist_ok=True)
        (_FOLDER / ".gitignore").write_text("*\n")
        partial = target.with_suffix(f".part{target.suffix}")
        subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments, str(partial)], check=True)
        partial.rename(target)
    return target


def make_benchmark(
    folder: Path,
    duration_s: float,
    kind: Kind = PLAIN_720P,
    pipelines: Sequence[Path] | None = None,
    n_truth_frames: int | None = None,
) -> Path:
    """Write a benchmark of one clip of about `duration_s` seconds; by default of dock-v2 alone.

    Truth is looped and enlarged with the clip; `n_truth_frames`: on the first frames only. Returns
    the path of ``benchmark.yaml``.
    """
    golden = folder / "golden"
    golden.mkdir(parents=True)
    (golden / "clip.mp4").symlink_to(clip(kind, duration_s))
    n_frames = n_truth_frames or _n_frames(golden / "clip.mp4")
    truth = _shipped() / "truth" / f"{CLIP}.csv"
    _loop_truth(truth, golden / "clip.csv", n_frames, kind.width_px / SOURCE_WIDTH)
    (golden / "golden.yaml").write_text(_GOLDEN)
    lock_golden_set(golden, NoProgress())
    paths = pipelines or [shipped_root() / "benchmarks/loading-dock/pipelines/dock-v2.yaml"]
    names = ", ".join(str(path) for path in paths)
    (folder / "benchmark.yaml").write_text(_BENCHMARK.format(pipelines=names))
    return folder / "benchmark.yaml"


def _shipped() -> Path:
    return shipped_root() / "golden_sets" / "loading-dock"


def _n_frames(path: Path) -> int:
    answer = subprocess.run(
        ["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v:0",
         "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return int(answer.stdout.strip().rstrip(","))


def _loop_truth(source: Path, target: Path, n_frames: int, scale: float) -> None:
    """Write the truth of a clip that repeats, row by row: a long clip has millions of rows."""
    header, *rows = source.read_text().splitlines()
    loop = max(int(row.split(",", 1)[0]) for row in rows) + 1
    scaled: list[tuple[int, str]] = []
    for row in rows:
        frame, name, track, x1, y1, x2, y2, *rest = row.split(",")
        box = [f"{float(value) * scale:.2f}" for value in (x1, y1, x2, y2)]
        scaled.append((int(frame), ",".join([name, track, *box, *rest])))
    with target.open("w") as file:
        file.write(header + "\n")
        for start in range(0, n_frames, loop):
            for offset, columns in scaled:
                if start + offset < n_frames:
                    file.write(f"{start + offset},{columns}\n")
