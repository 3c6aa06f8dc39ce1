"""Packed arrays read as the page's scripts read them."""

from __future__ import annotations

import base64
import zlib

import numpy as np

from vbench.report.page_data.contract import Packed
from vbench.types import I64


def unpacked(array: Packed) -> I64:
    """(n,) whole numbers."""
    content = zlib.decompress(base64.b64decode(array["z"]))
    dtype = np.dtype(f"<{array['t']}")
    planes = np.frombuffer(content, np.uint8).reshape(dtype.itemsize, array["n"])
    return np.ascontiguousarray(planes.T).view(dtype).ravel().astype(np.int64)
