"""What runs here."""

from __future__ import annotations

from pathlib import Path

import pytest

import vbench
from vbench.bench import this_platform as module
from vbench.bench.this_platform import this_platform


def driver(folder: Path, *models: str, version: str = "NVRM version: 580\nGCC\n") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "version").write_text(version)
    for number, model in enumerate(models):
        (folder / "gpus" / f"0{number}").mkdir(parents=True, exist_ok=True)
        text = f"Model: \t\t {model}\nIRQ: 5\n"
        (folder / "gpus" / f"0{number}" / "information").write_text(text)
    return folder


def test_libraries_and_processor() -> None:
    facts = dict(this_platform().facts)
    assert {"av", "numba", "numpy", "onnxruntime", "opencv-python-headless"} <= facts.keys()
    assert facts["vbench"] == vbench.__version__
    assert facts["cpu"]
    assert int(facts["n_cpus"]) >= 1
    assert this_platform() == this_platform()


@pytest.mark.parametrize("name", ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "OPENCV_CPU_DISABLE"])
def test_variables_that_change_numbers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = this_platform()
    monkeypatch.setenv(name, "AVX2")
    assert this_platform() != before


def test_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DRIVER", tmp_path / "absent")
    assert this_platform().gpu == ()
    monkeypatch.setattr(module, "_DRIVER", driver(tmp_path / "a"))
    assert this_platform().gpu == ()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv("NVIDIA_TF32_OVERRIDE", raising=False)
    monkeypatch.setattr(module, "_DRIVER", driver(tmp_path / "a", "GPU A", "GPU B"))
    assert this_platform().gpu == (("gpu", "GPU A, GPU B"), ("driver", "NVRM version: 580"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert this_platform().gpu[-1] == ("CUDA_VISIBLE_DEVICES", "1")
    (tmp_path / "a" / "version").write_text("")
    assert this_platform().gpu == ()


def test_its_own_code_enters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("kernels", "report"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(vbench, "__file__", str(tmp_path / "__init__.py"))
    digest = module._sources_sha256.__wrapped__
    before = digest()
    (tmp_path / "report" / "a.py").write_text("x = 2\n")
    assert digest() == before
    (tmp_path / "kernels" / "a.py").write_text("x = 2\n")
    changed = digest()
    (tmp_path / "kernels" / "a.py").rename(tmp_path / "kernels" / "b.py")
    assert len({before, changed, digest()}) == 3
