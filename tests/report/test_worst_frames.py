from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.report.made_plan import demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.record.golden_copy import read_golden_copy
from vbench.record.shards import write_detections, write_matches, write_truth
from vbench.report.evidence import read_evidence
from vbench.report.worst_frames import kept_worst_frames, rank_worst_frames, sampled_frames
from vbench.types import Detections, Matches, Run, Truth


def test_every_pipeline_gets_its_frames_worst_first(demo_folder: RunFolder, demo_run: Run) -> None:
    frames = rank_worst_frames(demo_run, read_evidence(demo_folder, demo_run))
    for pipeline in demo_run.pipelines:
        own = [frame for frame in frames if frame.pipeline == pipeline.name]
        assert len(own) == 8
        ranks = [(-frame.focus, -(frame.fp + frame.fn)) for frame in own]
        assert ranks == sorted(ranks)


def test_frames_of_a_failed_slice_come_first(demo_folder: RunFolder, demo_run: Run) -> None:
    frames = rank_worst_frames(demo_run, read_evidence(demo_folder, demo_run), per_pipeline=4)
    failed = [frame for frame in frames if frame.pipeline == "person-v2"]
    assert {frame.clip for frame in failed} == {"dock3-night", "gate1-night"}
    assert all(frame.focus for frame in failed)


def test_each_stretch_behind_a_failed_gate_is_shown(
    decided_folder: RunFolder, decided_run: Run
) -> None:
    stretches = {
        (result.pipeline, cause.name, cause.frames)
        for result in decided_run.gates
        for cause in result.causes
        if cause.frames is not None
    }
    assert stretches
    frames = rank_worst_frames(
        decided_run, read_evidence(decided_folder, decided_run), per_pipeline=1
    )
    for pipeline, clip, within in stretches:
        assert within is not None
        (shown,) = [frame for frame in frames if frame.pipeline == pipeline]
        assert shown.clip == clip
        assert within[0] <= shown.frame_index <= within[1]


def test_one_moment_is_shown_once(demo_folder: RunFolder, demo_run: Run) -> None:
    frames = rank_worst_frames(demo_run, read_evidence(demo_folder, demo_run))
    for frame in frames:
        for other in frames:
            if other is not frame and (other.pipeline, other.clip) == (frame.pipeline, frame.clip):
                assert abs(other.time_s - frame.time_s) >= 1.0


def test_the_same_run_gives_the_same_frames(demo_folder: RunFolder, demo_run: Run) -> None:
    assert rank_worst_frames(demo_run, read_evidence(demo_folder, demo_run)) == rank_worst_frames(
        demo_run, read_evidence(demo_folder, demo_run)
    )


def test_counts_are_those_of_the_frame(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    by_place = {(item.pipeline, item.clip): item for item in evidence.clips}
    for frame in rank_worst_frames(demo_run, read_evidence(demo_folder, demo_run)):
        item = by_place[frame.pipeline, frame.clip]
        counts = (item.tp[frame.frame_index], item.fp[frame.frame_index])
        assert counts == (frame.tp, frame.fp)
        assert frame.fp + frame.fn > 0


def test_a_run_judged_again_shows_the_pictures_it_has(
    run_path: Path, decided_run: Run, demo_folder: RunFolder
) -> None:
    folder = make_run(run_path, demo_plan())
    evidence = read_evidence(folder, decided_run)
    kept = {
        (frame.clip, frame.frame_index)
        for frame in kept_worst_frames(folder, decided_run, evidence)
        if folder.picture(frame.clip, frame.frame_index).is_file()
    }
    for path in (folder.path / "pictures").rglob("*.jpg"):
        path.unlink()
    assert kept
    for clip, frame in sorted(kept)[:4]:
        folder.picture(clip, frame).write_bytes(demo_jpeg(demo_folder))
    shown = kept_worst_frames(folder, decided_run, evidence)
    assert len(shown) == 3 * 8
    for pipeline in decided_run.pipelines:
        own = {(one.clip, one.frame_index) for one in shown if one.pipeline == pipeline.name}
        with_errors = {
            (item.clip, frame)
            for item in evidence.clips
            if item.pipeline == pipeline.name
            for frame in np.flatnonzero(item.fp + item.fn).tolist()
        }
        assert set(sorted(kept)[:4]) & with_errors <= own


def test_a_parked_car_is_shown_once(run_path: Path, demo_run: Run) -> None:
    folder = make_run(run_path, demo_plan())
    golden_set = read_golden_copy(folder, "loading-dock")
    clip = next(one for one in golden_set.clips if one.id == "gate1-empty")
    parked = np.tile(np.array([[300.0, 200.0, 420.0, 290.0]]), (300, 1))
    passing = np.array([[0.0, 0.0, 60.0, 60.0]])
    truth = Truth(
        frame_index=np.sort(np.append(np.arange(300), 120)),
        boxes_xyxy=np.insert(parked, 120, passing, axis=0),
        class_id=np.ones(301, np.int64),
        track_id=np.full(301, -1, np.int64),
        ignore=np.zeros(301, np.bool_),
        crowd=np.zeros(301, np.bool_),
    )
    write_truth(folder.truth("loading-dock", clip.id), truth)
    none = Detections.empty()
    for pipeline in demo_run.pipelines:
        write_detections(folder.detections(pipeline.name, clip.id), none, ["person"])
        matches = Matches(
            np.array([0.5]),
            np.zeros((1, 0), np.int32),
            np.zeros((1, 0)),
            np.zeros((1, 0), np.bool_),
            np.ones(301, np.bool_),
        )
        write_matches(folder.matches(pipeline.name, clip.id), [matches])
    only = replace(
        demo_run, clips=tuple(one for one in demo_run.clips if one.id == clip.id), gates=()
    )
    evidence = replace(
        read_evidence(folder, demo_run),
        clips=tuple(item for item in read_evidence(folder, demo_run).clips if item.clip == clip.id),
    )
    frames = kept_worst_frames(folder, only, evidence)
    # The frame with two misses has the parked one too.
    assert [(one.pipeline, one.frame_index, one.n_alike) for one in frames] == [
        (pipeline.name, 120, 299) for pipeline in demo_run.pipelines
    ]


def test_samples_lie_evenly_over_each_clip(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    for budget, per_clip in ((100, 3), (18, 3), (13, 2), (6, 1)):
        frames = sampled_frames(evidence, max_frames=budget)
        assert len(frames) == 6 * per_clip
        assert [clip for clip, _ in frames[::per_clip]] == [one.id for one in demo_run.clips]
    assert sampled_frames(evidence, max_frames=18)[:3] == (
        ("dock3-day", 116),
        ("dock3-day", 350),
        ("dock3-day", 583),
    )
    assert len(sampled_frames(evidence, max_frames=4)) == 4
    assert sampled_frames(evidence, max_frames=0) == ()


def test_samples_are_annotated(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    (golden_set,) = evidence.golden_sets
    annotated = np.zeros(golden_set.clips[0].facts.n_frames, np.bool_)
    annotated[[5, 17]] = True
    clips = (replace(golden_set.clips[0], annotated=annotated),)
    few = replace(evidence, golden_sets=(replace(golden_set, clips=clips),))
    assert sampled_frames(few) == (("dock3-day", 5), ("dock3-day", 17))
    unknown = (replace(golden_set.clips[0], annotated=np.zeros_like(annotated)),)
    assert sampled_frames(replace(few, golden_sets=(replace(golden_set, clips=unknown),))) == ()


def demo_jpeg(folder: RunFolder) -> bytes:
    return next((folder.path / "pictures").rglob("*.jpg")).read_bytes()
