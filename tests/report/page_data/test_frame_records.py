from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.made_plan import demo_plan
from tests.report.made_run import make_run
from vbench.errors import RunFolderError
from vbench.metrics.score_counts import threshold_reached
from vbench.record import shards
from vbench.record.folder import RunFolder
from vbench.record.shards import read_detections, read_matches, write_detections, write_matches
from vbench.report.evidence import pictured_frames, read_evidence
from vbench.report.lookup import MetricIndex
from vbench.report.page_data import frame_record, page_data
from vbench.report.page_data.frame_records import MAX_ANSWERS, short_scores
from vbench.types import Detections, Run

PLACE = ("person-v2", "dock3-night")


def test_a_frame_is_what_is_stored(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    golden_set, clip = evidence.golden_sets[0], evidence.clip("loading-dock", "dock3-night")
    stored = read_detections(demo_folder.detections(*PLACE))
    matches = read_matches(demo_folder.matches(*PLACE))
    for frame in (0, 77, 120, 499):
        record = frame_record(demo_folder, demo_run, golden_set, clip, 2, frame)
        assert (record["clip"], record["frame"], record["image"]) == (2, frame, None)
        truth_rows = np.flatnonzero(clip.truth.frame_index == frame)
        assert [row[4] for row in record["truth"]] == clip.truth.class_id[truth_rows].tolist()
        assert [row[6] for row in record["truth"]] == clip.truth.track_id[truth_rows].tolist()
        for of_truth, box in zip(record["truth"], clip.truth.boxes_xyxy[truth_rows], strict=True):
            assert of_truth[:4] == pytest.approx(box, abs=0.051)
        rows = np.flatnonzero(stored.frame_index == frame)
        assert len(record["answers"][1]) == len(rows)
        for row, k in zip(record["answers"][1], rows, strict=True):
            assert row[:4] == pytest.approx(stored.boxes_xyxy[k], abs=0.051)
            assert row[5] == pytest.approx(stored.scores[k], abs=1e-4)
            matched = matches.truth_index[0, k]
            assert row[6] == (matched - truth_rows[0] if matched >= 0 else -1)


def test_the_page_holds_the_same_of_its_pictures(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    golden_set = evidence.golden_sets[0]
    images = {
        (clip.id, int(frame)): f"image-{clip.id}-{frame}"
        for clip in golden_set.clips
        for frame in pictured_frames(demo_folder, clip.id)
    }
    data = page_data(demo_folder, MetricIndex.of(demo_run), evidence, images=images)
    assert len(data["frames"]) == len(images) > 0
    for record in data["frames"]:
        clip = golden_set.clips[record["clip"]]
        assert record["image"] == images[clip.id, record["frame"]]
        same = frame_record(
            demo_folder, demo_run, golden_set, clip, record["clip"], record["frame"]
        )
        assert {**same, "image": record["image"]} == record


def test_only_the_blocks_of_the_frame_are_read(
    run_path: Path, demo_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "BLOCK_ROWS", 50)
    folder = make_run(run_path, demo_plan())
    evidence = read_evidence(folder, demo_run)
    golden_set, clip = evidence.golden_sets[0], evidence.clip("loading-dock", "dock3-night")
    blocks = shards.read_matched_blocks(folder.detections(*PLACE), folder.matches(*PLACE), 0.5)
    assert len(list(blocks)) > 5
    item = evidence.of("person-v2", "loading-dock", "dock3-night")
    for frame in range(0, 500, 23):
        one = range(frame, frame + 1)
        found = list(
            shards.read_matched_blocks(folder.detections(*PLACE), folder.matches(*PLACE), 0.5, one)
        )
        assert len(found) <= 2
        record = frame_record(folder, demo_run, golden_set, clip, 0, frame)
        answers = record["answers"][1]
        assert sum(row[6] >= 0 for row in answers) == item.tp[frame]
        assert sum(row[6] == -1 for row in answers) == item.fp[frame]


def test_of_very_many_answers_the_best_are_kept(run_path: Path, demo_run: Run) -> None:
    folder = make_run(run_path, demo_plan())
    n = MAX_ANSWERS + 40
    none = np.full(n, -1, np.int64)
    many = Detections.sorted_from(
        np.full(n, 7),
        np.tile([0.0, 0.0, 9.0, 9.0], (n, 1)),
        np.linspace(0.01, 0.9, n),
        np.zeros(n, np.int64),
        none,
    )
    write_detections(folder.detections(*PLACE), many, ["person"])
    matches = read_matches(folder.matches(*PLACE))
    write_matches(
        folder.matches(*PLACE),
        [
            replace(
                matches,
                truth_index=np.full((2, n), -1, np.int32),
                iou=np.zeros((2, n)),
                ignored=np.zeros((2, n), np.bool_),
            )
        ],
    )
    evidence = read_evidence(folder, demo_run)
    golden_set, clip = evidence.golden_sets[0], evidence.clip("loading-dock", "dock3-night")
    record = frame_record(folder, demo_run, golden_set, clip, 0, 7)
    assert record["left_out"] == [0, 40, 0]
    scores = [row[5] for row in record["answers"][1]]
    assert len(scores) == MAX_ANSWERS
    assert min(scores) == pytest.approx(many.scores[MAX_ANSWERS - 1], abs=1e-4)


def test_a_broken_shard_is_named(run_path: Path, demo_run: Run) -> None:
    folder = make_run(run_path, demo_plan())
    evidence = read_evidence(folder, demo_run)
    golden_set, clip = evidence.golden_sets[0], evidence.clip("loading-dock", "dock3-night")
    folder.matches(*PLACE).write_bytes(b"no parquet")
    with pytest.raises(RunFolderError, match="dock3-night"):
        frame_record(folder, demo_run, golden_set, clip, 0, 3)


_score = st.one_of(
    st.floats(0, 1),
    st.integers(0, 100).flatmap(
        lambda k: st.sampled_from([k / 100, float(np.nextafter(k / 100, 0))])
    ),
)


@given(_score, _score)
def test_short_scores_count_where_the_scores_do(score: float, operating: float) -> None:
    scores = np.array([score])
    (short,) = short_scores(scores, np.array([operating]))
    assert short <= score
    assert score - short <= 1e-4
    assert (short >= operating) == (score >= operating)
    assert threshold_reached(np.array([short])) == threshold_reached(scores)
