from __future__ import annotations

from vbench.engines.redaction import Redaction


def test_secrets_and_what_follows_their_scheme() -> None:
    redacted = Redaction(["Bearer abcdef123", "abcdef123456"])
    assert (
        redacted("no Bearer abcdef123, no abcdef123, no abcdef123456!") == "no ***, no ***, no ***!"
    )


def test_short_words_are_no_secrets() -> None:
    assert Redaction(["", "no", "image"])("no image") == "no image"


def test_a_secret_that_a_message_cuts_off_is_hidden() -> None:
    redacted = Redaction(["Bearer abcdefghijklmnop"])
    assert redacted('"Bearer abcdefghij..."') == '"***..."'
    assert redacted("abcdefghijk, abcdefghijklmnop") == "***, ***"
    assert redacted("abcdefg") == "abcdefg"
