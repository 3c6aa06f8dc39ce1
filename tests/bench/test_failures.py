"""A pipeline whose engine fails does not take the others with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.runs import RecordingProgress, run_quietly
from tests.bench.small import edit
from vbench.bench.infer import AnsweredClip, Inference
from vbench.bench.run import run_benchmark
from vbench.bench.score import score_run
from vbench.cli.outcome import exit_code
from vbench.errors import EngineError, ExitCode, Interrupted
from vbench.pipeline.load import Pipeline
from vbench.record.folder import RunFolder
from vbench.record.run_json import read_run
from vbench.types import Clip, Verdict

BREAKS = """\
schema: vbench.pipeline/v1
name: breaks
version: 3
classes: {names: [person]}
stages:
  - id: detect
    kind: detector
    engine: {type: python, object: "breaks:Detector"}
"""

DETECTOR = """\
import numpy as np


class Detector:
    def begin_clip(self, clip_id, width_px, height_px, fps):
        self.clip, self.n = clip_id, 0

    def detect(self, image):
        self.n += 1
        if self.clip == "b-night" and self.n == 8:
            raise RuntimeError("out of ideas")
        return np.array([[10.0, 8.0, 40.0, 56.0]]), np.array([0.9]), np.array([0])
"""


class CountingProgress(RecordingProgress):
    """Counts the frames of the clip that was begun last."""

    def __init__(self) -> None:
        super().__init__()
        self.n_frames = 0

    def clip(self, clip: str) -> None:
        super().clip(clip)
        self.n_frames = 0

    def advance(self, n_frames: int = 1) -> None:
        self.n_frames += n_frames


@pytest.fixture
def with_breaking(small: Path) -> Path:
    """The small benchmark with a third pipeline that fails in the middle of its second clip."""
    edit(
        small / "benchmark.yaml", "pipelines/v2.yaml]", "pipelines/breaks.yaml, pipelines/v2.yaml]"
    )
    (small / "pipelines" / "breaks.yaml").write_text(BREAKS)
    (small / "pipelines" / "breaks.py").write_text(DETECTOR)
    return small / "benchmark.yaml"


def test_the_others_finish_and_are_reported(with_breaking: Path, tmp_path: Path) -> None:
    progress = RecordingProgress()
    finished = run_benchmark(with_breaking, tmp_path / "run", progress)
    run = finished.run
    assert [item.name for item in run.pipelines] == ["v1", "v2"]
    (failure,) = run.failures
    assert (failure.name, failure.version) == ("breaks", "3")
    assert "clip b-night, stage detect, frame 7" in failure.reason
    assert "out of ideas" in failure.reason
    assert run.verdict is Verdict.FAIL
    assert exit_code(run) == ExitCode.MEDIA_OR_ENGINE
    assert any("breaks failed, the others go on" in note for note in progress.notes)
    assert {result.pipeline for result in run.gates} == {"v1", "v2"}
    assert read_run(finished.folder).failures == run.failures


def test_nothing_is_kept_of_the_clip_that_it_failed_on(with_breaking: Path, tmp_path: Path) -> None:
    folder = run_quietly(with_breaking, tmp_path / "run").folder
    assert folder.detections("breaks", "a-day").is_file()
    assert sorted(path.name for path in folder.detections("breaks", "a-day").parent.iterdir()) == [
        "a-day.parquet"
    ]
    assert not folder.timings("breaks", "b-night").exists()


def test_every_output_names_it(with_breaking: Path, tmp_path: Path) -> None:
    folder = run_benchmark(with_breaking, tmp_path / "run", RecordingProgress(), pdf=False).folder
    suite = ElementTree.parse(folder.junit_xml).getroot().find("testsuite[@name='breaks']")
    assert suite is not None
    assert suite.get("errors") == "1"
    for path in (folder.report_html, folder.summary_md, folder.comment_md):
        text = path.read_text()
        assert "Did not finish" in text
        assert "out of ideas" in text
    findings = json.loads(folder.code_quality_json.read_text())
    assert findings[0]["severity"] == "blocker"


def test_judged_again_it_still_failed(with_breaking: Path, tmp_path: Path) -> None:
    folder = run_quietly(with_breaking, tmp_path / "run").folder
    judged = score_run(folder.path, None, None, None, RecordingProgress()).run
    assert [item.name for item in judged.failures] == ["breaks"]
    assert judged.verdict is Verdict.FAIL


def test_a_model_that_cannot_be_loaded_is_left_out_too(small: Path, tmp_path: Path) -> None:
    edit(
        small / "benchmark.yaml",
        "pipelines/v2.yaml]",
        "pipelines/v2.yaml, pipelines/constant.yaml]",
    )
    model = small / "constant.onnx"
    model.write_bytes(model.read_bytes()[:100])
    run = run_quietly(small, tmp_path / "run").run
    assert [item.name for item in run.failures] == ["constant"]
    assert "stages[0].engine.model" in run.failures[0].reason
    assert [item.name for item in run.pipelines] == ["v1", "v2"]


def test_gates_against_a_baseline_that_failed_do_not_pass(
    with_breaking: Path, tmp_path: Path
) -> None:
    edit(with_breaking, "baseline: v1", "baseline: breaks")
    edit(with_breaking, ", versus: baseline}", "}")
    run = run_quietly(with_breaking, tmp_path / "run").run
    drops = [result for result in run.gates if result.gate.form == "max_drop"]
    assert len(drops) == 2
    assert all(result.verdict is not Verdict.PASS for result in drops)
    assert all("breaks" in result.explanation for result in drops)
    again = score_run(tmp_path / "run", None, None, None, RecordingProgress()).run
    assert again.gates == run.gates


def test_gates_of_the_failed_pipeline_alone_are_not_judged(
    with_breaking: Path, tmp_path: Path
) -> None:
    edit(
        with_breaking,
        "  - {metric: fp_per_camera_hour, max: 0, level: warn}\n",
        "  - {metric: fp_per_camera_hour, max: 0, pipelines: [breaks]}\n",
    )
    run = run_quietly(with_breaking, tmp_path / "run").run
    assert {result.gate.metric for result in run.gates} == {"recall", "precision"}
    again = score_run(tmp_path / "run", None, None, None, RecordingProgress()).run
    assert again.gates == run.gates


def test_no_pipeline_left_is_an_error(with_breaking: Path, tmp_path: Path) -> None:
    edit(
        with_breaking,
        "[pipelines/v1.yaml, pipelines/breaks.yaml, pipelines/v2.yaml]",
        "[pipelines/breaks.yaml]",
    )
    text = with_breaking.read_text()
    with_breaking.write_text(text.replace("baseline: v1\n", "").partition("gates:")[0])
    counted = CountingProgress()
    with pytest.raises(EngineError, match="out of ideas") as caught:
        run_benchmark(with_breaking, tmp_path / "run", counted, report=False)
    assert "frame 7" in caught.value.where
    # It answered seven frames, and nobody needs those after the eighth, on which it failed.
    assert (counted.clips[-1], counted.n_frames) == ("b-night", 7)
    assert not (tmp_path / "run" / "run.json").exists()


RULE = """\
class Rule:
    def __init__(self, **given): pass
    def begin_clip(self, clip): self.clip = clip.id
    def update(self, time_s, found):
        if self.clip == "b-night":
            raise RuntimeError("no rule")
        return []
