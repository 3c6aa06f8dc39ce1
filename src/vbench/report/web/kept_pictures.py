"""The frames of a run folder that the page holds as pictures, each once."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vbench.record.folder import RunFolder
from vbench.report.evidence import Evidence
from vbench.report.language.strings import noted
from vbench.report.numbers import clock_text
from vbench.report.worst_frames import WorstFrame
from vbench.types import Run

_JPEG_START = b"\xff\xd8\xff"
_MAX_CHARS = 4_000_000
_LEFT_OUT = noted("left out to keep this file small")
_NOT_KEPT = noted("this frame was not kept as a picture")


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """The JPEG of a frame."""

    key: str
    """Anchor of the image in the page."""
    golden_set: str
    clip: str
    clip_number: int
    """Among all clips of the run."""
    frame_index: int
    time: str
    width_px: int
    height_px: int
    data_uri: str


@dataclass(frozen=True, slots=True)
class KeptPictures:
    """All frames that the page holds as pictures."""

    by_frame: Mapping[tuple[str, int], KeptPicture] = field(default_factory=dict)
    """(clip, frame) -> picture, by clip and frame in the order of the run."""
    problems: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """(clip, frame) -> why there is no picture, of frames that were asked for."""

    def problem(self, clip: str, frame_index: int) -> str:
        """Why the page has no picture of a frame; empty where it has one."""
        place = (clip, frame_index)
        return "" if place in self.by_frame else self.problems.get(place, _NOT_KEPT)

    def without(self, keys: Iterable[str]) -> tuple[KeptPicture, ...]:
        """Those whose key is not among `keys`."""
        shown = set(keys)
        return tuple(one for one in self.by_frame.values() if one.key not in shown)

    @property
    def keys(self) -> Mapping[tuple[str, int], str]:
        """(clip, frame) -> anchor of the image."""
        return {place: one.key for place, one in self.by_frame.items()}

    @property
    def n_left_out(self) -> int:
        """In the run folder, but too many for one file."""
        return sum(problem == _LEFT_OUT for problem in self.problems.values())


def kept_pictures(
    folder: RunFolder,
    run: Run,
    evidence: Evidence,
    worst: Sequence[WorstFrame],
    *,
    max_chars: int = _MAX_CHARS,
) -> KeptPictures:
    """Read the JPEGs of a run folder, those of the worst frames first, up to a size.

    A missing or unreadable JPEG is a problem that the page states, never an error.

    Args:
        folder: the run folder.
        run: its run.
        evidence: its evidence, for the clips.
        worst: the frames of the gallery, worst first for each pipeline.
        max_chars: of all pictures together, in base64.
    """
    found: dict[tuple[str, int], str] = {}
    problems: dict[tuple[str, int], str] = {}
    n_chars = 0
    for place in _wanted(folder, run, worst):
        content, problem = ("", _LEFT_OUT) if n_chars > max_chars else read_jpeg(folder, *place)
        n_chars += len(content)
        if n_chars > max_chars:
            problem = _LEFT_OUT
        if problem:
            problems[place] = problem
        else:
            found[place] = content
    return KeptPictures(_made(evidence, found), problems)


def _made(
    evidence: Evidence, found: Mapping[tuple[str, int], str]
) -> dict[tuple[str, int], KeptPicture]:
    clips = [(item.name, clip) for item in evidence.golden_sets for clip in item.clips]
    places = [
        (golden_set, clip_number, clip, frame)
        for clip_number, (golden_set, clip) in enumerate(clips)
        for frame in sorted(frame for name, frame in found if name == clip.id)
    ]
    return {
        (clip.id, frame): KeptPicture(
            key=f"image-{number}",
            golden_set=golden_set,
            clip=clip.id,
            clip_number=clip_number,
            frame_index=frame,
            time=clock_text(frame / clip.facts.fps if clip.facts.fps > 0 else 0.0),
            width_px=clip.facts.width_px,
            height_px=clip.facts.height_px,
            data_uri=found[clip.id, frame],
        )
        for number, (golden_set, clip_number, clip, frame) in enumerate(places, start=1)
    }


def read_jpeg(folder: RunFolder, clip: str, frame_index: int) -> tuple[str, str]:
    """(data URI, "") or ("", why there is no picture)."""
    try:
        content = folder.picture(clip, frame_index).read_bytes()
    except OSError:
        return "", _NOT_KEPT
    if not content.startswith(_JPEG_START):
        return "", noted("the stored picture is not a JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode('ascii')}", ""


def _wanted(folder: RunFolder, run: Run, worst: Sequence[WorstFrame]) -> list[tuple[str, int]]:
    """(clip, frame) in the order of their right to a place.

    Of each pipeline the worst, then of each the second worst; of the rest one of each clip, then a
    second of each.
    """
    rank: dict[str, int] = {}
    ranked = []
    for frame in worst:
        rank[frame.pipeline] = rank.get(frame.pipeline, 0) + 1
        ranked.append((rank[frame.pipeline], (frame.clip, frame.frame_index)))
    places = [place for _, place in sorted(ranked, key=lambda item: item[0])]
    rest = [
        (turn, (clip.id, frame))
        for clip in run.clips
        for turn, frame in enumerate(_frames_on_disk(folder, clip.id, clip.facts.n_frames))
    ]
    places += [place for _, place in sorted(rest, key=lambda item: item[0])]
    return list(dict.fromkeys(places))


def _frames_on_disk(folder: RunFolder, clip: str, n_frames: int) -> list[int]:
    names = (path.stem for path in folder.picture(clip, 0).parent.glob("*.jpg"))
    frames = (int(name) for name in names if name.isdecimal())
    return sorted(frame for frame in frames if frame < n_frames)
