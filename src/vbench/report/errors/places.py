"""Where the page shows clips and frames: what links of the errors section need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vbench.report.numbers import clock_text
from vbench.types import ClipResult, Run

_NO_PICTURES: Mapping[tuple[str, int], str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ClipPlace:
    """A clip of the page."""

    number: int
    """Index among the clips of the page."""
    anchor: str
    """Of its timeline."""
    clip: ClipResult


@dataclass(frozen=True, slots=True)
class FramePlace:
    """A frame as the target of a link."""

    clip: str
    """Its name."""
    clip_number: int
    frame_index: int
    time: str
    href: str
    """Its picture in the page, else the timeline of its clip: where the link leads without
    JavaScript."""
    image: str
    """Anchor of its JPEG in the page; empty where there is none."""
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Places:
    """The clips and pictures of one page."""

    clips: Mapping[tuple[str, str], ClipPlace]
    """By golden set and clip."""
    pictures: Mapping[tuple[str, int], str]
    """(clip, frame) -> anchor of its JPEG."""

    def frame(self, golden_set: str, clip: str, frame_index: int) -> FramePlace:
        """The place of one frame; raises KeyError for a clip that the run does not have."""
        place = self.clips[golden_set, clip]
        image = self.pictures.get((clip, frame_index), "")
        facts = place.clip.facts
        return FramePlace(
            clip=clip,
            clip_number=place.number,
            frame_index=frame_index,
            time=clock_text(frame_index / facts.fps if facts.fps > 0 else 0.0),
            href=f"#{image or place.anchor}",
            image=image,
            width_px=facts.width_px,
            height_px=facts.height_px,
        )


def page_places(run: Run, pictures: Mapping[tuple[str, int], str] = _NO_PICTURES) -> Places:
    """Number the clips of a run as the page does, golden set by golden set.

    Args:
        run: the run.
        pictures: (clip, frame) -> anchor of its JPEG in the page.
    """
    places: dict[tuple[str, str], ClipPlace] = {}
    for n_set, golden_set in enumerate(run.golden_sets, start=1):
        clips = [clip for clip in run.clips if clip.golden_set == golden_set.name]
        for k, clip in enumerate(clips, start=1):
            anchor = f"clip-{n_set}-{k}"
            places[golden_set.name, clip.id] = ClipPlace(len(places), anchor, clip)
    return Places(places, pictures)