"""


def test_a_rule_on_stored_results_does_not_take_the_others_with_it(
    small: Path, tmp_path: Path
) -> None:
    pipelines = small / "pipelines"
    (pipelines / "mine.py").write_text(RULE)
    with (pipelines / "v2.yaml").open("a") as file:
        file.write('  - {id: own, kind: rule, type: python, object: "mine:Rule"}\n')
    run = run_quietly(small, tmp_path / "run").run
    assert [item.name for item in run.pipelines] == ["v1"]
    (failure,) = run.failures
    assert "clip b-night, stage own: `update` failed" in failure.reason


@pytest.mark.parametrize("down_first", [True, False])
def test_a_stopped_run_goes_on_where_a_pipeline_could_not_be_loaded(
    with_breaking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, down_first: bool
) -> None:
    down, out = tmp_path / "down", tmp_path / "run"
    (with_breaking.parent / "pipelines" / "breaks.py").write_text(
        "from pathlib import Path\n"
        + DETECTOR.replace("self.n == 8", "False")
        + f"\n    def __init__(self):\n        if Path({str(down)!r}).exists():\n"
        '            raise RuntimeError("down")\n'
    )

    run_clip = Inference.run

    def stop_at_night(self: Inference, clip: Clip, pipelines: Sequence[Pipeline]) -> AnsweredClip:
        if clip.id == "b-night":
            raise Interrupted("stopped", hint="")
        return run_clip(self, clip, pipelines)

    if down_first:
        down.touch()
    with monkeypatch.context() as patch:
        patch.setattr(Inference, "run", stop_at_night)
        with pytest.raises(Interrupted):
            run_quietly(with_breaking, out)
    if down_first:
        down.unlink()
    else:
        down.touch()
    run = run_quietly(with_breaking, out).run
    assert [item.name for item in run.failures] == ([] if down_first else ["breaks"])


def test_a_resumed_run_tries_again_what_failed(
    with_breaking: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = tmp_path / "down"
    down.touch()
    (with_breaking.parent / "pipelines" / "breaks.py").write_text(
        DETECTOR.replace(
            'self.clip == "b-night" and self.n == 8', f"Path({str(down)!r}).exists()"
        ).replace("import numpy", "from pathlib import Path\n\nimport numpy")
    )
    out = tmp_path / "run"

    run_clip = Inference.run

    def stop_at_night(self: Inference, clip: Clip, pipelines: Sequence[Pipeline]) -> AnsweredClip:
        if clip.id == "b-night":
            raise Interrupted("stopped", hint="")
        down.touch()
        return run_clip(self, clip, pipelines)

    down.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Inference, "run", stop_at_night)
        with pytest.raises(Interrupted):
            run_quietly(with_breaking, out)
    assert RunFolder(out).detections("v1", "a-day").is_file()
    assert not RunFolder(out).detections("breaks", "a-day").exists()
    down.unlink()
    run = run_quietly(with_breaking, out).run
    assert run.failures == ()
    assert [item.name for item in run.pipelines] == ["v1", "breaks", "v2"]
