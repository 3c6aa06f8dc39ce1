from __future__ import annotations

import pytest
from pydantic import ValidationError

from vbench.config.engines.http import HttpEntry


def entry(**keys: object) -> HttpEntry:
    return HttpEntry.model_validate({"type": "http", "url": "http://localhost:8080/x", **keys})


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "https://10.0.0.7:8443/v1/detect?model=a&conf=0.01",
        "http://[::1]:8000/",
        "http://detector_1.internal?x=1",
    ],
)
def test_addresses(url: str) -> None:
    assert entry(url=url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/",
        "localhost:8080",
        "http://user:hunter22@host/",
        "http://host/a b",
        "http://host/ü",
        "http://host/a#part",
        "http://host:99999/",
        "http://host:0/",
        "http://",
        "http://host/\r\nX: y",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        entry(url=url)
    message = caught.value.errors(include_url=False, include_input=False)[0]["msg"]
    assert "hunter22" not in message


@pytest.mark.parametrize(
    "headers", [{"X Y": "1"}, {"": "1"}, {"X": "line\nbreak-s3cr3t"}, {"X": "ü-s3cr3t"}]
)
def test_headers_that_cannot_be_sent(headers: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        entry(headers=headers)
    message = caught.value.errors(include_url=False, include_input=False)[0]["msg"]
    assert "s3cr3t" not in message


def test_secrets_are_not_shown() -> None:
    made = entry(headers={"A": "s3cr3t"}, body="json", fields={"api_key": "s3cr3t", "n": 2})
    assert "s3cr3t" not in repr(made)
    assert "s3cr3t" not in made.model_dump_json()


def test_fields_need_a_body_that_has_them() -> None:
    for key, value in {"field": "file", "fields": {"conf": 0.1}}.items():
        with pytest.raises(ValidationError, match="needs `body: json` or `body: multipart`"):
            entry(**{key: value})


@pytest.mark.parametrize("fields", [{"image": 1}, {"image.type": 1}, {"a": 1, "a.b": 2}])
def test_no_place_for_two_things(fields: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="is the place of two things"):
        entry(body="json", fields=fields)


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b"])
def test_paths_have_keys_between_their_dots(path: str) -> None:
    with pytest.raises(ValidationError, match="dots between them"):
        entry(answer={"score": path})


def test_a_box_is_one_place_or_four() -> None:
    assert entry(answer={"box": ["a", "b", "c", "d"]}).answer is not None
    with pytest.raises(ValidationError):
        entry(answer={"box": ["a", "b", "c"]})
