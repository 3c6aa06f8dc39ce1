"""What a run leaves in the cache is what the next one takes from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.bench.small import files_of
from tests.pipeline.files import clip, taxonomy
from vbench.bench.cached import CachedAnswers, TrialFacts, open_cache
from vbench.bench.decoded import DecodedClip
from vbench.bench.progress import NoProgress
from vbench.errors import ConfigError
from vbench.pipeline.identity import Identity
from vbench.pipeline.suspicions import TrialAnswers, suspicions
from vbench.record.alerts import write_alerts
from vbench.record.cache_folder import detections_folder, list_entries
from vbench.record.detection_cache import DetectionCache
from vbench.record.folder import RunFolder
from vbench.record.shards import write_detections, write_timings
from vbench.types import Alert, Alerts, Clip, Detections, GoldenSet, MachineLoad, Timings, Truth

LIMIT = 10_000_000
IDENTITY = Identity("ab" * 32, (), ())
DECODED = DecodedClip(
    color="bt709 limited (from the stream)",
    notes=("two frames have the same time",),
    damaged="ends early",
    missing_frames=(3, 4),
    load=MachineLoad(0.25, ("make", "cc1")),
    elapsed_s=1.5,
)


def answers(cache: Path, **keys: object) -> CachedAnswers:
    said = {"measurement": "sample", "allow_damaged": False, **keys}
    store = DetectionCache(cache, LIMIT, pytest.fail)
    return CachedAnswers(
        store,
        measurement=str(said["measurement"]),
        allow_damaged=bool(said["allow_damaged"]),
    )


def written(folder: Path, name: str = "tiny", *, alerts: bool = True) -> RunFolder:
    """A run folder with the answers of a pipeline on the clip."""
    run = RunFolder(folder)
    found = Detections(
        frame_index=np.array([0, 2]),
        boxes_xyxy=np.array([[0.0, 1, 2, 3], [4, 5, 6, 7]]),
        scores=np.array([0.5, 0.1]),
        class_id=np.array([0, 1]),
        track_id=np.array([-1, 7]),
    )
    write_detections(run.detections(name, "dock"), found, ["person", "forklift"])
    durations = np.arange(10).reshape(5, 2)
    write_timings(
        run.timings(name, "dock"), Timings.of_every_frame(("decode", "infer"), durations, 1)
    )
    if alerts:
        write_alerts(run.alerts(name, "dock"), Alerts.of([Alert(0.5, "enter", 0, "door")]))
    return run


def test_a_clip_comes_back_byte_for_byte(tmp_path: Path) -> None:
    first = written(tmp_path / "first")
    assert not answers(tmp_path / "cache").holds(IDENTITY, clip())
    answers(tmp_path / "cache").keep(first, "tiny", IDENTITY, clip(), DECODED)
    # Another clip id and another name: the same footage and the same pipeline.
    again = answers(tmp_path / "cache")
    assert again.holds(IDENTITY, clip())
    second = RunFolder(tmp_path / "second")
    restored = again.restore(second, "tiny", IDENTITY, clip())
    assert restored is not None
    assert restored.decoded == DECODED
    assert restored.measured_at[:2] == "20"
    assert restored.measured_at.endswith("+00:00")
    assert files_of(second.path) == files_of(first.path)


def test_another_name_of_the_same_pipeline_and_clip(tmp_path: Path) -> None:
    first = written(tmp_path / "first", alerts=False)
    answers(tmp_path / "cache").keep(first, "tiny", IDENTITY, clip(), replace(DECODED, load=None))
    second = RunFolder(tmp_path / "second")
    restored = answers(tmp_path / "cache").restore(second, "new", IDENTITY, clip("gate"))
    assert restored is not None
    assert restored.decoded.load is None
    assert sorted(files_of(second.path)) == [
        "detections/new/gate.parquet",
        "timings/new/gate.parquet",
    ]
    shard = first.detections("tiny", "dock").read_bytes()
    assert second.detections("new", "gate").read_bytes() == shard


def _with_facts(one: Clip, **facts: object) -> Clip:
    return replace(one, facts=replace(one.facts, **facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        lambda one: _with_facts(one, sha256="cd" * 32),
        lambda _: clip(n_frames=6),
        lambda one: _with_facts(one, fps=30.0),
        lambda one: _with_facts(one, width_px=65),
        lambda one: _with_facts(one, height_px=49),
        lambda one: replace(one, stream=1),
    ],
)
def test_other_footage_is_not_found(change: Callable[[Clip], Clip], tmp_path: Path) -> None:
    cached = answers(tmp_path / "cache")
    cached.keep(written(tmp_path / "first"), "tiny", IDENTITY, clip(), DECODED)
    assert not cached.holds(IDENTITY, change(clip()))
    assert cached.restore(RunFolder(tmp_path / "new"), "tiny", IDENTITY, change(clip())) is None
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("keys", [{"measurement": "throughput"}, {"allow_damaged": True}])
def test_other_options_are_not_found(keys: dict[str, object], tmp_path: Path) -> None:
    run = written(tmp_path / "first")
    answers(tmp_path / "cache").keep(run, "tiny", IDENTITY, clip(), DECODED)
    assert not answers(tmp_path / "cache", **keys).holds(IDENTITY, clip())


def test_another_pipeline_is_not_found(tmp_path: Path) -> None:
    cached = answers(tmp_path / "cache")
    cached.keep(written(tmp_path / "first"), "tiny", IDENTITY, clip(), DECODED)
    other = Identity("cd" * 32, (), ())
    assert not cached.holds(other, clip())
    assert cached.trial(IDENTITY, golden_set()) is None


def test_what_is_damaged_puts_nothing_into_the_run(tmp_path: Path) -> None:
    said: list[str] = []
    store = DetectionCache(tmp_path / "cache", LIMIT, said.append)
    cached = CachedAnswers(store, measurement="", allow_damaged=False)
    cached.keep(written(tmp_path / "first"), "tiny", IDENTITY, clip(), DECODED)
    (entry,) = list_entries(store.folder)
    data = bytearray(entry.path.read_bytes())
    data[len(data) // 2] ^= 4
    entry.path.write_bytes(data)
    second = RunFolder(tmp_path / "second")
    assert cached.restore(second, "tiny", IDENTITY, clip()) is None
    assert files_of(tmp_path / "second") == {}
    (text,) = said
    assert "damaged" in text


def golden_set(*clips: Clip) -> GoldenSet:
    return GoldenSet("set", "1", taxonomy("person", "forklift"), clips or (clip(),), "d1", True)


def trial_facts() -> TrialFacts:
    found = Detections(
        frame_index=np.array([0, 0, 1]),
        boxes_xyxy=np.array([[0.1, 1 / 3, 2e-9, 3e9], [4, 5, 6, 7], [1, 1, 2, 2]]),
        scores=np.array([0.9, 0.1, 1 / 7]),
        class_id=np.array([0, 1, 1]),
        track_id=np.array([-1, 3, -1]),
    )
    truth = Truth(
        frame_index=np.array([0]),
        boxes_xyxy=np.array([[0.0, 1, 2, 3]]),
        class_id=np.array([1]),
        track_id=np.array([-1]),
        ignore=np.array([False]),
        crowd=np.array([True]),
    )
    size_px = np.array([[640.0, 480.0], [320.0, 240.0]])
    return TrialFacts("onnxruntime 1.22.0", TrialAnswers(found, truth, size_px, 2))


def assert_same(one: TrialFacts, other: TrialFacts) -> None:
    assert one.engine_text == other.engine_text
    assert one.answers.n_pictures == other.answers.n_pictures
    assert np.array_equal(one.answers.size_px, other.answers.size_px)
    for name in ("frame_index", "boxes_xyxy", "scores", "class_id", "track_id"):
        columns = [getattr(item.answers.found, name) for item in (one, other)]
        assert np.array_equal(*columns), name
        assert columns[0].dtype == columns[1].dtype
    for name in ("frame_index", "boxes_xyxy", "class_id", "track_id", "ignore", "crowd"):
        columns = [getattr(item.answers.truth, name) for item in (one, other)]
        assert np.array_equal(*columns), name
        assert columns[0].dtype == columns[1].dtype


def test_a_trial_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    cached, facts = answers(tmp_path / "cache"), trial_facts()
    assert cached.trial(IDENTITY, golden_set()) is None
    cached.keep_trial(IDENTITY, golden_set(), facts)
    # How times are taken does not matter to it.
    found = answers(tmp_path / "cache", measurement="other").trial(IDENTITY, golden_set())
    assert found is not None
    assert_same(found, facts)
    # So other operating points are judged from it as from the pipeline itself.
    for score in (0.05, 0.5, 0.95):
        thresholds, names = np.full(2, score), ("person", "forklift")
        said = suspicions(found.answers, thresholds, names)
        assert said == suspicions(facts.answers, thresholds, names)


def test_a_trial_without_detections(tmp_path: Path) -> None:
    cached = answers(tmp_path / "cache")
    nothing = TrialAnswers(Detections.empty(), Truth.empty(), np.zeros((0, 2)), 1)
    facts = TrialFacts("engine", nothing)
    cached.keep_trial(IDENTITY, golden_set(), facts)
    found = cached.trial(IDENTITY, golden_set())
    assert found is not None
    assert_same(found, facts)


def test_a_trial_is_of_its_golden_set_and_clips(tmp_path: Path) -> None:
    cached = answers(tmp_path / "cache")
    cached.keep_trial(IDENTITY, golden_set(clip("a"), clip("b")), trial_facts())
    assert cached.trial(IDENTITY, golden_set(clip("a"))) is None
    other = replace(golden_set(clip("a"), clip("b")), digest="d2")
    assert cached.trial(IDENTITY, other) is None
    assert cached.trial(Identity("cd" * 32, (), ()), golden_set(clip("a"), clip("b"))) is None


def test_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("VBENCH_CACHE_LIMIT", "1MB")
    assert open_cache(NoProgress()).folder == detections_folder() == tmp_path / "detections"
    monkeypatch.setenv("VBENCH_CACHE_LIMIT", "lots")
    with pytest.raises(ConfigError, match="is not a size"):
        open_cache(NoProgress())
