"""Memory that one stage has done with and the next would come on top of."""

from __future__ import annotations

import ctypes
import gc

from vbench.record.parquet_file import release_buffers


def give_back_memory() -> None:
    """Return freed memory to the system, where it can be asked to take it (glibc).

    Allocators keep what was freed: after decoding and inference tens of MB that judging would not
    use.
    """
    gc.collect()
    release_buffers()
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return
    trim(0)
