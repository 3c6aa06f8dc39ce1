from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vbench.bench.engine_list import list_engines
from vbench.engines.tensor_rt.cache import EngineKey, keep_plan, make_cache_folder

FACTS = (("tensorrt", "11.4.0.106"), ("gpu", "GPU A"))


def test_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path))
    for model in ("b.onnx", "a.onnx"):
        keep_plan(make_cache_folder(), EngineKey(model, (*FACTS, ("onnx", model))), b"plan")
    later = datetime.now(UTC) + timedelta(days=2)
    folder, engines = list_engines(later)
    assert folder == tmp_path / "engines"
    assert [item.model for item in engines] == ["a.onnx", "b.onnx"]
    assert engines[0].tensorrt == "11.4.0.106"
    assert engines[0].gpu == "GPU A"
    assert engines[0].n_bytes == 4
    assert engines[0].age_days == pytest.approx(2, abs=0.01)
    assert engines[0].plan.read_bytes() == b"plan"


def test_times_that_are_none_do_not_end_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path))
    keep_plan(make_cache_folder(), EngineKey("a.onnx", FACTS), b"plan")
    record = next((tmp_path / "engines").glob("*.json"))
    for built in ("yesterday", "2026-01-01T00:00:00"):
        text = record.read_text()
        start = text.index('"built": "') + len('"built": "')
        record.write_text(text[:start] + built + text[text.index('"', start) :])
        assert list_engines()[1] == ()
