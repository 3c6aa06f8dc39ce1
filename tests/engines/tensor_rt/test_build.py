from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.tensor_rt.fake_tensorrt import World, fake_tensorrt
from tests.engines.tensor_rt.sites import entry, image, open_echo, site
from vbench.engines.tensor_rt.cache import cache_folder
from vbench.engines.tensor_rt.engine import open_engine
from vbench.errors import EngineError, ModelError


def test_built_once(world: World, tmp_path: Path) -> None:
    open_echo(tmp_path).close()
    open_echo(tmp_path).close()
    assert world.n_builds == 1
    open_echo(tmp_path, tf32=True).close()
    assert world.n_builds == 2
    # The second build starts from what the first one measured.
    assert world.timing_caches == [b"", b"+"]


def test_settings_reach_the_builder(world: World, tmp_path: Path) -> None:
    open_echo(tmp_path).close()
    assert (world.flags, world.workspace, world.level) == (set(), None, 3)
    assert world.network_flags == 0
    open_echo(tmp_path, tf32=True, workspace_mib=64, optimization_level=5).close()
    assert (world.flags, world.workspace, world.level) == ({"TF32"}, 64 << 20, 5)


def test_all_parser_errors_are_told(world: World, tmp_path: Path) -> None:
    world.refuse.add("parse_from_file")
    world.parser_errors = [
        ("nms_1", "NonMaxWrong", "no importer"),
        ("", "", "second"),
        *[(f"n{i}", "Op", "again") for i in range(5)],
    ]
    with pytest.raises(EngineError) as caught:
        open_echo(tmp_path)
    assert "NonMaxWrong nms_1: no importer; second; Op n0: again" in caught.value.what
    assert "and 2 more" in caught.value.what


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ({}, r"input images \[\?, 3, 4, 4\] has free axes.*profile: \{images: "),
        ({"image": [1, 3, 4, 4]}, '"image", which is no input.*its inputs are images'),
        ({"images": [1, 3, 4, 5]}, r"the shape \[1, 3, 4, 5\]; the model has \[\?, 3, 4, 4\]"),
        ({"images": [1, 3, 4]}, r"the shape \[1, 3, 4\]"),
    ],
)
def test_profiles_that_do_not_fit_the_model(
    world: World, tmp_path: Path, profile: dict[str, object], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        open_echo(tmp_path, profile=profile)
    assert world.gpu.is_clean


def test_one_shape_is_a_profile(world: World, tmp_path: Path) -> None:
    engine = open_echo(tmp_path, profile={"images": [2, 3, 4, 4]})
    assert engine.run([image(2)])[0].shape == (2, 3, 4, 4)
    engine.close()


def test_broken_models_are_named_before_tensorrt_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"garbage" * 99)
    with pytest.raises(EngineError, match="readable ONNX model"):
        open_engine(entry(model="m.onnx"), site(tmp_path))


def test_tensorrt_10_is_told_to_be_strongly_typed(tmp_path: Path) -> None:
    with fake_tensorrt(tmp_path / "cache", version="10.8.0.43") as world:
        open_echo(tmp_path).close()
        assert world.network_flags == 1 << 1


def test_the_cache_is_where_the_variable_says(world: World, tmp_path: Path) -> None:
    open_echo(tmp_path).close()
    assert cache_folder() == tmp_path / "cache" / "engines"
    assert cache_folder().stat().st_mode & 0o077 == 0
