from dataclasses import dataclass, replace

import numpy as np

from tests.report.page_data.unpacking import unpacked
from vbench.metrics.score_counts import SCORE_THRESHOLDS
from vbench.record.folder import RunFolder
from vbench.report.evidence import FALSE_ALARM, read_evidence
from vbench.report.page_data.boxes import (
    answer_table,
    boxes_within,
    truth_table,
    truth_that_counts,
)
from vbench.report.page_data.contract import Packed
from vbench.types import Run


@dataclass(frozen=True)
class Table:
    """A table as the page's scripts unpack it, by a slow and obvious loop."""

    frame: list[int]
    boxes: list[list[int]]
    class_id: list[int]
    first: list[int]
    second: list[int]


def table_of(packed: Packed, n_frames: int, truth: Table | None = None) -> Table:
    """Truth where no truth is given, else answers."""
    values = unpacked(packed).astype(np.int64).tolist()
    frame = [k for k, n in enumerate(values[:n_frames]) for _ in range(n)]
    n = len(frame)
    assert len(values) == n_frames + 7 * n
    columns = [values[n_frames + k * n : n_frames + (k + 1) * n] for k in range(7)]
    boxes: list[list[int]] = []
    for row in range(n):
        class_id, second = columns[4][row], columns[6][row]
        other = [0, 0, 0, 0]
        if truth is None and second:
            earlier = [
                k for k in range(row) if (columns[4][k], columns[6][k]) == (class_id, second)
            ]
            other = boxes[earlier[-1]] if earlier else other
        elif truth is not None and second:
            other = truth.boxes[truth.frame.index(frame[row]) + second - 1]
        added = [columns[side][row] for side in range(4)]
        signed = [-(one + 1) // 2 if one % 2 else one // 2 for one in added]
        boxes.append([one + base for one, base in zip(signed, other, strict=True)])
    return Table(frame, boxes, columns[4], columns[5], columns[6])


def test_tables_hold_every_box(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    clip = evidence.clip("loading-dock", "gate1-night")
    truth, n_frames = clip.truth, clip.facts.n_frames
    assert (truth.track_id >= 0).all()
    for pipeline in demo_run.pipelines:
        item = evidence.of(pipeline.name, "loading-dock", clip.id)
        stored = table_of(truth_table(clip, item.truth_counts), n_frames)
        assert stored.frame == truth.frame_index.tolist()
        assert np.abs(np.array(stored.boxes) / 2 - truth.boxes_xyxy).max() <= 0.25
        assert stored.class_id == truth.class_id.tolist()
        assert np.array_equal(np.array(stored.first, np.bool_), item.truth_counts)
        assert stored.second == (truth.track_id + 1).tolist()
        found = table_of(answer_table(clip, item), n_frames, stored)
        detections = item.detections
        assert found.frame == detections.frame_index.tolist()
        assert np.abs(np.array(found.boxes) / 2 - detections.boxes_xyxy).max() <= 0.25
        assert found.class_id == detections.class_id.tolist()
        short = np.array(found.first) / 100
        assert np.array_equal(
            short[:, None] >= SCORE_THRESHOLDS, detections.scores[:, None] >= SCORE_THRESHOLDS
        )
        first = np.searchsorted(truth.frame_index, found.frame)
        row = np.array(found.second)
        assert np.array_equal(np.where(row == 0, FALSE_ALARM, first + row - 1), item.truth_index)


def test_truth_without_tracks(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    clip = evidence.clip("loading-dock", "dock3-night")
    none = np.full(len(clip.truth), -1, np.int64)
    clip = replace(clip, truth=replace(clip.truth, track_id=none))
    stored = table_of(truth_table(clip, clip.truth.ignore), clip.facts.n_frames)
    assert np.abs(np.array(stored.boxes) / 2 - clip.truth.boxes_xyxy).max() <= 0.25
    assert set(stored.second) == {0}


def test_clips_with_most_errors_come_first(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    clips = [
        (clip, [item for item in evidence.clips if item.clip == clip.id])
        for clip in evidence.golden_sets[0].clips
    ]
    errors = [sum(int((item.fp + item.fn).sum()) for item in items) for _, items in clips]
    everything = boxes_within(clips)
    sizes = [one.n_chars for one in everything if one is not None]
    assert len(sizes) == len(clips)
    worst = int(np.argmax(errors))
    only = boxes_within(clips, sizes[worst])
    assert [one is not None for one in only] == [k == worst for k in range(len(clips))]
    for room in (0, sum(sizes) // 3, sum(sizes) // 2):
        kept = [one for one in boxes_within(clips, room) if one is not None]
        assert sum(one.n_chars for one in kept) <= room
    assert boxes_within(clips, sum(sizes)) == everything


def test_boxes_far_outside_the_picture_are_cut_to_what_can_be_stored(
    demo_folder: RunFolder, demo_run: Run
) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    item = evidence.clips[0]
    clip = evidence.clip(item.golden_set, item.clip)
    boxes_xyxy, track_id = clip.truth.boxes_xyxy.copy(), clip.truth.track_id.copy()
    boxes_xyxy[0] = [-1e12, 0.0, 1e12, 5.0]
    track_id[0] = 2**40
    clip = replace(clip, truth=replace(clip.truth, boxes_xyxy=boxes_xyxy, track_id=track_id))
    table = table_of(truth_table(clip, item.truth_counts), clip.facts.n_frames)
    assert table.boxes[0] == [-(2**28), 0, 2**28, 10]
    assert table.second[0] == 0
    assert table.boxes[1] == np.rint(clip.truth.boxes_xyxy[1] * 2).tolist()


def test_truth_that_counts_without_any_pipeline(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    clip = evidence.golden_sets[0].clips[0]
    ignore, annotated = clip.truth.ignore.copy(), clip.annotated.copy()
    ignore[0] = True
    annotated[clip.truth.frame_index[-1]] = False
    clip = replace(clip, truth=replace(clip.truth, ignore=ignore), annotated=annotated)
    counts = truth_that_counts(clip, [])
    assert not counts[0]
    assert not counts[-1]
    assert counts.sum() > 0
