"""Whatever a truth file holds, its reader answers with truth or with a TruthError."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.golden.formats.test_coco import document
from tests.golden.formats.test_xml_formats import CVAT, VOC
from tests.golden.sets import DAY, NIGHT, truth_context
from vbench.config.golden_file import TruthFormat
from vbench.errors import TruthError
from vbench.golden.formats import read_truth
from vbench.types import Truth

GOOD: dict[TruthFormat, str] = {
    "mot": "1,1,10,20,30,40,1,1,0.5\n2,1,11,20,30,40,0,2,1\n",
    "coco": json.dumps(document()),
    "yolo": "0 0.5 0.5 0.25 0.5\n1 0.1 0.1 0.1 0.1\n",
    "cvat": CVAT,
    "voc": VOC,
    "vbench": DAY + NIGHT.partition("\n")[2],
}
CONTEXT = truth_context(truth_classes={"1": "person", "2": "forklift", "0": "person"})
ONE_FILE_PER_FRAME: dict[TruthFormat, str] = {"yolo": "labels/3.txt", "voc": "labels/3.xml"}


def answer(path: Path, truth_format: TruthFormat) -> Truth | TruthError:
    try:
        return read_truth(path, truth_format, CONTEXT)
    except TruthError as error:
        return error


def read_text(folder: Path, truth_format: TruthFormat, text: str) -> None:
    """Read `text` as truth; anything but truth and a TruthError is a failure."""
    name = ONE_FILE_PER_FRAME.get(truth_format, "truth")
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    truth = answer(path.parent if "/" in name else path, truth_format)
    if isinstance(truth, TruthError):
        assert str(folder) in truth.where
        return
    assert np.isfinite(truth.boxes_xyxy).all()
    assert ((truth.frame_index >= 0) & (truth.frame_index < CONTEXT.n_frames)).all()
    assert ((truth.class_id >= 0) & (truth.class_id < 2)).all()


@pytest.mark.parametrize("truth_format", GOOD)
def test_the_good_text_is_good(tmp_path: Path, truth_format: TruthFormat) -> None:
    read_text(tmp_path, truth_format, GOOD[truth_format])


@pytest.mark.parametrize("truth_format", GOOD)
def test_a_good_text_with_a_changed_place(tmp_path: Path, truth_format: TruthFormat) -> None:
    choice = random.Random(7)
    pieces = ("", "nan", "-1", "1e999", '"', ",", "\n", "9" * 30, "{", "]", "<", "1.5", "null", "é")
    for _ in range(150):
        text = GOOD[truth_format]
        start = choice.randrange(len(text))
        end = start + choice.choice((0, 1, 1, 3, 12))
        read_text(tmp_path, truth_format, text[:start] + choice.choice(pieces) + text[end:])


@pytest.mark.parametrize("truth_format", GOOD)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(text=st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text(tmp_path: Path, truth_format: TruthFormat, text: str) -> None:
    read_text(tmp_path, truth_format, text)
