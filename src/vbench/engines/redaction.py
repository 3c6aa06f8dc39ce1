"""Secrets stay out of messages: a server may repeat the token that it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

_SHORTEST = 6
"""Letters; what is shorter is no secret, and would tear holes into ordinary words."""
_SHORTEST_START = 8
"""Letters of a longer secret that count as the start of it: messages cut what they show."""


class Redaction:
    """Puts ``***`` in the place of secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the secrets; of ``Bearer TOKEN`` also the part after the blank alone."""
        whole = list(secrets)
        parts = [secret.rpartition(" ")[2] for secret in whole]
        hidden = {secret for secret in (*whole, *parts) if len(secret) >= _SHORTEST}
        # The longest first, since one may be part of another.
        self._hidden = sorted(hidden, key=lambda secret: (-len(secret), secret))

    def __call__(self, text: str) -> str:
        """The text without secrets, also where one is cut off in it."""
        for secret in self._hidden:
            start = 0
            while (start := text.find(secret[:_SHORTEST_START], start)) >= 0:
                pairs = zip(secret, text[start:], strict=False)
                end = start + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
                text = f"{text[:start]}***{text[end:]}"
                start += len("***")
        return text
