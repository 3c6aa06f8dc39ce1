"""The page's confusion matrix is that of the metrics, and its examples show what they claim."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from tests.metrics.drawn import Drawn, drawn
from tests.metrics.scenes import A, B, clip, detections, golden_set, truth
from tests.report.errors.made_errors import made_errors, made_evidence
from vbench.metrics.confusion import confusion_matrix
from vbench.record.folder import RunFolder
from vbench.record.shards import read_detections, read_matches
from vbench.report.errors.clip_errors import clip_errors, find_errors
from vbench.report.errors.confusion_pairs import confusion_counts
from vbench.report.evidence import read_evidence
from vbench.types import Run


@settings(deadline=None, max_examples=100)
@given(drawn())
def test_counts_are_those_of_the_metric(scene: Drawn) -> None:
    items = [
        clip_errors(
            one,
            made_evidence(scene.golden, one, "pipe", found, scene.point, table),
            scene.point.iou,
        )
        for one, found, table in zip(
            scene.golden.clips, scene.detections, scene.matches, strict=True
        )
    ]
    counts, examples = confusion_counts(scene.golden, items)
    assert counts.tolist() == confusion_matrix(*scene.arguments).counts.tolist()
    # Every cell that holds something has an example, and no other has one.
    assert sorted(set(examples.cell.tolist())) == np.flatnonzero(counts.ravel()).tolist()


def test_a_miss_that_is_taken_for_another_class_is_not_missed_as_well() -> None:
    one = clip(truth([(0, A), (0, B)], class_id=[0, 1]), exhaustive=(True, True))
    found = detections([(0, A, 0.9), (0, B, 0.8), (0, B, 0.7)], class_id=[0, 0, 0])
    golden = golden_set(one, classes=("person", "truck"))
    (clips,) = made_errors(golden, {"p": [found]}).by_pipeline
    counts, _ = confusion_counts(golden, clips)
    assert counts.tolist() == [[1, 0, 0], [1, 0, 0], [1, 0, 0]]


def test_it_equals_the_matrix_of_the_whole_shards(demo_folder: RunFolder, demo_run: Run) -> None:
    (errors,) = find_errors(demo_run, read_evidence(demo_folder, demo_run))
    golden = errors.golden_set
    for pipeline, clips in zip(demo_run.pipelines, errors.by_pipeline, strict=True):
        whole = confusion_matrix(
            golden,
            [read_detections(demo_folder.detections(pipeline.name, c.id)) for c in golden.clips],
            [read_matches(demo_folder.matches(pipeline.name, c.id)) for c in golden.clips],
            pipeline.operating_point,
        )
        counts, _ = confusion_counts(golden, clips)
        assert counts.tolist() == whole.counts.tolist()


def test_examples_show_their_cell(demo_folder: RunFolder, demo_run: Run) -> None:
    """Slow and obvious: each example names a frame that has such a pair."""
    (errors,) = find_errors(demo_run, read_evidence(demo_folder, demo_run))
    side = len(errors.golden_set.taxonomy.classes) + 1
    for clips in errors.by_pipeline:
        _, examples = confusion_counts(errors.golden_set, clips)
        for cell, k, frame, score in zip(
            examples.cell, examples.clip, examples.frame_index, examples.score, strict=True
        ):
            item, truth_ = clips[k], errors.golden_set.clips[k].truth
            truth_class, detected = divmod(int(cell), side)
            if detected == side - 1:
                rows = [r for r in item.missed if r not in set(item.taken.tolist())]
                assert np.isnan(score)
                assert any(
                    truth_.frame_index[r] == frame and truth_.class_id[r] == truth_class
                    for r in rows
                )
                continue
            found = item.evidence.detections
            rows = np.flatnonzero((found.frame_index == frame) & (found.scores == score)).tolist()
            assert any(found.class_id[r] == detected for r in rows)


def test_examples_are_spread_over_clips_and_then_by_score() -> None:
    one = clip(truth([]), id="one", n_frames=120)
    two = clip(truth([]), id="two", n_frames=120)
    answers = [
        detections([(0, A, 0.5), (1, A, 0.9), (60, A, 0.8), (119, A, 0.7)]),
        detections([(30, A, 0.6), (90, A, 0.95)]),
    ]
    golden = golden_set(one, two)
    (clips,) = made_errors(golden, {"p": answers}).by_pipeline
    counts, examples = confusion_counts(golden, clips)
    assert counts.tolist() == [[0, 0], [6, 0]]
    rows = examples.of_cell(2)
    shown = [(int(examples.clip[r]), int(examples.frame_index[r])) for r in rows]
    # Frame 0 is in the same twelfth as the surer frame 1; then the clips take turns.
    assert shown == [(1, 90), (0, 1), (0, 60), (1, 30), (0, 119)]
    assert len(examples.of_cell(0)) == 0


def test_missed_truth_shows_the_largest_first() -> None:
    big = (0.0, 0.0, 200.0, 200.0)
    one = clip(truth([(0, A), (60, big), (100, B)]), n_frames=120)
    golden = golden_set(one)
    (clips,) = made_errors(golden, {"p": [detections([])]}).by_pipeline
    _, examples = confusion_counts(golden, clips)
    assert examples.frame_index.tolist()[0] == 60


def test_no_clip_has_anything() -> None:
    golden = golden_set(clip(truth([])))
    (clips,) = made_errors(golden, {"p": [detections([])]}).by_pipeline
    counts, examples = confusion_counts(golden, clips)
    assert not counts.any()
    assert len(examples.cell) == 0
    assert len(examples.of_cell(0)) == 0
