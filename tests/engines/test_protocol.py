from __future__ import annotations

from vbench.engines.protocol import EngineInfo, TensorInfo


def test_tensor_info_accepts_free_axes() -> None:
    info = TensorInfo("images", (None, 3, 416, 416), "float32")
    assert info.accepts((1, 3, 416, 416))
    assert not info.accepts((1, 3, 416, 415))
    assert not info.accepts((3, 416, 416))
    assert info.text() == "images [?, 3, 416, 416] float32"


def test_engine_info_text() -> None:
    assert EngineInfo("onnxruntime", "1.2", "CPU", 1).text() == "onnxruntime 1.2 (CPU, 1 thread)"
    assert EngineInfo("http", "1.1", "a:80").text() == "http 1.1 (a:80)"
    assert EngineInfo("onnxruntime", "1.2", "CPU", 4).text() == "onnxruntime 1.2 (CPU, 4 threads)"
