"""Where a container says that it ends, to tell a cut file from a whole one.

Only lengths are read, nothing is decoded. Elementary streams and unfinished recordings state no
length; for those only the lock's frame count can tell.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_TS_PACKET_SIZES = (188, 192, 204)
_TS_SYNC = 0x47
_EBML_MAGIC = b"\x1a\x45\xdf\xa3"
_EBML_SEGMENT = b"\x18\x53\x80\x67"


def missing_bytes(path: Path) -> int:
    """How many bytes the file lacks for what its container declares; 0 where none or unknown."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(16)
        if start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
            declared = _iso_media_end(file, size)
        elif start[:4] == b"RIFF":
            declared = 8 + int.from_bytes(start[4:8], "little")
        elif start[:4] == _EBML_MAGIC:
            declared = _ebml_end(file)
        elif start[:1] == bytes([_TS_SYNC]):
            declared = _transport_stream_end(file, size)
        else:
            declared = 0
    return max(0, declared - size)


def _iso_media_end(file: BinaryIO, size: int) -> int:
    """End of the last top-level box (ISO/IEC 14496-12, section 4.2)."""
    end = 0
    while end + 8 <= size:
        file.seek(end)
        header = file.read(16)
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length < 8:  # 0: the last box runs to the end of the file
            return end
        end += length
    return end


def _ebml_end(file: BinaryIO) -> int:
    """End of the Segment (RFC 8794, section 6; RFC 9559); 0 where its size is unknown."""
    file.seek(4)
    header_length = _ebml_length(file)
    if header_length is None:
        return 0
    file.seek(header_length, 1)
    if file.read(4) != _EBML_SEGMENT:
        return 0
    length = _ebml_length(file)
    return 0 if length is None else file.tell() + length


def _ebml_length(file: BinaryIO) -> int | None:
    """A variable-size integer; None where all its bits are set, which means unknown."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    n_bytes = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(n_bytes - 1), "big") & ((1 << 7 * n_bytes) - 1)
    return None if value == (1 << 7 * n_bytes) - 1 else value


def _transport_stream_end(file: BinaryIO, size: int) -> int:
    """The file's size rounded up to whole packets (ISO/IEC 13818-1, section 2.4.3.2)."""
    for packet_size in _TS_PACKET_SIZES:
        file.seek(0)
        start = file.read(packet_size * 3 + 1)
        if all(start[k : k + 1] == bytes([_TS_SYNC]) for k in range(0, len(start), packet_size)):
            return -(-size // packet_size) * packet_size
    return 0
