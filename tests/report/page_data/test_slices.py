from dataclasses import replace

import numpy as np
import pytest

from vbench.metrics.box_properties import truth_groups
from vbench.record.folder import RunFolder
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.lookup import MetricIndex
from vbench.report.page_data.slices import slices_of_clips
from vbench.report.web.slice_numbers import numbered_slices
from vbench.types import I64, BoxTag, Clip, Run, Slice


def with_slices(run: Run, *slices: Slice) -> MetricIndex:
    """The run's index as if it had been judged by these slices."""
    row = next(item for item in run.metrics if not item.slice)
    metrics = tuple(replace(row, slice=slice_) for slice_ in slices)
    return MetricIndex.of(replace(run, metrics=metrics))


def with_truth_of(evidence: Evidence, **tags: tuple[BoxTag, ...]) -> Evidence:
    """Clips whose truth has tags of boxes, by the clip's name with _ for -."""

    def tagged(clip: Clip) -> Clip:
        own = tags.get(clip.id.replace("-", "_"), ())
        return replace(clip, truth=replace(clip.truth, tags=own))

    (golden_set,) = evidence.golden_sets
    changed = replace(golden_set, clips=tuple(tagged(clip) for clip in golden_set.clips))
    return replace(evidence, golden_sets=(changed,))


def titles(index: MetricIndex, evidence: Evidence) -> dict[str, list[Slice]]:
    """Clip -> its slices."""
    slices = [slice_ for _, slice_ in numbered_slices(index)]
    found = slices_of_clips(index, evidence)
    return {clip: [slices[k] for k in numbers] for (_, clip), numbers in found.items()}


def test_by_tags_of_clips(demo_folder: RunFolder, demo_run: Run) -> None:
    night, rain = ("daypart", "night"), ("weather", "rain")
    index = with_slices(demo_run, (night,), (rain,), (night, rain))
    found = titles(index, read_evidence(demo_folder, demo_run))
    assert found == {
        "dock3-day": [],
        "dock3-dusk": [],
        "dock3-night": [(night,)],
        "gate1-day": [(rain,)],
        "gate1-night": [(night,), (rain,), (night, rain)],
        "gate1-empty": [],
    }


def test_by_boxes_that_a_clip_has(demo_folder: RunFolder, demo_run: Run) -> None:
    large, small = ("size", "large"), ("size", "small")
    index = with_slices(demo_run, (large,), (small,), (("size", "huge"),))
    evidence = read_evidence(demo_folder, demo_run)
    found = titles(index, evidence)
    for clip in evidence.golden_sets[0].clips:
        x1, y1, x2, y2 = clip.truth.boxes_xyxy.T
        has_large = ((x2 - x1) * (y2 - y1) >= 96**2).any()
        assert found[clip.id] == ([(large,)] if has_large else [])
    assert found["gate1-empty"] == []
    assert found["dock3-day"]


def test_by_tags_of_boxes(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    m = len(evidence.clip("loading-dock", "dock3-day").truth)
    values = np.array(["no"] * (m - 1) + ["yes"])
    tagged = with_truth_of(evidence, dock3_day=(BoxTag("occluded", values),))
    yes, day = ("occluded", "yes"), ("daypart", "day")
    found = titles(with_slices(demo_run, (yes,), (day, yes), (("size", "large"), yes)), tagged)
    assert [clip for clip, of_clip in found.items() if of_clip] == ["dock3-day"]
    assert found["dock3-day"][:2] == [(yes,), (day, yes)]


def test_both_properties_must_be_of_one_box(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    m = len(evidence.clip("loading-dock", "dock3-day").truth)
    one, other = np.array(["yes"] + ["no"] * (m - 1)), np.array(["no"] * (m - 1) + ["yes"])
    tagged = with_truth_of(evidence, dock3_day=(BoxTag("cut", one), BoxTag("occluded", other)))
    cut, occluded = ("cut", "yes"), ("occluded", "yes")
    found = titles(with_slices(demo_run, (cut,), (occluded,), (cut, occluded)), tagged)
    assert found["dock3-day"] == [(cut,), (occluded,)]


def test_what_no_slice_needs_is_not_computed(
    demo_folder: RunFolder, demo_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def watched(key: str, clip: Clip) -> I64:
        asked.append(key)
        return truth_groups(key, clip)

    monkeypatch.setattr("vbench.report.page_data.slices.truth_groups", watched)
    titles(with_slices(demo_run, (("size", "large"),)), read_evidence(demo_folder, demo_run))
    assert set(asked) == {"size"}
