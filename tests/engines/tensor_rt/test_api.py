"""What the engine uses of TensorRT, held against the real bindings."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SURFACE = Path(__file__).with_name("surface.py")
SOURCES = Path(__file__).parents[3] / "src" / "vbench"

# The functions that the bindings link to; each makes nothing.
STUB = """
#include <stddef.h>
void *createInferBuilder_INTERNAL(void *logger, int version) { return NULL; }
void *createInferRuntime_INTERNAL(void *logger, int version) { return NULL; }
void *createInferRefitter_INTERNAL(void *engine, void *logger, int version) { return NULL; }
void *createNvOnnxParser_INTERNAL(void *network, void *logger, int version) { return NULL; }
void *createNvOnnxParserRefitter_INTERNAL(void *a, void *logger, int version) { return NULL; }
void *getBuilderPluginRegistry(int capability) { return NULL; }
void *getPluginRegistry(void) { return NULL; }
int getNvOnnxParserVersion(void) { return 110400; }
int initLibNvInferPlugins(void *logger, const char *name) { return 0; }
"""


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with empty libraries in place of TensorRT's."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler to build stand-ins for TensorRT's libraries")
    if importlib.util.find_spec("tensorrt_bindings") is None:
        pytest.skip("the bindings are absent: pip install tensorrt-cu13-bindings==11.4.0.106")
    folder = tmp_path_factory.mktemp("stubs")
    source = folder / "stub.c"
    source.write_text(STUB)
    for name in ("nvinfer", "nvinfer_plugin", "nvonnxparser"):
        library = f"lib{name}.so.11"
        command = [compiler, "-shared", "-fPIC", f"-Wl,-soname,{library}"]
        subprocess.run([*command, "-o", str(folder / library), str(source)], check=True)
    return folder


def surface(stubs: Path, *arguments: str) -> dict[str, object]:
    answer = subprocess.run(
        [sys.executable, str(SURFACE), *arguments],
        env=os.environ | {"LD_LIBRARY_PATH": str(stubs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return found


def test_everything_the_engine_uses_is_in_the_real_bindings(stubs: Path) -> None:
    answer = surface(stubs)
    assert answer["findings"] == []
    assert str(answer["version"]).startswith("11.")
    assert isinstance(answer["checked"], int)
    assert answer["checked"] > 60
    # The stand-ins answer "no": the engine notices, through the real bindings.
    assert "refused to register its own plugins" in str(answer["refusal"])


def test_what_the_bindings_lack_is_found(stubs: Path) -> None:
    findings = surface(stubs, "--plant")["findings"]
    assert isinstance(findings, list)
    found = {text.partition(":")[0] for text in findings}
    assert found == {
        "IExecutionContext.execute_async_v4",
        "IExecutionContext.execute_async_v3",
        "ICudaEngine.num_layers",
        "BuilderFlagMembers.FP16",
    }


def test_only_one_module_imports_the_bindings() -> None:
    """And nothing of them is typed `Any`, so that mypy sees every use."""
    for path in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert not names & {"tensorrt", "tensorrt_bindings", "cuda", "pycuda"}, path
        if path.parent.name == "tensor_rt":
            written = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            assert "Any" not in written, path
