from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from tests.engines.onnx_models import write_constant_model
from vbench.engines.tensor_rt import cache
from vbench.engines.tensor_rt.cache import (
    EngineKey,
    cached_plan,
    engine_key,
    keep_plan,
    list_records,
    make_cache_folder,
    timing_cache_file,
    write_whole,
)
from vbench.engines.tensor_rt.cuda import DeviceFacts
from vbench.engines.tensor_rt.settings import BuildSettings, InputRange
from vbench.errors import EngineError

DEVICE = DeviceFacts("GPU A", "9.0", "13.0", "580.65")
SHAPE = (1, 3, 4, 4)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    values = {"output": np.ones((1, 2), np.float32)}
    (tmp_path / "p.so").write_bytes(b"plugin")
    return write_constant_model(tmp_path / "m.onnx", values, external="weights.bin")


def cache_in(folder: Path) -> Path:
    (folder / "engines").mkdir()
    return folder / "engines"


def key(model: Path, device: DeviceFacts = DEVICE, **settings: object) -> EngineKey:
    plain = BuildSettings(plugins=(model.parent / "p.so",))
    return engine_key(model, dataclasses.replace(plain, **settings), "11.4.0.106", device)  # type: ignore[arg-type]


def test_everything_that_decides_is_in_the_key(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [
        key(model),
        key(model, tf32=True),
        key(model, workspace_mib=64),
        key(model, optimization_level=4),
        key(model, profile=(InputRange("images", SHAPE, SHAPE, SHAPE),)),
        key(model, plugins=()),
        *(
            key(model, dataclasses.replace(DEVICE, **{field: "other"}))
            for field in ("name", "compute_capability", "cuda", "driver")
        ),
        engine_key(model, BuildSettings(plugins=(model.parent / "p.so",)), "11.4.0.107", DEVICE),
    ]
    (model.parent / "p.so").write_bytes(b"plugin!")
    keys.append(key(model))
    weights = (model.parent / "weights.bin").read_bytes()
    (model.parent / "weights.bin").write_bytes(weights[::-1])
    keys.append(key(model))
    model.write_bytes(model.read_bytes() + b"\x12\x01x")
    keys.append(key(model))
    monkeypatch.setattr(cache, "cuda_runtime_version", lambda: "12.9")
    keys.append(key(model))
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    keys.append(key(model))
    assert len({item.digest() for item in keys}) == len(keys)
    assert key(model).digest() == keys[-1].digest()


def test_timing_caches_belong_to_the_machine(model: Path, tmp_path: Path) -> None:
    here = timing_cache_file(tmp_path, key(model))
    assert here == timing_cache_file(tmp_path, key(model, tf32=True))
    other = dataclasses.replace(DEVICE, name="GPU B")
    assert here != timing_cache_file(tmp_path, key(model, other))


def test_a_plan_comes_back_whole_or_not_at_all(model: Path, tmp_path: Path) -> None:
    folder, mine = cache_in(tmp_path), key(model)
    assert cached_plan(folder, mine) is None
    kept = keep_plan(folder, mine, b"a plan")
    assert cached_plan(folder, mine) == (kept, b"a plan")
    assert cached_plan(folder, key(model, tf32=True)) is None
    (folder / kept.plan).write_bytes(b"a pla")
    assert cached_plan(folder, mine) is None
    (folder / kept.plan).unlink()
    assert cached_plan(folder, mine) is None
    assert list_records(folder) == ()
    keep_plan(folder, mine, b"another plan")
    found = cached_plan(folder, mine)
    assert found is not None
    assert found[1] == b"another plan"
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "vbench.tensorrt-plan/v1"}'])
def test_records_that_are_none(model: Path, tmp_path: Path, text: str) -> None:
    kept = keep_plan(cache_in(tmp_path), key(model), b"a plan")
    record = next((tmp_path / "engines").glob("*.json"))
    record.write_text(text)
    assert cached_plan(tmp_path / "engines", kept.key) is None
    assert list_records(tmp_path / "engines") == ()


def test_a_record_of_another_key_is_not_used(model: Path, tmp_path: Path) -> None:
    folder = cache_in(tmp_path)
    kept = keep_plan(folder, key(model), b"a plan")
    record = next(folder.glob("*.json"))
    record.write_text(record.read_text().replace("GPU A", "GPU B"))
    assert cached_plan(folder, kept.key) is None


def test_a_record_leads_nowhere_else(model: Path, tmp_path: Path) -> None:
    folder = cache_in(tmp_path)
    kept = keep_plan(folder, key(model), b"a plan")
    record = next(folder.glob("*.json"))
    record.write_text(record.read_text().replace(kept.plan, f"../../{kept.plan}"))
    assert [item.plan for item in list_records(folder)] == [kept.plan]


def test_a_folder_that_cannot_be_written(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path / "a file"))
    (tmp_path / "a file").write_bytes(b"")
    with pytest.raises(EngineError, match="cannot be written") as caught:
        make_cache_folder()
    assert "VBENCH_CACHE" in caught.value.hint
    with pytest.raises(EngineError, match="cannot be written"):
        keep_plan(tmp_path / "absent", key(model), b"a plan")


def test_no_half_written_file_is_left(tmp_path: Path) -> None:
    (tmp_path / "plan").mkdir()
    with pytest.raises(EngineError, match="cannot be written"):
        write_whole(tmp_path / "plan", b"a plan")
    assert [item.name for item in tmp_path.iterdir()] == ["plan"]
