"""What a run ran on: versions, hardware, commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from vbench.kernels.cpus import usable_cpus

_LIBRARIES = ("av", "numpy", "numba", "onnxruntime", "opencv-python-headless", "pyarrow")


def python_version() -> str:
    """The interpreter's version."""
    return platform.python_version()


def library_versions() -> tuple[tuple[str, str], ...]:
    """(name, version) of the libraries that can change a result, sorted by name."""
    return tuple((name, metadata.version(name)) for name in sorted(_LIBRARIES))


def hardware() -> tuple[tuple[str, str], ...]:
    """(property, value) of this machine; ``unknown`` where the system does not tell."""
    return (
        ("cpu", _cpu_name()),
        ("n_cpus", str(len(usable_cpus()))),
        ("memory", _memory()),
        ("gpu", _gpu_name()),
        ("os", f"{platform.system()} {platform.release()} {platform.machine()}"),
    )


def git_state(folder: Path) -> tuple[str | None, bool | None]:
    """(commit, has uncommitted changes) of the repository around a folder; None outside one."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None, None
    status = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return commit, bool(status) if status is not None else None


def path_in_repository(file: Path) -> str:
    """Path of a file from the root of its repository; its name alone outside one."""
    prefix = _git(file.parent, "rev-parse", "--show-prefix")
    return file.name if prefix is None else prefix + file.name


def project_folder(folder: Path) -> Path:
    """Root of the repository around a folder; the working folder outside one."""
    root = _git(folder, "rev-parse", "--show-toplevel")
    return Path.cwd() if root is None else Path(root)


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def _memory() -> str:
    try:
        n_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return "unknown"
    return f"{n_bytes / 2**30:.0f} GiB"


def _gpu_name() -> str:
    """Name of the first NVIDIA GPU, from the driver's own files."""
    for file in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        for line in file.read_text().splitlines():
            if line.startswith("Model:"):
                return line.split(":", 1)[1].strip()
    return "none"
