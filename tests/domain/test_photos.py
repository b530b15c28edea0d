"""Photos of papers: what they are by their content, and what of them is kept."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reservation.domain import photos
from reservation.domain.photos import Unusable
from tests.domain.pictures import END, FRAME, SCAN, SECRET, exif, jpeg, segment


def test_a_jpeg_keeps_its_picture_and_loses_what_it_tells() -> None:
    told = jpeg(
        exif(1), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
        segment(0xED, SECRET), segment(0xFE, SECRET), segment(0xE2, b"MPF\0" + SECRET),
    )  # fmt: skip
    photo = photos.cleaned(told + b"\xff\xd8" + exif(1) + SECRET)
    assert (photo.kind, photo.content) == ("jpeg", jpeg())


def test_colours_and_the_second_scan_of_a_picture_stay() -> None:
    profile, adobe = segment(0xE2, b"ICC_PROFILE\0colours"), segment(0xEE, b"Adobe")
    whole = b"\xff\xd8" + profile + adobe + FRAME + SCAN + segment(0xC4, b"table") + SCAN + END
    assert photos.cleaned(whole).content == whole


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("turned", range(2, 9))
def test_a_turned_photo_stays_turned(order: str, turned: int) -> None:
    content = photos.cleaned(jpeg(exif(turned, order))).content
    assert SECRET not in content
    assert struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0) in content
    assert photos.cleaned(content).content == content


@pytest.mark.parametrize(
    "block", [exif(0), exif(9), exif(6, first=900), segment(0xE1, b"Exif\0\0??"), exif(6)[:-24]]
)
def test_where_a_photo_does_not_say_how_it_is_turned_it_is_upright(block: bytes) -> None:
    whole = block[:2] + struct.pack(">H", len(block) - 2) + block[4:]
    assert photos.cleaned(jpeg(whole)).content == jpeg()


@pytest.mark.parametrize(
    "content",
    [
        jpeg()[:-2],
        jpeg()[:30],
        b"\xff\xd8\xff\xe0\x00\x01" + END,
        b"\xff\xd8\xff\xe0\xff\xff" + END,
        b"\xff\xd8" + FRAME + END,
        b"\xff\xd8" + SCAN + END,
        b"\xff\xd8\xff" + b"no picture",
        jpeg(segment(0xE3) * 10_000),
    ],
)
def test_a_broken_jpeg_is_refused(content: bytes) -> None:
    assert why_not(content) == "broken"


def test_a_long_run_of_filling_takes_no_longer_than_a_picture() -> None:
    """Two million signs: looked for again from each of them, it would take hours."""
    filled = b"\xff\xd8" + FRAME + SCAN + b"\xff" * 2_000_000
    assert why_not(filled) == "broken"
    assert photos.cleaned(filled + END[1:]).kind == "jpeg"


def chunk(name: bytes, body: bytes = b"") -> bytes:
    """A PNG's chunk with its sum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


SIGN = b"\x89PNG\r\n\x1a\n"
IHDR, IDAT, IEND = chunk(b"IHDR", b"size"), chunk(b"IDAT", b"pixels"), chunk(b"IEND")


def test_a_png_keeps_picture_and_colours_and_loses_what_it_tells() -> None:
    told = [chunk(name, SECRET) for name in (b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME", b"prIv")]
    gamma = chunk(b"gAMA", b"dark")
    photo = photos.cleaned(SIGN + IHDR + gamma + b"".join(told) + IDAT + IEND + SECRET)
    assert (photo.kind, photo.content) == ("png", SIGN + IHDR + gamma + IDAT + IEND)


@pytest.mark.parametrize(
    "content",
    [
        SIGN,
        SIGN + IDAT + IEND,
        SIGN + IHDR + IHDR + IEND,
        SIGN + IHDR + IDAT,
        SIGN + IHDR + IDAT[:-1] + b"?" + IEND,
        SIGN + IHDR + b"\xff\xff\xff\xffIDAT" + bytes(20),
    ],
)
def test_a_broken_png_is_refused(content: bytes) -> None:
    assert why_not(content) == "broken"


def test_a_pdf_must_have_its_end() -> None:
    whole = b"%PDF-1.7\n...\n%%EOF\n"
    assert photos.cleaned(whole) == photos.Photo("pdf", whole)
    assert why_not(whole[:-8]) == "broken"


def why_not(content: bytes) -> str:
    """Why a file is refused."""
    with pytest.raises(Unusable) as caught:
        photos.cleaned(content)
    return caught.value.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "heic"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "unknown"),
        (b"GIF89a", "unknown"),
        (b"<svg onload='alert(1)'>", "unknown"),
        (b"MZ\x90\0%PDF-1.7 %%EOF", "unknown"),
    ],
)
def test_other_files_are_refused_by_their_content(content: bytes, reason: str) -> None:
    assert why_not(content) == reason


@given(some.binary(max_size=60), some.integers(0, 200), some.sampled_from([jpeg(exif(6)), SIGN]))
def test_whatever_comes_is_kept_clean_or_refused(noise: bytes, at: int, start: bytes) -> None:
    """Never another error; and what is kept is kept again as it is."""
    content = start[:at] + noise + start[at:]
    try:
        once = photos.cleaned(content)
    except Unusable:
        return
    assert photos.cleaned(once.content) == once
