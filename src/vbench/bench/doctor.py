"""What this machine can do, and what to install where it cannot."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from vbench.bench.environment import hardware, python_version
from vbench.bench.shipped import demo_benchmark
from vbench.engines.registry import engine_names
from vbench.errors import VbenchError

Status = Literal["ok", "note", "missing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    status: Status
    found: str
    hint: str = ""


_LIBRARIES = (
    ("av", "av"),
    ("numpy", "numpy"),
    ("numba", "numba"),
    ("opencv-python-headless", "cv2"),
    ("onnxruntime", "onnxruntime"),
    ("pyarrow", "pyarrow"),
    ("pydantic", "pydantic"),
    ("pyyaml", "yaml"),
    ("jinja2", "jinja2"),
    ("pycocotools", "pycocotools"),
    ("motmetrics", "motmetrics"),
    ("msgspec", "msgspec"),
)


_EXTRAS = (
    (
        "tensorrt",
        ("tensorrt", "tensorrt-cu13", "tensorrt-cu12"),
        "optional; pip install 'vbench[tensorrt]', on a machine with an NVIDIA GPU",
    ),
    ("openvino", ("openvino",), "optional; pip install 'vbench[openvino]'"),
    ("kserve", ("tritonclient",), "optional; pip install 'vbench[kserve]'"),
)


def examine() -> tuple[Finding, ...]:
    """Look at everything that the default commands need, then at what is optional."""
    findings = [_python(), *(_library(*item) for item in _LIBRARIES)]
    checks: tuple[Callable[[], Finding], ...] = (
        _decoder,
        _encoder,
        _engines,
        _providers,
        _pdf,
        _kernel_cache,
        _demo,
        _machine,
    )
    findings.extend(check() for check in checks)
    findings.extend(_extra(*item) for item in _EXTRAS)
    return tuple(findings)


def _python() -> Finding:
    return Finding("python", "ok", python_version())


def _library(name: str, module: str) -> Finding:
    try:
        importlib.import_module(module)
    except ImportError as error:
        return Finding(name, "missing", str(error), f"pip install {name}")
    return Finding(name, "ok", metadata.version(name))


def _decoder() -> Finding:
    return _codec("H.264 decoder", "h264", "r", "missing")


def _encoder() -> Finding:
    return _codec("H.264 encoder", "libx264", "w", "note")


def _codec(name: str, codec: str, mode: Literal["r", "w"], otherwise: Status) -> Finding:
    from vbench.video import codec_name

    found = codec_name(codec, mode)
    if found is None:
        purpose = "golden videos" if mode == "r" else "`vbench golden synth` and `vbench init`"
        hint = f"needed for {purpose}; pip install --force-reinstall av"
        return Finding(name, otherwise, "absent from this build of PyAV", hint)
    return Finding(name, "ok", found)


def _providers() -> Finding:
    from vbench.engines.onnx_runtime import available_providers

    found = ", ".join(available_providers())
    return Finding("providers", "ok", found)


def _pdf() -> Finding:
    from vbench.report.printed.pdf import pdf_library_problem

    problem = pdf_library_problem()
    if problem is None:
        return Finding("PDF reports", "ok", f"weasyprint {metadata.version('weasyprint')}")
    return Finding("PDF reports", "missing", problem, "HTML reports are written all the same")


def _kernel_cache() -> Finding:
    """Numba keeps compiled kernels beside the sources, or where NUMBA_CACHE_DIR says."""
    folder = Path(
        os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).resolve().parents[1] / "kernels"
    )
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("kernel cache", "ok", str(folder))
    except OSError as error:
        return Finding(
            "kernel cache",
            "note",
            f"{folder} cannot be written: {error.strerror}",
            "set NUMBA_CACHE_DIR to a folder that can; else kernels compile in every run",
        )


def _demo() -> Finding:
    try:
        return Finding("demo", "ok", str(demo_benchmark()))
    except VbenchError as error:
        return Finding("demo", "missing", error.what, error.hint)


def _extra(name: str, packages: tuple[str, ...], hint: str) -> Finding:
    """An engine whose library is optional; nothing is imported, for some take seconds."""
    for package in packages:
        try:
            return Finding(f"engine {name}", "ok", metadata.version(package))
        except metadata.PackageNotFoundError:
            continue
    return Finding(f"engine {name}", "note", "not installed", hint)


def _engines() -> Finding:
    """Every engine that a pipeline file can name, of other packages too."""
    return Finding("engines", "ok", ", ".join(engine_names()))


def _machine() -> Finding:
    return Finding("machine", "ok", ", ".join(f"{key} {value}" for key, value in hardware()))
