"""The wire format of protobuf, as far as files of models need it: fields of a message, in order.

Source: protobuf.dev/programming-guides/encoding. Values are places in the data and not copies, so
that a mapped file of gigabytes is walked without being read.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import TypeAlias

Data: TypeAlias = bytes | mmap.mmap
Span: TypeAlias = tuple[int, int]
"""First byte and end byte of a length-delimited value: a message, a text, bytes."""

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_MOST_BITS = 70


def fields(data: Data, message: Span) -> Iterator[tuple[int, int | Span]]:
    """(field number, number or span) of each field of a message; fixed-width ones are passed over.

    Raises ValueError where the bytes are no message.
    """
    position, end = message
    while position < end:
        tag, position = _varint(data, position, end)
        number, wire_type = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("field number 0")
        if wire_type == _VARINT:
            value, position = _varint(data, position, end)
            yield number, value
        elif wire_type in (_FIXED64, _FIXED32):
            position += 8 if wire_type == _FIXED64 else 4
        elif wire_type == _LENGTH:
            size, position = _varint(data, position, end)
            if position + size > end:
                raise ValueError("field reaches past its message")
            yield number, (position, position + size)
            position += size
        else:
            raise ValueError(f"wire type {wire_type}")
        if position > end:
            raise ValueError("field reaches past its message")


def _varint(data: Data, position: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while position < end and shift < _MOST_BITS:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7
    raise ValueError("number is cut short")
