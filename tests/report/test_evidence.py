from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.report.made_plan import demo_plan
from tests.report.made_run import make_run
from vbench.errors import RunFolderError
from vbench.record import shards
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.shards import read_detections, read_matches, write_matches
from vbench.report.evidence import (
    FALSE_ALARM,
    NOT_COUNTED,
    frame_boxes,
    pictured_frames,
    read_evidence,
)
from vbench.report.lookup import MetricIndex
from vbench.types import Run, Verdict


def test_frame_counts_add_up_to_the_metrics(demo_folder: RunFolder, demo_run: Run) -> None:
    index = MetricIndex.of(demo_run)
    evidence = read_evidence(demo_folder, demo_run)
    assert len(evidence.clips) == len(demo_run.clips) * len(demo_run.pipelines)
    for item in evidence.clips:
        for name, counts in (("tp", item.tp), ("fp", item.fp), ("fn", item.fn)):
            metric = index.find(item.pipeline, item.golden_set, name, clip=item.clip)
            assert metric is not None
            assert metric.value == counts.sum()


def test_focus_holds_only_errors_of_failed_gates(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    by_place = {(item.pipeline, item.clip): item for item in evidence.clips}
    # person-v2 fails recall at night: misses of night clips count, nothing else does.
    night = by_place["person-v2", "dock3-night"]
    assert np.array_equal(night.focus, night.fn)
    assert not by_place["person-v2", "dock3-day"].focus.any()


def test_a_comparing_gate_is_about_what_the_baseline_got_right(
    demo_folder: RunFolder, demo_run: Run
) -> None:
    rule = next(item for item in demo_run.gates if item.gate.form == "max_drop")
    lost = replace(
        next(item for item in demo_run.gates if item.pipeline == "person-v2"),
        gate=replace(rule.gate, metric="recall"),
        baseline=rule.baseline,
        baseline_name="person-v1",
        verdict=Verdict.FAIL,
    )
    clip = "dock3-night"
    focus = {}
    for name, baseline_name in (("new", "person-v1"), ("all", "a run of last week")):
        run = replace(demo_run, gates=(replace(lost, baseline_name=baseline_name),))
        evidence = read_evidence(demo_folder, run)
        (item,) = (one for one in evidence.clips if (one.pipeline, one.clip) == ("person-v2", clip))
        focus[name] = item.focus
    assert np.array_equal(focus["all"], item.fn)
    assert 0 < focus["new"].sum() < focus["all"].sum()
    assert (focus["new"] <= focus["all"]).all()


def test_boxes_are_those_that_were_counted(demo_folder: RunFolder, demo_run: Run) -> None:
    for item in read_evidence(demo_folder, demo_run).clips:
        clip = next(one for one in demo_run.clips if one.id == item.clip)
        frames = np.arange(clip.facts.n_frames)
        truth = read_golden_copy(demo_folder, item.golden_set)
        of_clip = next(one for one in truth.clips if one.id == item.clip).truth
        for frame in frames[::11]:
            own = item.truth_index[item.detections.frame_index == frame]
            assert (own >= 0).sum() == item.tp[frame]
            assert (own == FALSE_ALARM).sum() == item.fp[frame]
            assert item.missed[of_clip.frame_index == frame].sum() == item.fn[frame]
        assert not (item.missed & ~item.truth_counts).any()
        assert not item.missed[item.truth_index[item.truth_index >= 0]].any()


def test_drawn_boxes_are_those_that_were_counted(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    item = evidence.of("person-v2", "loading-dock", "dock3-night")
    clip = evidence.clip("loading-dock", "dock3-night")
    for frame in range(0, 60, 7):
        boxes = frame_boxes(evidence.golden_sets[0], clip, item, frame)
        assert boxes.truth_missed.sum() == item.fn[frame]
        assert (~boxes.truth_missed).sum() == item.tp[frame]
        assert boxes.detection_false.sum() == item.fp[frame]


def test_of_pictured_frames_everything_is_kept(demo_folder: RunFolder, demo_run: Run) -> None:
    n_frames = 0
    for item in read_evidence(demo_folder, demo_run).clips:
        frames = pictured_frames(demo_folder, item.clip)
        n_frames += len(frames)
        stored = read_detections(demo_folder.detections(item.pipeline, item.clip))
        matches = read_matches(demo_folder.matches(item.pipeline, item.clip))
        rows = np.isin(stored.frame_index, frames)
        assert np.array_equal(item.pictured.detections.boxes_xyxy, stored.boxes_xyxy[rows])
        assert np.array_equal(item.pictured.truth_index, matches.truth_index[0][rows])
    assert n_frames


def test_what_does_not_count_is_marked(run_path: Path, demo_run: Run) -> None:
    folder = make_run(run_path, demo_plan())
    place = ("person-v2", "dock3-night")
    matches = read_matches(folder.matches(*place))
    ignored = np.zeros(matches.ignored.shape, np.bool_)
    ignored[:, ::2] = matches.truth_index[:, ::2] < 0
    write_matches(folder.matches(*place), [replace(matches, ignored=ignored)])
    of_frame = read_detections(folder.detections(*place)).frame_index[np.argmax(ignored[0])]
    folder.picture("dock3-night", int(of_frame)).write_bytes(b"")
    item = read_evidence(folder, demo_run).of("person-v2", "loading-dock", "dock3-night")
    stored = read_detections(folder.detections(*place))
    rows = np.isin(stored.frame_index, pictured_frames(folder, "dock3-night"))
    assert np.array_equal(item.pictured.truth_index == NOT_COUNTED, ignored[0][rows])
    assert (item.pictured.truth_index == NOT_COUNTED).any()
    assert item.fp.sum() == (~ignored[0] & (matches.truth_index[0] < 0)).sum()


def test_scores_and_bins_agree_with_what_counts(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    for pipeline in demo_run.pipelines:
        items = evidence.of_set(pipeline.name, "loading-dock")
        scores, bins = (
            evidence.scores(pipeline.name, "loading-dock"),
            evidence.bins(pipeline.name, "loading-dock"),
        )
        at = 30  # the operating point of every class is 0.30
        assert scores.tp[0, at] == sum(item.tp.sum() for item in items)
        assert scores.fp[0, at] == sum(item.fp.sum() for item in items)
        assert scores.fn[0, at] == sum(item.fn.sum() for item in items)
        assert bins.n[0].sum() == scores.tp[0, at] + scores.fp[0, at]
        assert scores.known_frames[0] == sum(clip.n_frames_annotated for clip in demo_run.clips)


def test_a_missing_shard_is_an_error_with_its_place(run_path: Path, demo_run: Run) -> None:
    folder = make_run(run_path, demo_plan())
    folder.matches("person-v2", "dock3-day").unlink()
    with pytest.raises(RunFolderError, match="missing"):
        read_evidence(folder, demo_run)


def test_shards_of_many_blocks_read_as_one(
    run_path: Path, monkeypatch: pytest.MonkeyPatch, demo_folder: RunFolder, demo_run: Run
) -> None:
    monkeypatch.setattr(shards, "BLOCK_ROWS", 100)
    folder = make_run(run_path, demo_plan())
    cut = pq.ParquetFile(folder.detections("person-v1", "dock3-day"))
    assert cut.num_row_groups > 5
    whole = read_evidence(demo_folder, demo_run).clips
    for one, other in zip(read_evidence(folder, demo_run).clips, whole, strict=True):
        assert np.array_equal(one.tp, other.tp)
        assert np.array_equal(one.fn, other.fn)
        assert np.array_equal(one.focus, other.focus)
