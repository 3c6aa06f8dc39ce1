from vbench.record.folder import RunFolder
from vbench.report.evidence import read_evidence
from vbench.report.worst_frames import rank_worst_frames
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
