"""Headers that engines on a server send."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, SecretStr

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")


def _check_headers(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    """Refuse what cannot be sent; values are never shown, they may be secrets."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f'"{name}" cannot be the name of a header')
        if not _HEADER_VALUE.fullmatch(value.get_secret_value()):
            raise ValueError(f"the value of {name} holds a line break or a character beyond ASCII")
    return headers


Headers: TypeAlias = Annotated[dict[str, SecretStr], AfterValidator(_check_headers)]
"""Sent with every request; values stay out of messages and dumps, since they may be tokens."""
