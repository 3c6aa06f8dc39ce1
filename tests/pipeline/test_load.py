from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.engines.onnx_models import write_constant_model, write_echo_model
from tests.pipeline.files import DETECTOR, REPLAY, clip, frame, pipeline_file, taxonomy
from vbench.errors import ConfigError, EngineError, ExitCode, ModelError, TruthError
from vbench.pipeline.load import FramePipeline, Pipeline, ReplayPipeline, load_pipeline
from vbench.pipeline.stage_names import stage_names
from vbench.types import F32, Digest

PERSON_AND_FORKLIFT = ("person", "forklift")


def rows(*values: list[float]) -> dict[str, F32]:
    return {"dets": np.array([values], np.float32)}


def load_detector(folder: Path, /, **replaced: str) -> Pipeline:
    return load_pipeline(pipeline_file(folder, **replaced), taxonomy(*PERSON_AND_FORKLIFT))


def load_replay(folder: Path, text: str = REPLAY, /, **replaced: str) -> ReplayPipeline:
    loaded = load_pipeline(pipeline_file(folder, text, **replaced), taxonomy("dog", "person"))
    assert isinstance(loaded, ReplayPipeline)
    return loaded


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_detector_from_file_to_detections(tmp_path: Path) -> None:
    write_constant_model(
        tmp_path / "m.onnx", rows([0, 0, 10, 10, 0.5, 1], [20, 5, 30, 15, 0.75, 0])
    )
    loaded = load_detector(tmp_path)
    assert isinstance(loaded, FramePipeline)
    assert loaded.needs_frames
    assert (loaded.name, loaded.version) == ("tiny", "1")
    assert loaded.engine_text.startswith("onnxruntime ")
    assert loaded.engine_text.endswith("(CPUExecutionProvider, 1 thread)")
    assert loaded.missing_classes == ()
    loaded.check([clip(size=(64, 48)), clip(size=(64, 48)), clip(size=(48, 64))])
    found, duration_ns = loaded.run_frame(frame())
    assert found.boxes_xyxy.tolist() == [[40, 10, 60, 30], [0, 0, 20, 20]]
    assert found.class_id.tolist() == [0, 1]
    assert len(duration_ns) == len(loaded.stage_names)
    loaded.close()


def test_stage_names_need_no_model(tmp_path: Path) -> None:
    file = pipeline_file(tmp_path)
    assert stage_names(file) == ("detect.preprocess", "detect.infer", "detect.postprocess")
    assert stage_names(pipeline_file(tmp_path, REPLAY)) == ()


