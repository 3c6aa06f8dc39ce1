"""Engines of vbench and of other packages, found by entry point."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import pytest

from tests.engines.installed_plugin import installed
from tests.engines.onnx_models import write_one_node_model
from vbench.config.engines.onnxruntime import OnnxRuntimeEntry
from vbench.config.engines.openvino import OpenVinoEntry
from vbench.config.engines.plugin import PluginEntry
from vbench.engines.protocol import EngineSite, FrameEngine, TensorEngine
from vbench.engines.registry import GROUP, engine_names, files_of, open_engine
from vbench.errors import ConfigError, EngineError, ExitCode, MissingDependencyError, VbenchError

TENSOR_PLUGIN = """
from pathlib import Path
from vbench.engines.protocol import EngineInfo, TensorInfo
from vbench.errors import ConfigError

class Doubling:
    info = EngineInfo("acme", "1.2", "abacus", 1)
    inputs = outputs = (TensorInfo("x", (None,), "float32"),)

    def __init__(self, factor):
        self.factor = factor

    def run(self, tensors):
        return tuple(tensor * self.factor for tensor in tensors)

    def close(self):
        pass

def open_engine(entry, site):
    if not isinstance(entry.options.get("factor"), int):
        raise ConfigError("factor is not a whole number", where=site.place("options"))
    return Doubling(entry.options["factor"])

def files_of(entry, folder):
    return (folder / "acme.bin",)
"""

FRAME_PLUGIN = TENSOR_PLUGIN.replace("def run(self, tensors)", "def detect(self, tensors)")


Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Puts packages with an engine "acme" on the import path."""
    with ExitStack() as packages:
        yield lambda module, code: packages.enter_context(installed(tmp_path, module, code))


def site(folder: Path) -> EngineSite:
    return EngineSite(folder, lambda key: f"p.yaml:7: engine.{key}", "detect", ("person",))


def plugin(
    name: str = "acme", takes: Literal["tensors", "frames"] = "tensors", **options: int | str
) -> PluginEntry:
    return PluginEntry(type="plugin", name=name, takes=takes, options=dict(options))


def failure(entry: PluginEntry, folder: Path) -> VbenchError:
    with pytest.raises(VbenchError) as caught:
        open_engine(entry, site(folder))
    return caught.value


def test_every_engine_of_vbench_is_found(repository: Path) -> None:
    declared = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["entry-points"]
    assert set(declared[GROUP]) <= set(engine_names())
    assert set(engine_names()) >= {
        "command",
        "http",
        "kserve",
        "onnxruntime",
        "openvino",
        "python",
        "tensorrt",
    }


def test_vbenchs_own_engine_opens(tmp_path: Path) -> None:
    write_one_node_model(tmp_path / "m.onnx")
    entry = OnnxRuntimeEntry(type="onnxruntime", model="m.onnx")
    assert open_engine(entry, site(tmp_path)).info.type == "onnxruntime"
    assert files_of(entry, site(tmp_path)) == (tmp_path / "m.onnx",)


def test_engine_of_another_package_opens(tmp_path: Path, install: Install) -> None:
    install("acme_tensors", TENSOR_PLUGIN)
    engine = open_engine(plugin(factor=3), site(tmp_path))
    assert engine.info.text() == "acme 1.2 (abacus, 1 thread)"
    (tmp_path / "acme.bin").touch()
    assert files_of(plugin(), site(tmp_path)) == (tmp_path / "acme.bin",)
    assert "acme" in engine_names()


def test_options_are_checked_by_the_engine(tmp_path: Path, install: Install) -> None:
    install("acme_options", TENSOR_PLUGIN)
    error = failure(plugin(factor="x"), tmp_path)
    assert isinstance(error, ConfigError)
    assert str(error) == "p.yaml:7: engine.options: factor is not a whole number"


def test_unknown_engine_suggests_one(tmp_path: Path, install: Install) -> None:
    install("acme_named", TENSOR_PLUGIN)
    error = failure(plugin("acmee"), tmp_path)
    assert isinstance(error, ConfigError)
    assert error.where == "p.yaml:7: engine.name"
    assert 'did you mean "acme"?' in error.hint


