"""What runs pipelines here: all that can change an answer besides a pipeline's own files."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from pathlib import Path

import vbench
from vbench.bench import environment
from vbench.pipeline.identity import Platform

_SOURCES = ("bench", "config", "engines", "kernels", "pipeline", "record", "types", "video")
"""Packages whose code makes answers or writes them down; the others only judge."""
_VARIABLES = ("DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "OPENCV_CPU_DISABLE")
"""Make libraries compute otherwise than the processor lets them."""
_GPU_VARIABLES = ("CUDA_VISIBLE_DEVICES", "NVIDIA_TF32_OVERRIDE")
_DRIVER = Path("/proc/driver/nvidia")


def this_platform() -> Platform:
    """Libraries, vbench's own code, processor and GPU; nothing is loaded to find out."""
    hardware = dict(environment.hardware())
    facts = {
        **dict(environment.library_versions()),
        "vbench": vbench.__version__,
        "sources": _sources_sha256(),
        "cpu": hardware["cpu"],
        "n_cpus": hardware["n_cpus"],
        "system": f"{platform.system()} {platform.machine()}",
        **_variables(_VARIABLES),
    }
    return Platform(tuple(sorted(facts.items())), _gpu())


@cache
def _sources_sha256() -> str:
    """Digest of vbench's own code: while it is worked on, its version says too little."""
    root = Path(vbench.__file__).parent
    digest = hashlib.sha256()
    for package in _SOURCES:
        for file in sorted((root / package).rglob("*.py")):
            content = file.read_bytes()
            digest.update(f"{file.relative_to(root).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def _gpu() -> tuple[tuple[str, str], ...]:
    """GPUs and driver, from the driver's own files; empty where they are not there."""
    try:
        driver = (_DRIVER / "version").read_text().splitlines()[0]
        models = [
            line.split(":", 1)[1].strip()
            for file in sorted((_DRIVER / "gpus").glob("*/information"))
            for line in file.read_text().splitlines()
            if line.startswith("Model:")
        ]
    except (OSError, IndexError):
        return ()
    if not models:
        return ()
    return (("gpu", ", ".join(models)), ("driver", driver), *_variables(_GPU_VARIABLES).items())


def _variables(names: tuple[str, ...]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}
