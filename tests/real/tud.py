"""The golden set that most tests on real footage use."""

from __future__ import annotations

from pathlib import Path

_GOLDEN = """\
schema: vbench.golden/v1
name: tud-campus
version: 1.0.0
taxonomy: {{version: 1, classes: [{{name: person, means: people walking by}}]}}
truth_format: mot
truth_frame_base: 1
clips:
  - {{id: tud-campus, media: {data}/TUD-Campus.mp4, truth: {data}/gt.txt{more}}}
"""


def golden_yaml(real_data: Path, more: str = "") -> str:
    """``golden.yaml`` of TUD-Campus; `more` are further keys of the clip: ``, events: e.json``."""
    return _GOLDEN.format(data=real_data / "tud-campus", more=more)
