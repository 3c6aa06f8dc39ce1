"""The naive loop and vbench have the same work to do, so both must find the same."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from models import FAKE_GPU, Model, dock, fake, stub
from naive import detect

from vbench.config.pipeline_file import read_pipeline_file
from vbench.pipeline.load import FramePipeline, load_pipeline
from vbench.types import U8, ClassDef, Frame, Taxonomy

TAXONOMY = Taxonomy(1, tuple(ClassDef(name, "") for name in ("person", "forklift", "pallet")))


def boxes_of_vbench(model: Model, image: U8, folder: Path) -> np.ndarray:
    pipeline = load_pipeline(read_pipeline_file(model.pipeline(folder)), TAXONOMY)
    assert isinstance(pipeline, FramePipeline)
    found, _ = pipeline.run_frame(Frame(0, 0.0, image, "bgr"))
    pipeline.close()
    return found.boxes_xyxy


@pytest.fixture
def image() -> U8:
    return np.random.default_rng(0).integers(0, 256, (360, 640, 3), np.uint8)


@pytest.mark.parametrize("version", [1, 2])
def test_a_shipped_detector(version: int, image: U8, tmp_path: Path) -> None:
    model = dock(version)
    ours = boxes_of_vbench(model, image, tmp_path)
    naive = detect(model, model.alone(), image)
    assert len(ours) == min(100, len(naive)) > 0


def test_the_fake_engine(image: U8, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FAKE_GPU))
    model = fake("fake-gpu")
    output = model.alone()(np.zeros((3, 640, 640), np.float32))
    assert output.shape == (84, 8400)
    assert int((output[4:].max(axis=0) >= model.floor).sum()) == 200
    naive = detect(model, model.alone(), image)
    ours = boxes_of_vbench(model, image, tmp_path)
    # vbench drops the classes that the golden set does not have.
    assert 0 < len(ours) <= len(naive)


def test_the_stub_finds_nothing(image: U8, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FAKE_GPU))
    assert len(boxes_of_vbench(stub(), image, tmp_path)) == 0


def test_an_engine_that_waits_takes_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FAKE_GPU))
    infer = fake("slow", wait_ms=20.0).alone()
    began_s = time.perf_counter()
    infer(np.zeros((3, 640, 640), np.float32))
    assert time.perf_counter() - began_s >= 0.020
