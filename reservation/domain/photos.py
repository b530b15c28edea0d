"""A photo of a paper: what it is by its content, and what of it is kept.

The picture and how it is turned are kept; where and with what it was taken, names and comments are
not. A name or a type that somebody claims counts for nothing.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

TYPES = {"jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}
"""The kinds that are taken, as browsers call them."""

_JPEG, _PNG, _PDF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_APP0, _APP1, _APP2, _APP14, _APP15, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_SCAN, _END = 0xDA, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
# One sign of filling at most: a run of them would be searched anew from each of its signs.
_AFTER_SCAN = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
_EXIF, _PROFILE = b"Exif\0\0", b"ICC_PROFILE\0"
_ORIENTATION, _SHORT = 0x0112, 3
_SEGMENTS = 10_000
"""More than any picture has; a file of nothing else would keep us busy."""
_CHUNKS = frozenset(
    {b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"hIST", b"tRNS", b"pHYs", b"sPLT"}
)
"""What a PNG may carry beside the picture: how its colours are meant."""
_TAIL = 1024
"""How near its end a PDF says that it ends."""


class Unusable(Exception):
    """Why a file is not taken: 'empty', 'heic' (a phone's own format), 'unknown' or 'broken'."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture without what it tells beside: ``kind`` is a key of TYPES."""

    kind: str
    content: bytes


def cleaned(content: bytes) -> Photo:
    """The picture that is kept of a file. Raises Unusable."""
    if content.startswith(_JPEG):
        return Photo("jpeg", _jpeg(content))
    if content.startswith(_PNG):
        return Photo("png", _png(content))
    if content.startswith(_PDF):
        return Photo("pdf", _pdf(content))
    if not content:
        raise Unusable("empty")
    is_heic = content[4:8] == b"ftyp" and content[8:12] in _HEIC
    raise Unusable("heic" if is_heic else "unknown")


def _jpeg(content: bytes) -> bytes:
    """The segments of the picture up to its end; phones put whole further pictures behind it."""
    kept, at = [content[:2]], 2
    seen: set[int] = set()
    while len(kept) < _SEGMENTS and (found := _MARKER.match(content, at)) is not None:
        marker = found.group(1)[0]
        if marker == _END and _SCAN in seen and seen & _FRAMES:
            return b"".join([*kept, b"\xff\xd9"])
        at = found.end() + _length(content, found.end())
        kept.append(_segment(marker, content[found.end() : at]))
        seen.add(marker)
        if marker == _SCAN:
            after = _AFTER_SCAN.search(content, at)
            at, begun = after.start() if after else len(content), at
            kept.append(content[begun:at])
    raise Unusable("broken")


def _length(content: bytes, at: int) -> int:
    """How long the segment is that begins here with its own length."""
    length = int.from_bytes(content[at : at + 2])
    if length < 2 or at + length > len(content):
        raise Unusable("broken")
    return length


def _segment(marker: int, body: bytes) -> bytes:
    """A segment as it is kept; nothing where it tells of other things than the picture."""
    if marker == _COMMENT:
        return b""
    if marker == _APP1 and body[2:].startswith(_EXIF):
        return _turned(_orientation(body[2 + len(_EXIF) :]))
    is_profile = marker == _APP2 and body[2:].startswith(_PROFILE)
    is_picture = marker in (_APP0, _APP14) or is_profile
    if _APP0 <= marker <= _APP15 and not is_picture:
        return b""
    return bytes([0xFF, marker]) + body


def _orientation(exif: bytes) -> int:
    """How the picture is turned, 1 to 8; 1, upright, where that is not said."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2], "")
    try:
        first = struct.unpack_from(f"{order}4xI", exif)[0] if order else len(exif)
        for n in range(struct.unpack_from(f"{order}H", exif, first)[0]):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * n)
            if tag == _ORIENTATION and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return 1
    return 1


def _turned(orientation: int) -> bytes:
    """A segment that says nothing but this."""
    if orientation == 1:
        return b""
    entry = struct.pack(">HHHIHHI", 1, _ORIENTATION, _SHORT, 1, orientation, 0, 0)
    body = _EXIF + b"MM\0*" + struct.pack(">I", 8) + entry
    return bytes([0xFF, _APP1]) + struct.pack(">H", len(body) + 2) + body


def _png(content: bytes) -> bytes:
    """The chunks of the picture and its colours, each with a right sum, up to its end."""
    kept, at = [_PNG], len(_PNG)
    while True:
        end = at + 12 + int.from_bytes(content[at : at + 4])
        name, chunk = content[at + 4 : at + 8], content[at:end]
        is_first = len(kept) == 1
        if len(chunk) < 12 or end > len(content) or is_first != (name == b"IHDR"):
            raise Unusable("broken")
        if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
            raise Unusable("broken")
        if name in _CHUNKS or name[:1].isupper():
            kept.append(chunk)
        if name == b"IEND":
            return b"".join(kept)
        at = end


def _pdf(content: bytes) -> bytes:
    if b"%%EOF" not in content[-_TAIL:]:
        raise Unusable("broken")
    return content
