"""Where the cache is and how large it may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from vbench.config.cache_settings import cache_base, cache_limit_bytes
from vbench.errors import ConfigError


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"VBENCH_CACHE": "/a/b", "XDG_CACHE_HOME": "/x"}, "/a/b"),
        ({"VBENCH_CACHE": "~/b", "HOME": "/home/me"}, "/home/me/b"),
        ({"VBENCH_CACHE": "", "XDG_CACHE_HOME": "/x"}, "/x/vbench"),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/me"}, "/home/me/.cache/vbench"),
        ({"HOME": "/home/me"}, "/home/me/.cache/vbench"),
    ],
)
def test_folder(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VBENCH_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_base() == Path(expected)


@pytest.mark.parametrize(
    ("written", "n_bytes"),
    [
        (None, 5_000_000_000),
        ("", 5_000_000_000),
        ("5GB", 5_000_000_000),
        ("500 MB", 500_000_000),
        ("1.5gb", 1_500_000_000),
        ("2GiB", 2 * 2**30),
        ("64KiB", 65_536),
        ("1TB", 10**12),
        ("1000", 1000),
        ("10B", 10),
        ("0", 0),
    ],
)
def test_limit(written: str | None, n_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VBENCH_CACHE_LIMIT", raising=False)
    if written is not None:
        monkeypatch.setenv("VBENCH_CACHE_LIMIT", written)
    assert cache_limit_bytes() == n_bytes


@pytest.mark.parametrize(
    "written", ["much", "5 G", "GB", "-1GB", "5GBs", "1e9", "5iB", "nan", "1,5GB", "9" * 400]
)
def test_what_is_no_limit(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VBENCH_CACHE_LIMIT", written)
    with pytest.raises(ConfigError, match="is not a size") as caught:
        cache_limit_bytes()
    assert caught.value.where == "VBENCH_CACHE_LIMIT"
    assert "5GB" in caught.value.hint
