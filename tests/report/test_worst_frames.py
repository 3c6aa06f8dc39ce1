from pathlib import Path

import numpy as np

from tests.report.made_plan import demo_plan
from tests.report.made_run import make_run
from vbench.record.folder import RunFolder
from vbench.report.evidence import read_evidence
from vbench.report.worst_frames import kept_worst_frames, rank_worst_frames
from vbench.types import Run


def test_every_pipeline_gets_its_frames_worst_first(demo_folder: RunFolder, demo_run: Run) -> None:
    frames = rank_worst_frames(demo_folder, demo_run)
    for pipeline in demo_run.pipelines:
        own = [frame for frame in frames if frame.pipeline == pipeline.name]
        assert len(own) == 8
        ranks = [(-frame.focus, -(frame.fp + frame.fn)) for frame in own]
        assert ranks == sorted(ranks)


def test_frames_of_a_failed_slice_come_first(demo_folder: RunFolder, demo_run: Run) -> None:
    frames = rank_worst_frames(demo_folder, demo_run, per_pipeline=4)
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
    frames = rank_worst_frames(decided_folder, decided_run, per_pipeline=1)
    for pipeline, clip, within in stretches:
        assert within is not None
        (shown,) = [frame for frame in frames if frame.pipeline == pipeline]
        assert shown.clip == clip
        assert within[0] <= shown.frame_index <= within[1]


def test_one_moment_is_shown_once(demo_folder: RunFolder, demo_run: Run) -> None:
    frames = rank_worst_frames(demo_folder, demo_run)
    for frame in frames:
        for other in frames:
            if other is not frame and (other.pipeline, other.clip) == (frame.pipeline, frame.clip):
                assert abs(other.time_s - frame.time_s) >= 1.0


def test_the_same_run_gives_the_same_frames(demo_folder: RunFolder, demo_run: Run) -> None:
    assert rank_worst_frames(demo_folder, demo_run) == rank_worst_frames(demo_folder, demo_run)


def test_counts_are_those_of_the_frame(demo_folder: RunFolder, demo_run: Run) -> None:
    evidence = read_evidence(demo_folder, demo_run)
    by_place = {(item.pipeline, item.clip): item for item in evidence.clips}
    for frame in rank_worst_frames(demo_folder, demo_run):
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


def demo_jpeg(folder: RunFolder) -> bytes:
    return next((folder.path / "pictures").rglob("*.jpg")).read_bytes()
