"""Clips and frames have the numbers and anchors that the rest of the page gives them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vbench.report.errors.places import page_places
from vbench.types import Run


def test_clips_are_numbered_golden_set_by_golden_set(demo_run: Run) -> None:
    (first,) = demo_run.golden_sets
    mixed = (
        replace(demo_run.clips[0], golden_set="other"),
        *demo_run.clips[1:3],
        replace(demo_run.clips[3], golden_set="other"),
    )
    run = replace(demo_run, golden_sets=(first, replace(first, name="other")), clips=mixed)
    places = page_places(run)
    assert [(place.number, place.anchor, place.clip.id) for place in places.clips.values()] == [
        (0, "clip-1-1", mixed[1].id),
        (1, "clip-1-2", mixed[2].id),
        (2, "clip-2-1", mixed[0].id),
        (3, "clip-2-2", mixed[3].id),
    ]


def test_a_frame_leads_to_its_picture_or_else_to_its_clip(demo_run: Run) -> None:
    clip = demo_run.clips[1]
    places = page_places(demo_run, {(clip.id, 50): "image-7"})
    shown, other = (places.frame(clip.golden_set, clip.id, frame) for frame in (50, 51))
    assert (shown.href, shown.image, shown.time) == ("#image-7", "image-7", "0:02.0")
    assert (other.href, other.image, other.clip_number) == ("#clip-1-2", "", 1)
    with pytest.raises(KeyError):
        places.frame("nothing", clip.id, 0)
