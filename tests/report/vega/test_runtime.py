import base64
import hashlib
import zlib
from pathlib import Path

import pytest

from vbench.report.vega import runtime
from vbench.report.vega.runtime import runtime_script


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "vega"


def test_the_policy_names_the_digest_of_what_is_unpacked(cache: Path) -> None:
    made = runtime_script()
    text = zlib.decompress(base64.b64decode(made.packed))
    digest = base64.b64encode(hashlib.sha256(text).digest()).decode("ascii")
    assert made.source == f"sha256-{digest}"
    assert b"vegaEmbed" in text
    assert len(made.packed) < 600_000
    assert [path.suffix for path in cache.iterdir()] == [".deflate"]


def test_a_second_report_takes_it_from_the_cache(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = runtime_script()
    runtime._made.cache_clear()
    monkeypatch.setattr(runtime, "vl_convert", lambda: pytest.fail("made again"))
    assert runtime_script() == first


@pytest.mark.parametrize("content", [b"", b"broken", b"x" * 200_000, None])
def test_a_broken_file_is_made_anew(cache: Path, content: bytes | None) -> None:
    first = runtime_script()
    path = next(cache.iterdir())
    if content is None:
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.write_bytes(content)
    assert runtime_script() == first
    assert path.stat().st_size > 100_000


def test_where_nothing_can_be_kept_it_is_made_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VBENCH_CACHE", str(tmp_path / "file"))
    assert runtime_script().source.startswith("sha256-")
