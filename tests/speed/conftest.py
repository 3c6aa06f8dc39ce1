"""The speed benchmarks are scripts beside each other, not a package."""

from __future__ import annotations

import sys
from pathlib import Path

SPEED = Path(__file__).resolve().parents[2] / "benchmarks" / "speed"

sys.path.insert(0, str(SPEED))
