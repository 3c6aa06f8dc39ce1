from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.report.made_plan import demo_plan
from tests.report.made_run import FPS, make_run
from tests.report.page_data.unpacking import unpacked
from vbench.record.alerts import write_alerts
from vbench.record.folder import RunFolder
from vbench.record.shards import write_timings
from vbench.report.evidence import Evidence, read_evidence
from vbench.report.page_data.clips import clip_data
from vbench.report.page_data.contract import ClipData
from vbench.types import Alerts, Clip, Run, Timings, TruthEvent

NIGHT = "dock3-night"


def data_of(folder: RunFolder, run: Run, clip: Clip, evidence: Evidence) -> ClipData:
    return clip_data(
        folder,
        run,
        evidence.golden_sets[0],
        clip,
        [item for item in evidence.clips if item.clip == clip.id],
        set_number=0,
        key="clip-1-3",
        slices=[1, 4],
        boxes=None,
    )


@pytest.fixture
def night(demo_folder: RunFolder, demo_run: Run) -> tuple[Evidence, Clip]:
    evidence = read_evidence(demo_folder, demo_run)
    return evidence, evidence.clip("loading-dock", NIGHT)


def test_counts_are_those_of_the_frames(
    demo_folder: RunFolder, demo_run: Run, night: tuple[Evidence, Clip]
) -> None:
    evidence, clip = night
    data = data_of(demo_folder, demo_run, clip, evidence)
    for pipeline, packed in zip(demo_run.pipelines, data["counts"], strict=True):
        item = evidence.of(pipeline.name, "loading-dock", NIGHT)
        counts = unpacked(packed).reshape(3, clip.facts.n_frames)
        assert np.array_equal(counts, [item.tp, item.fp, item.fn])
    assert (data["key"], data["slices"], data["name"]) == ("clip-1-3", [1, 4], NIGHT)
    assert data["truth"] is None
    assert data["answers"] == [None, None, None]


def test_crowded_frames_are_cut_at_255(
    demo_folder: RunFolder, demo_run: Run, night: tuple[Evidence, Clip]
) -> None:
    evidence, clip = night
    night_item = evidence.of("person-v1", "loading-dock", NIGHT)
    crowd = replace(night_item, tp=np.full(clip.facts.n_frames, 1000))
    data = data_of(demo_folder, demo_run, clip, replace(evidence, clips=(crowd,)))
    assert data["counts"][0]["t"] == "u1"
    assert unpacked(data["counts"][0])[: clip.facts.n_frames].tolist() == [255] * 500


def test_annotated_stretches(
    demo_folder: RunFolder, demo_run: Run, night: tuple[Evidence, Clip]
) -> None:
    evidence, clip = night
    annotated = np.zeros(clip.facts.n_frames, np.bool_)
    annotated[[0, 1, 5, 499]] = True
    data = data_of(demo_folder, demo_run, replace(clip, annotated=annotated), evidence)
    assert data["annotated"] == [(0, 2), (5, 6), (499, 500)]
    none = replace(clip, annotated=np.zeros_like(annotated))
    assert data_of(demo_folder, demo_run, none, evidence)["annotated"] == []


def test_late_frames_take_longer_than_the_camera_gives(run_path: Path, demo_run: Run) -> None:
    folder = make_run(run_path, demo_plan())
    evidence = read_evidence(folder, demo_run)
    clip = evidence.clip("loading-dock", NIGHT)
    interval_ns = int(1e9 / FPS)
    duration_ns = np.array(
        [
            [0, 5 * interval_ns],  # warm-up
            [9 * interval_ns, interval_ns],  # decoding does not count
            [0, interval_ns + 1],
            [0, interval_ns - 1],
            [0, 3 * interval_ns],
        ]
    )
    frames = np.array([0, 10, 20, 30, 40])
    timings = Timings(("decode", "infer"), duration_ns, 1, "latency", frames)
    write_timings(folder.timings("person-v1", NIGHT), timings)
    overlapped = Timings.of_every_frame(("decode", "infer"), duration_ns, 1, "throughput")
    write_timings(folder.timings("person-v2", NIGHT), overlapped)
    # Of stages that overlap nothing says how long one frame took.
    assert data_of(folder, demo_run, clip, evidence)["late"] == [[20, 40], [], []]
    still = replace(clip, facts=replace(clip.facts, fps=0.0))
    assert data_of(folder, demo_run, still, evidence)["late"] == [[], [], []]


def test_alerts_with_what_they_did(run_path: Path, demo_run: Run) -> None:
    folder = make_run(run_path, demo_plan())
    evidence = read_evidence(folder, demo_run)
    clip = replace(
        evidence.clip("loading-dock", NIGHT),
        events=(
            TruthEvent("intrusion", 1.0, 2.0, "person", "gate"),
            TruthEvent("stop", 3.0, 100.0, None, None),
        ),
    )
    write_alerts(
        folder.alerts("person-v2", NIGHT),
        Alerts(
            time_s=np.array([1.2, 1.6, 2.6, 30.0]),
            kind=np.array([0, 0, 0, 1]),
            class_id=np.array([0, 0, 0, -1]),
            zone=np.array([0, 0, 0, -1]),
            kinds=("intrusion", "halt"),
            zones=("gate",),
        ),
    )
    data = data_of(folder, demo_run, clip, evidence)
    assert data["events"] == [
        {"first": 25, "last": 50, "text": "intrusion of person in gate"},
        # Ends with the clip.
        {"first": 75, "last": 499, "text": "stop"},
    ]
    assert [(one["frame"], one["outcome"], one["text"]) for one in data["alerts"][1]] == [
        (30, "raised", "intrusion of person in gate"),
        (40, "duplicate", "intrusion of person in gate"),
        (65, "false", "intrusion of person in gate"),
        (499, "false", "halt"),
    ]
    assert data["missed_events"] == [[], [1], []]
    assert (data["alerts"][0], data["alerts"][2]) == ([], [])


def test_stretches_are_those_of_the_pipeline(decided_folder: RunFolder, decided_run: Run) -> None:
    evidence = read_evidence(decided_folder, decided_run)
    found = 0
    for clip in evidence.golden_sets[0].clips:
        data = data_of(decided_folder, decided_run, clip, evidence)
        for pipeline, stretches in zip(decided_run.pipelines, data["stretches"], strict=True):
            expected = {
                cause.frames
                for result in decided_run.gates
                for cause in result.causes
                if (result.pipeline, cause.name) == (pipeline.name, clip.id) and cause.frames
            }
            assert set(stretches) == expected
            found += len(expected)
    assert found
