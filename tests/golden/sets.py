"""Small golden sets for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from vbench.golden.formats import TruthContext
from vbench.golden.lock import write_lock
from vbench.types import ClassDef, MediaFacts, Taxonomy

N_FRAMES, WIDTH_PX, HEIGHT_PX = 10, 640, 480

GOLDEN = """\
schema: vbench.golden/v1
name: dock
version: 1.2.0
taxonomy:
  version: 3
  classes:
    - {name: person, means: any visible human}
    - {name: forklift, means: a forklift}
truth_format: vbench
clips:
  - id: day
    media: day.mp4
    truth: day.csv
    tags: {daypart: day, store: 12}
  - id: night
    media: night.mp4
    truth: night.csv
    tags: {daypart: night, store: 12}
"""

HEADER = "frame,class,track_id,x1,y1,x2,y2,ignore,crowd\n"
DAY = HEADER + "0,person,1,10,20,50,100,0,0\n1,person,1,12,20,52,100,0,0\n"
NIGHT = HEADER + "0,forklift,4,100,100,300,300,0,0\n9,person,,0,0,9,9,1,0\n"
FILES = {"day.mp4": "day", "night.mp4": "night", "day.csv": DAY, "night.csv": NIGHT}


def taxonomy(*names: str) -> Taxonomy:
    return Taxonomy(1, tuple(ClassDef(name, "") for name in names or ("person", "forklift")))


def truth_context(
    *,
    classes: tuple[str, ...] = ("person", "forklift"),
    clip_id: str = "day",
    media_name: str = "day.mp4",
    n_frames: int = N_FRAMES,
    size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX),
    frame_base: int = 0,
    truth_size: tuple[int, int] | None = None,
    truth_class: str | None = None,
    truth_classes: Mapping[str, str | None] | None = None,
    shared: bool = False,
) -> TruthContext:
    return TruthContext(
        clip_id=clip_id,
        media_name=media_name,
        taxonomy=taxonomy(*classes),
        n_frames=n_frames,
        width_px=size[0],
        height_px=size[1],
        frame_base=frame_base,
        truth_size=truth_size,
        truth_class=truth_class,
        truth_classes=truth_classes,
        shared=shared,
    )


def media_facts(name: str = "day", n_frames: int = N_FRAMES) -> MediaFacts:
    return MediaFacts(
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        n_frames=n_frames,
        fps=29.97002997002997,
        duration_s=n_frames / 29.97002997002997,
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        fingerprint=hashlib.sha256(f"planes of {name}".encode()).hexdigest(),
    )


FACTS = {"day": media_facts("day"), "night": media_facts("night")}


def write_set(
    folder: Path,
    golden: str = GOLDEN,
    files: Mapping[str, str] = FILES,
    facts: Mapping[str, MediaFacts] | None = FACTS,
) -> Path:
    """A golden set in `folder`, locked unless `facts` is None."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "golden.yaml").write_text(golden)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if facts is not None:
        write_lock(folder, facts)
    return folder


def line_of(text: str, part: str) -> int:
    """1-based line of the first occurrence of `part`."""
    return text[: text.index(part)].count("\n") + 1
