"""Media against the lock, damaged clips, image folders."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from tests.bench.runs import RecordingProgress, counts, metric, run_quietly
from tests.bench.small import N_FRAMES, edit, files_of, set_gates
from tests.video.clips import numbered_image, write_clip
from tests.video.conftest import B_FRAMES
from vbench.bench.golden import check_lock, lock_golden_set
from vbench.bench.options import RunOptions
from vbench.bench.progress import NoProgress
from vbench.bench.run import run_benchmark
from vbench.errors import DamagedMediaError, ExitCode, LockError, MediaError
from vbench.video import file_sha256


@pytest.fixture
def framewise(small: Path) -> Path:
    """The small benchmark with the model only."""
    benchmark = small / "benchmark.yaml"
    edit(benchmark, "[pipelines/v1.yaml, pipelines/v2.yaml]", "[pipelines/constant.yaml]")
    edit(benchmark, "baseline: v1\n", "")
    set_gates(benchmark, "{metric: recall, min: 0.9}")
    night = small / "golden" / "videos" / "b-night.mp4"
    # The index at the front, so that a cut file still opens.
    write_clip(night, N_FRAMES, options=B_FRAMES, container_options={"movflags": "+faststart"})
    return small


def cut(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def night(framewise: Path) -> Path:
    return framewise / "golden" / "videos" / "b-night.mp4"


def test_a_model_finds_what_it_should(framewise: Path, tmp_path: Path) -> None:
    run = run_quietly(framewise, tmp_path / "run").run
    assert counts(run, "constant") == (24, 0, 0)
    assert run.clips[1].damaged is None
    assert "bt" in run.clips[0].color or "smpte" in run.clips[0].color


def test_a_locked_set_has_no_note_and_the_same_numbers(framewise: Path, tmp_path: Path) -> None:
    unlocked = run_quietly(framewise, tmp_path / "1").run
    lock_golden_set(framewise / "golden", NoProgress())
    locked = run_quietly(framewise, tmp_path / "2").run
    assert not any("not locked" in note for note in locked.notes)
    assert locked.golden_sets[0].locked
    assert counts(locked, "constant") == counts(unlocked, "constant")


def test_media_that_no_longer_match_the_lock_are_refused(framewise: Path, tmp_path: Path) -> None:
    lock_golden_set(framewise / "golden", NoProgress())
    write_clip(night(framewise), N_FRAMES, options={"crf": "40"})
    with pytest.raises(LockError, match=r"b-night.*no longer match") as caught:
        run_quietly(framewise, tmp_path / "run")
    assert caught.value.exit_code == ExitCode.INPUT
    assert not (tmp_path / "run").exists()


def test_changed_media_mark_the_run_where_they_are_allowed(framewise: Path, tmp_path: Path) -> None:
    lock_golden_set(framewise / "golden", NoProgress())
    write_clip(night(framewise), N_FRAMES, options={"crf": "40"})
    progress = RecordingProgress()
    run = run_benchmark(
        framewise, tmp_path / "run", progress, options=RunOptions(allow_damaged=True), report=False
    ).run
    assert any("no longer match" in note for note in progress.notes)
    assert any("clip b-night" in note and "not those of golden.lock" in note for note in run.notes)
    assert counts(run, "constant") == (24, 0, 0)


@pytest.mark.parametrize("allow_damaged", [False, True])
def test_changed_truth_is_always_refused(
    framewise: Path, tmp_path: Path, allow_damaged: bool
) -> None:
    lock_golden_set(framewise / "golden", NoProgress())
    edit(framewise / "golden/truth/b-night.csv", "\n0,person,1,10.0", "\n0,person,1,11.0")
    with pytest.raises(LockError, match="the truth of clip"):
        run_quietly(framewise, tmp_path / "run", allow_damaged=allow_damaged)
    assert not (tmp_path / "run").exists()


def test_check_lock_sees_changes(framewise: Path) -> None:
    golden = framewise / "golden"
    path = lock_golden_set(golden, NoProgress())
    assert check_lock(golden, NoProgress()) == path
    write_clip(night(framewise), N_FRAMES, options={"crf": "40"})
    with pytest.raises(LockError):
        check_lock(golden, NoProgress())


def test_a_lock_is_not_written_over_damage(framewise: Path) -> None:
    golden = framewise / "golden"
    path = lock_golden_set(golden, NoProgress())
    before = path.read_bytes()
    cut(night(framewise), 0.6)
    with pytest.raises(DamagedMediaError):
        lock_golden_set(golden, NoProgress())
    assert path.read_bytes() == before


def test_a_cut_clip_names_clip_frame_and_byte(framewise: Path, tmp_path: Path) -> None:
    cut(night(framewise), 0.6)
    with pytest.raises(DamagedMediaError) as caught:
        run_quietly(framewise, tmp_path / "run")
    error = caught.value
    assert error.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert "clip b-night" in error.where
    assert f"frame {error.frame_index}" in error.what
    assert 0 < error.frame_index < N_FRAMES
    assert str(error.byte_position) in error.what
    assert "--allow-damaged" in error.hint
    assert not (tmp_path / "run").exists()


def test_allow_damaged_scores_what_decodes(framewise: Path, tmp_path: Path) -> None:
    lock_golden_set(framewise / "golden", NoProgress())
    cut(night(framewise), 0.6)
    run = run_quietly(framewise, tmp_path / "run", allow_damaged=True).run
    clip = run.clips[1]
    assert clip.damaged is not None
    n_scored = clip.n_frames_annotated
    assert 0 < n_scored < N_FRAMES
    # Every frame has one truth box, and the model always finds it.
    assert counts(run, "constant", clip="b-night") == (n_scored, 0, 0)
    assert counts(run, "constant", clip="a-day") == (12, 0, 0)
    assert any("b-night is damaged and was scored in part" in note for note in run.notes)


def test_damage_without_a_lock_may_be_allowed_too(framewise: Path, tmp_path: Path) -> None:
    """Truth of frames that a cut file lost is beyond its end, so the truth is cut as well."""
    cut(night(framewise), 0.6)
    truth = framewise / "golden" / "truth" / "b-night.csv"
    truth.write_text("\n".join(truth.read_text().splitlines()[:3]) + "\n")
    run = run_quietly(framewise, tmp_path / "run", allow_damaged=True).run
    assert run.clips[1].damaged is not None
    assert counts(run, "constant", clip="b-night")[0] == 2


def test_a_damaged_run_goes_on_when_damage_is_allowed(framewise: Path, tmp_path: Path) -> None:
    """Damage that decoding meets late: the intact clip before it is not run again."""
    out = tmp_path / "run"
    lock_golden_set(framewise / "golden", NoProgress())
    cut(night(framewise), 0.6)
    lock = framewise / "golden" / "golden.lock"
    text = lock.read_text()
    # As if the file had been cut before it was locked: only decoding can tell.
    digests = [line.split()[-1] for line in text.splitlines() if line.strip().startswith("sha256")]
    lock.write_text(text.replace(digests[1], file_sha256(night(framewise))))
    with pytest.raises(DamagedMediaError, match="frame"):
        run_quietly(framewise, out)
    before = files_of(out / "detections")
    assert list(before) == ["constant/a-day.parquet"]
    assert not (out / "run.json").exists()
    run = run_quietly(framewise, out, allow_damaged=True).run
    assert run.clips[1].damaged is not None
    assert before.items() <= files_of(out / "detections").items()


def test_media_without_frames_are_refused(framewise: Path, tmp_path: Path) -> None:
    night(framewise).write_bytes(b"")
    with pytest.raises(MediaError) as caught:
        run_quietly(framewise, tmp_path / "run")
    assert "clip b-night" in caught.value.where
    assert not (tmp_path / "run").exists()


def test_an_image_folder_is_a_clip(framewise: Path, tmp_path: Path) -> None:
    golden = framewise / "golden"
    (golden / "images").mkdir()
    for number in range(1, N_FRAMES + 1):
        cv2.imwrite(str(golden / "images" / f"{number}.png"), numbered_image(number))
    edit(golden / "golden.yaml", "media: videos/b-night.mp4", "media: images, fps: 5")
    run = run_quietly(framewise, tmp_path / "run").run
    assert counts(run, "constant") == (24, 0, 0)
    assert run.clips[1].facts.duration_s == pytest.approx(N_FRAMES / 5)
    assert any("natural order" in note for note in run.notes)


def test_latency_is_told_per_stage(framewise: Path, tmp_path: Path) -> None:
    edit(framewise / "benchmark.yaml", "slices:", "warmup_frames: 2\nslices:")
    set_gates(
        framewise / "benchmark.yaml",
        "{metric: latency_ms_p95, max: 60000}",
        "{metric: latency_ms_p99, slice: {stage: detect.infer}, max: 60000}",
        "{metric: latency_ms_p50, slice: {stage: decode}, max: 0}",
        "{metric: throughput_fps, min: 0.001}",
    )
    run = run_quietly(framewise, tmp_path / "run").run
    assert [one.verdict.value for one in run.gates] == ["pass", "pass", "fail", "pass"]
    stages = {row.slice[0][1] for row in run.metrics if row.name == "latency_ms_p50" and row.slice}
    assert {"decode", "detect.preprocess", "detect.infer"} <= stages
    whole = metric(run, "latency_ms_p95", "constant")
    assert whole.n == 2 * (N_FRAMES - 2)
    assert metric(run, "latency_ms_p95", "constant", clip="a-day").n == N_FRAMES - 2