def test_digests_name_everything_the_pipeline_consists_of(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", rows([0, 0, 10, 10, 0.5, 1]), external="weights.bin")
    (tmp_path / "labels.txt").write_text("person\nforklift\n")
    loaded = load_detector(tmp_path, classes="{file: labels.txt}")
    names = ("pipeline.yaml", "labels.txt", "m.onnx", "weights.bin")
    assert loaded.digests([clip()]) == tuple(
        Digest(f"pipeline tiny: {name}", sha256(tmp_path / name)) for name in names
    )


def test_missing_model(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"m\.onnx: model file not found") as caught:
        load_detector(tmp_path)
    assert caught.value.exit_code == ExitCode.MEDIA_OR_ENGINE


def test_wrong_digest_names_the_key(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", rows([0, 0, 10, 10, 0.5, 1]))
    engine = f"{{type: onnxruntime, model: m.onnx, sha256: {'ab' * 32}}}"
    with pytest.raises(
        ConfigError, match=r"pipeline\.yaml:8: stages\[0\]\.engine\.sha256: m\.onnx"
    ):
        load_detector(tmp_path, engine=engine)


def test_output_that_does_not_fit_is_noticed_before_running(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", {"dets": np.zeros((1, 3, 7), np.float32)})
    with pytest.raises(ModelError, match=r"pipeline\.yaml:10: stages\[0\]\.output: .*\[1, 3, 7\]"):
        load_detector(tmp_path)


def test_output_left_open_is_noticed_by_the_check(tmp_path: Path) -> None:
    write_echo_model(tmp_path / "m.onnx", ("n", "c", "h", "w"))
    with pytest.raises(ModelError, match=r"output is \[\?, \?, \?, \?\]"):
        load_detector(tmp_path)


def test_failure_of_the_warm_up_says_so(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "m.onnx", rows([0, 0, np.nan, 10, 0.5, 1]))
    loaded = load_detector(tmp_path)
    with pytest.raises(
        EngineError, match=r'stage detect, warm-up frame of 64x48: output "dets" holds NaN'
    ):
        loaded.check([clip()])
    with pytest.raises(EngineError, match="warm-up frame of 32x32"):
        loaded.check(())


def test_an_engine_hears_of_a_clip_also_where_there_is_none(tmp_path: Path) -> None:
    """`vbench check` of a pipeline file alone: engines know frames of clips only."""
    (tmp_path / "user.py").write_text(
        "class Detector:\n"
        "    def begin_clip(self, clip_id, width_px, height_px, fps):\n"
        "        self.clip = (clip_id, width_px, height_px)\n"
        "    def detect(self, image):\n"
        "        assert self.clip == ('warm-up', image.shape[1], image.shape[0])\n"
        "        return [], [], []\n"
    )
    text = DETECTOR.partition("    engine:")[0]
    text += '    engine: {type: python, object: "user:Detector"}\n'
    loaded = load_pipeline(pipeline_file(tmp_path, text), taxonomy(*PERSON_AND_FORKLIFT))
    loaded.check(())


def test_replay_from_file_to_detections(tmp_path: Path) -> None:
    (tmp_path / "dock.txt").write_text(
        "2,7,1,2,10,20,0.5\n1,8,5,5,5,5,0.25\n2,9,-3,2,90,20,0.75\n2,3,0,0,1,1,0.001\n"
    )
    loaded = load_replay(tmp_path)
    assert not loaded.needs_frames
    assert loaded.engine_text == "replay (mot)"
    assert loaded.stage_names == ()
    assert loaded.missing_classes == ("dog",)
    loaded.check([clip()])
    found = loaded.replay(clip())[0]
    assert found.frame_index.tolist() == [0, 1, 1, 1]
    assert found.scores.tolist() == [0.25, 0.75, 0.5, 0.001]
    # Neither clipped nor cut at a floor: results are final.
    assert found.boxes_xyxy[1].tolist() == [-3, 2, 87, 22]
    assert found.track_id.tolist() == [8, 9, 7, 3]
    assert found.class_id.tolist() == [1, 1, 1, 1]
    assert [item.name for item in loaded.digests([clip()])] == [
        "pipeline stored: pipeline.yaml",
        "pipeline stored: dock.txt",
    ]


def test_replay_leaves_out_dropped_classes(tmp_path: Path) -> None:
    (tmp_path / "dock.txt").write_text("1,1,0,0,5,5,0.5,1\n1,2,0,0,5,5,0.5,2\n")
    loaded = load_replay(tmp_path, classes="{names: [chair, person], drop: [chair]}")
    assert loaded.replay(clip())[0].track_id.tolist() == [2]


def test_replay_without_results_for_a_clip(tmp_path: Path) -> None:
    (tmp_path / "dock.txt").write_text("1,1,0,0,5,5,0.5\n")
    loaded = load_replay(tmp_path)
    message = r'engine\.path: no results for clip "gate": .*gate\.txt does not exist.*dock\.txt'
    with pytest.raises(ConfigError, match=message):
        loaded.check([clip(), clip("gate")])
    with pytest.raises(ConfigError, match=message):
        loaded.replay(clip("gate"))


def test_one_results_file_cannot_serve_several_clips(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("1,1,0,0,5,5,0.5\n")
    loaded = load_replay(tmp_path, engine="{type: replay, format: mot, path: all.txt}")
    loaded.check([clip()])
    with pytest.raises(ConfigError, match=r"one results file for 2 clips.*\{clip\}"):
        loaded.check([clip(), clip("gate")])


def test_replay_beyond_the_clip(tmp_path: Path) -> None:
    (tmp_path / "dock.txt").write_text("6,1,0,0,5,5,0.5\n")
    with pytest.raises(TruthError, match=r'dock\.txt:1: results are for frame 6, but clip "dock"'):
        load_replay(tmp_path).replay(clip())
