"""The CPUs of this machine that kernels may be spread over."""

from __future__ import annotations

import os


def usable_cpus() -> frozenset[int]:
    """Numbers of the CPUs that this process may use: its affinity, where the system has that."""
    affinity = getattr(os, "sched_getaffinity", None)
    return frozenset(affinity(0) if affinity is not None else range(os.cpu_count() or 1))