def test_own_engines_have_their_own_type(tmp_path: Path) -> None:
    """`plugin` is for other packages: vbench's engines check their own keys."""
    error = failure(plugin("onnxruntime"), tmp_path)
    assert isinstance(error, ConfigError)
    assert "type: onnxruntime" in error.hint


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import acme_driver_library", "acme_driver_library"),
        ("raise ImportError('libacme.so.3: cannot open')", r"libacme\.so\.3"),
    ],
)
def test_missing_library_is_named(tmp_path: Path, install: Install, code: str, words: str) -> None:
    install("acme_missing", code)
    error = failure(plugin(), tmp_path)
    assert isinstance(error, MissingDependencyError)
    assert words.replace("\\", "") in str(error)
    assert error.where == "p.yaml:7: engine.name"
    assert "vbench[acme]" not in error.hint


@pytest.mark.parametrize("code", ["1 / 0", "def broken(:", "x = {}['y']"])
def test_package_that_breaks_on_import(tmp_path: Path, install: Install, code: str) -> None:
    install("acme_broken", code)
    error = failure(plugin(), tmp_path)
    assert isinstance(error, EngineError)
    assert error.exit_code == ExitCode.MEDIA_OR_ENGINE
    assert '"acme" cannot be imported' in error.what
    assert "acme_broken" in str(error)


@pytest.mark.parametrize("attribute", ["open_engine", "files_of"])
def test_package_without_a_part_of_the_protocol(
    tmp_path: Path, install: Install, attribute: str
) -> None:
    install("acme_without", TENSOR_PLUGIN.replace(f"def {attribute}", "def _other"))
    error = failure(plugin(factor=1), tmp_path)
    assert isinstance(error, EngineError)
    assert f"has no `{attribute}`" in error.what


def test_two_packages_of_one_name(tmp_path: Path, install: Install) -> None:
    install("acme_one", TENSOR_PLUGIN)
    install("acme_two", TENSOR_PLUGIN)
    error = failure(plugin(factor=1), tmp_path)
    assert isinstance(error, EngineError)
    assert "acme_one" in error.what
    assert "acme_two" in error.what


@pytest.mark.parametrize(("code", "takes"), [(TENSOR_PLUGIN, "frames"), (FRAME_PLUGIN, "tensors")])
def test_wrong_takes(
    tmp_path: Path, install: Install, code: str, takes: Literal["tensors", "frames"]
) -> None:
    install("acme_takes", code)
    error = failure(plugin(takes=takes, factor=1), tmp_path)
    assert isinstance(error, EngineError)
    assert error.where == "p.yaml:7: engine.takes"
    assert f'"acme" takes no {takes}' in error.what


def test_right_takes(tmp_path: Path, install: Install) -> None:
    install("acme_right", TENSOR_PLUGIN)
    engine: TensorEngine | FrameEngine = open_engine(plugin(factor=1), site(tmp_path))
    assert hasattr(engine, "run")


def test_files_that_are_not_there(tmp_path: Path, install: Install) -> None:
    install("acme_files", TENSOR_PLUGIN)
    with pytest.raises(EngineError, match=r"engine\.options: .*acme\.bin, which is not a file"):
        files_of(plugin(), site(tmp_path))


def test_whatever_a_plugin_raises_has_its_name_and_a_place(
    tmp_path: Path, install: Install
) -> None:
    install("acme_raises", TENSOR_PLUGIN.replace("return Doubling", "return 1 / 0, Doubling"))
    error = failure(plugin(factor=1), tmp_path)
    assert isinstance(error, EngineError)
    assert error.where == "p.yaml:7: engine.name"
    assert error.what == 'engine "acme" failed to open: ZeroDivisionError: division by zero'


def test_a_library_that_is_not_installed_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.delitem(sys.modules, "vbench.engines.open_vino", raising=False)
    with pytest.raises(MissingDependencyError, match=r"pip install 'vbench\[openvino\]'") as caught:
        open_engine(OpenVinoEntry(type="openvino", model="m.onnx"), site(tmp_path))
    assert caught.value.where == "p.yaml:7: engine.type"
