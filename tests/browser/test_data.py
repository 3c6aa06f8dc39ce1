"""What `js/data.js` unpacks is what the run holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.browser.conftest import Opened
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.record.shards import read_detections
from vbench.report.evidence import Evidence, pictured_frames, read_evidence

SCORES = (0.0, 0.3, 0.57, 0.58, 0.9, 1.0)


@pytest.fixture(scope="module")
def evidence(run: RunFolder) -> Evidence:
    return read_evidence(run, read_run(run))


def place_of(evidence: Evidence, number: int) -> tuple[int, int]:
    """Numbers of the clip and of the pipeline of one item."""
    n_clips = len(evidence.golden_sets[0].clips)
    return number % n_clips, number // n_clips


def test_counts_per_frame(run: RunFolder, opened: Opened, evidence: Evidence) -> None:
    page = opened.goto(run.report_html)
    for number, item in enumerate(evidence.clips):
        counts = page.evaluate(
            """async ([clip, pipeline]) => {
              const { tp, fp, fn } = await vb.counts(clip, pipeline);
              return [tp, fp, fn].map((each) => [...each]);
            }""",
            place_of(evidence, number),
        )
        assert counts == [item.tp.tolist(), item.fp.tolist(), item.fn.tolist()]


def test_counts_at_scores(run: RunFolder, opened: Opened, evidence: Evidence) -> None:
    page = opened.goto(run.report_html)
    names = evidence.golden_sets[0].taxonomy.names
    ask = "([pipeline, cls, score]) => vb.countsAt(0, pipeline, cls, score)"
    for number, pipeline in enumerate(read_run(run).pipelines):
        scores = evidence.scores(pipeline.name, "loading-dock")
        items = evidence.of_set(pipeline.name, "loading-dock")
        for row, cls in enumerate((None, *range(len(names)))):
            for score in SCORES:
                at = round(score * 100)
                assert page.evaluate(ask, [number, cls, score]) == {
                    "tp": scores.tp[row, at],
                    "fp": scores.fp[row, at],
                    "fn": scores.fn[row, at],
                }
        assert page.evaluate(ask, [number, None, None]) == {
            "tp": sum(int(item.tp.sum()) for item in items),
            "fp": sum(int(item.fp.sum()) for item in items),
            "fn": sum(int(item.fn.sum()) for item in items),
        }


def test_a_frame_from_the_tables(run: RunFolder, opened: Opened, evidence: Evidence) -> None:
    page = opened.goto(run.report_html)
    clip = evidence.golden_sets[0].clips[2]
    frames = set(range(0, clip.facts.n_frames, 37)) - set(pictured_frames(run, clip.id).tolist())
    for frame in sorted(frames):
        found = page.evaluate("(frame) => vb.frame(2, frame)", frame)
        assert found["image"] is None
        assert "vbench view" in found["problem"]
        assert not found["isComplete"]
        rows = clip.truth.frame_index == frame
        assert [one["cls"] for one in found["truth"]] == clip.truth.class_id[rows].tolist()
        for one, box in zip(found["truth"], clip.truth.boxes_xyxy[rows], strict=True):
            assert [one[side] for side in ("x1", "y1", "x2", "y2")] == pytest.approx(box, abs=0.26)
        for number, pipeline in enumerate(read_run(run).pipelines):
            item = evidence.of(pipeline.name, "loading-dock", clip.id)
            own = item.detections.frame_index == frame
            answers = found["answers"][number]
            assert [one["cls"] for one in answers] == item.detections.class_id[own].tolist()
            assert [one["score"] for one in answers] == pytest.approx(
                item.detections.scores[own], abs=0.0101
            )
            first = int(np.argmax(rows)) if rows.any() else 0
            matched = [one["truth"] + first if one["truth"] >= 0 else -1 for one in answers]
            assert matched == item.truth_index[own].tolist()


def test_a_frame_with_a_picture_has_all_that_is_stored(
    run: RunFolder, opened: Opened, evidence: Evidence
) -> None:
    page = opened.goto(run.report_html)
    clips = evidence.golden_sets[0].clips
    shown = 0
    for number, clip in enumerate(clips):
        for frame in pictured_frames(run, clip.id).tolist():
            found = page.evaluate("([clip, frame]) => vb.frame(clip, frame)", [number, frame])
            assert found["image"].startswith("data:image/jpeg;base64,")
            assert found["problem"] == ""
            assert found["isComplete"]
            for answers, pipeline in zip(found["answers"], read_run(run).pipelines, strict=True):
                stored = read_detections(run.detections(pipeline.name, clip.id))
                assert len(answers) == (stored.frame_index == frame).sum()
            shown += 1
    assert shown


def test_frames_that_are_not_there(run: RunFolder, opened: Opened) -> None:
    page = opened.goto(run.report_html)
    assert page.evaluate(
        "Promise.all([vb.frame(99, 0), vb.frame(0, -1), vb.frame(0, 10 ** 6)])"
    ) == [
        None,
        None,
        None,
    ]
    assert (
        page.evaluate("(vb.data.clips[3].truth = null, vb.frame(3, vb.data.clips[3].n_frames - 1))")
        is None
    )


def test_torn_data_is_said_once(run: RunFolder, opened: Opened, tmp_path: Path) -> None:
    torn = tmp_path / "report.html"
    torn.write_text(run.report_html.read_text())
    page = opened.goto(torn)
    page.evaluate("vb.data.curves[0].forEach((curve) => { curve.tp.z = 'eJwDAAAAAAE='; })")
    for _ in range(2):
        refused = page.evaluate("vb.countsAt(0, 1, null, 0.5).catch((error) => error.message)")
        assert refused.startswith("Counts per score: ")
    alerts = page.locator("main > [role=alert]")
    assert alerts.count() == 1
    assert "A part of this page cannot be shown. Counts per score: " in alerts.inner_text()
