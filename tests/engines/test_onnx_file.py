from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.engines.onnx_models import write_constant_model
from vbench.engines.onnx_file import external_data_files
from vbench.errors import EngineError

VALUES = {"output": np.arange(24, dtype=np.float32).reshape(1, 4, 6)}


def test_model_in_one_file(tmp_path: Path) -> None:
    assert external_data_files(write_constant_model(tmp_path / "m.onnx", VALUES)) == ()


def test_external_weights_are_found(tmp_path: Path) -> None:
    model = write_constant_model(tmp_path / "m.onnx", VALUES, external="weights.bin")
    assert external_data_files(model) == (tmp_path / "weights.bin",)


def test_external_weights_inside_a_branch_are_found(tmp_path: Path) -> None:
    weight = numpy_helper.from_array(np.ones(4, np.float32), "weight")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="branch.bin")
    (tmp_path / "branch.bin").write_bytes(np.ones(4, np.float32).tobytes())
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, [4])
    branch = helper.make_graph(
        [helper.make_node("Identity", ["weight"], ["answer"])], "branch", [], [answer], [weight]
    )
    node = helper.make_node("If", ["flag"], ["answer"], then_branch=branch, else_branch=branch)
    flag = helper.make_tensor_value_info("flag", TensorProto.BOOL, [])
    model = helper.make_model(helper.make_graph([node], "test", [flag], [answer]))
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    assert external_data_files(tmp_path / "m.onnx") == (tmp_path / "branch.bin",)


def test_missing_external_weights_are_named(tmp_path: Path) -> None:
    model = write_constant_model(tmp_path / "m.onnx", VALUES, external="weights.bin")
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(EngineError, match=r"weights\.bin.*is not there.*copy weights\.bin into"):
        external_data_files(model)


def test_external_weights_that_are_cut_short_are_named(tmp_path: Path) -> None:
    several = {**VALUES, "more": np.ones((2, 5), np.float32)}
    model = write_constant_model(tmp_path / "m.onnx", several, external="weights.bin")
    weights = (tmp_path / "weights.bin").read_bytes()
    assert external_data_files(model) == (tmp_path / "weights.bin",)
    (tmp_path / "weights.bin").write_bytes(weights[:-1])
    needed = rf'keeps {len(weights)} bytes .* "weights\.bin", which has only {len(weights) - 1} '
    with pytest.raises(EngineError, match=needed):
        external_data_files(model)


def test_external_weights_outside_the_folder_are_refused(tmp_path: Path) -> None:
    path = write_constant_model(tmp_path / "m.onnx", VALUES, external="weights.bin")
    model = onnx.load(path, load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = "../secret.bin"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(EngineError, match="outside its own folder"):
        external_data_files(path)


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\xff" * 64, b"\x08\x08"])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(EngineError, match=r"m\.onnx: is not a readable ONNX model"):
        external_data_files(path)


def test_every_way_to_cut_a_model_short_is_noticed_or_harmless(tmp_path: Path) -> None:
    """A cut inside a field is noticed here; no cut ends in anything but an EngineError."""
    whole = write_constant_model(tmp_path / "m.onnx", VALUES).read_bytes()
    cut = tmp_path / "cut.onnx"
    n_noticed = 0
    for n_bytes in range(0, len(whole), 7):
        cut.write_bytes(whole[:n_bytes])
        try:
            external_data_files(cut)
        except EngineError:
            n_noticed += 1
    assert n_noticed > len(whole) // 7 * 0.9


def test_missing_file_lists_what_is_there(tmp_path: Path) -> None:
    write_constant_model(tmp_path / "person.onnx", VALUES)
    with pytest.raises(EngineError, match=r"model file not found.*the folder holds person\.onnx"):
        external_data_files(tmp_path / "persn.onnx")
    with pytest.raises(EngineError, match="does not exist"):
        external_data_files(tmp_path / "nowhere" / "m.onnx")
    with pytest.raises(EngineError, match="is a folder"):
        external_data_files(tmp_path)
