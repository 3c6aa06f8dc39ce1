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
from vbench.report.evidence import read_evidence, read_frame_boxes
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


def test_drawn_boxes_are_those_that_were_counted(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    golden_set = evidence.golden_sets[0]
    clip = evidence.clip("loading-dock", "dock3-night")
    item = next(one for one in evidence.clips if (one.pipeline, one.clip) == ("person-v2", clip.id))
    frames = list(range(0, 60, 7))
    boxes = read_frame_boxes(demo_folder, golden_set, clip, demo_run.pipelines[1], frames)
    for frame in frames:
        assert boxes[frame].truth_missed.sum() == item.fn[frame]
        assert (~boxes[frame].truth_missed).sum() == item.tp[frame]
        assert boxes[frame].detection_false.sum() == item.fp[frame]


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
