"""Pictures in their smallest form, as a telephone writes them."""

from __future__ import annotations

import struct

SECRET = b"Haruka 35.68N 139.64E"


def segment(marker: int, body: bytes = b"") -> bytes:
    """A JPEG's segment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int, order: str = ">", first: int = 8) -> bytes:
    """What a camera writes: the place, and how the picture is turned."""
    sign = b"MM\0*" if order == ">" else b"II*\0"
    place = struct.pack(f"{order}HHIHH", 0x8825, 4, 1, 9, 0)
    turned = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    table = struct.pack(f"{order}IH", first, 2) + place + turned
    return segment(0xE1, b"Exif\0\0" + sign + table + SECRET)


FRAME = segment(0xC0, b"frame")
SCAN = segment(0xDA, b"scan") + b"pixels\xff\x00\xff\xd0more"
JFIF = segment(0xE0, b"JFIF\0")
END = b"\xff\xd9"


def jpeg(*more: bytes) -> bytes:
    """A picture in its smallest form, with these segments in front."""
    return b"\xff\xd8" + JFIF + b"".join(more) + FRAME + SCAN + END
