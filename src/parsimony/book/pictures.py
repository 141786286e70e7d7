"""Figures as pages show them: two widths in WebP, the PNG for what knows no WebP, room kept before they arrive.

A reader's browser takes the width that its window needs, and loads a figure only when the reader comes near it. The
printed book shows the PNG, since paper loads nothing later.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from parsimony.book.sidecar import read_sidecar

NARROW = 540  # pixels; the PNG's own width is the other
SIZES = "(max-width: 800px) 94vw, 740px"  # how wide the column of text is
SHOWN = re.compile(r'<img (?P<alt>alt="[^"]*") src="(?P<source>[^"]*/_images/(?P<name>fig-[a-z0-9-]+)\.png)" ?/?>')


class Picture(NamedTuple):
    """One WebP file of a figure, its size in pixels."""

    file: str
    width: int
    height: int
    content: bytes


def web_pictures(name: str, png: bytes) -> list[Picture]:
    """Return a figure in two widths, the narrow one first; in one, if it is narrow itself.

    Args:
        name: identifier of the figure.
        png: its picture, whose provenance goes into each of them.
    """
    from PIL import Image

    with Image.open(io.BytesIO(png)) as opened:
        opened.load()  # text chunks may lie behind the pixels
        whole, origin = opened.convert("RGB"), opened.text.get("Source", "")
    widths = [whole]
    if whole.width > NARROW:
        small = NARROW, round(whole.height * NARROW / whole.width)
        widths.insert(0, whole.resize(small, Image.Resampling.LANCZOS))
    return [Picture(f"{name}-{one.width}.webp", one.width, one.height, encoded(one, origin)) for one in widths]


def encoded(picture: Any, origin: str = "") -> bytes:
    """Return an image as WebP in the smaller of two ways: without loss, or with a loss that the eye does not see.

    Args:
        picture: the image.
        origin: what the file says of itself, its Exif description.
    """
    from PIL import ExifTags, Image

    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = origin
    ways = ({"lossless": True, "quality": 60}, {"quality": 90})
    return min((_save(picture, {**way, "exif": exif}) for way in ways), key=len)


def _save(picture: Any, way: Mapping[str, Any]) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format="WEBP", method=4, **way)
    return stream.getvalue()


def with_widths(body: str, up: str) -> str:
    """Return a page whose figures come in two widths, late, and with their room kept.

    Args:
        body: HTML of the page.
        up: relative path from the page to the root of the site.
    """
    return SHOWN.sub(lambda found: picture(found, up), body)


def picture(found: re.Match[str], up: str) -> str:
    """Return one figure."""
    name = found["name"]
    pictures = read_sidecar(name)["pictures"]
    offered = ", ".join(f"{up}artifacts/{name}/{one['file']} {one['width']}w" for one in pictures)
    widest = pictures[-1]
    return (
        f'<picture><source type="image/webp" srcset="{offered}" sizes="{SIZES}" /><img {found["alt"]} '
        f'src="{found["source"]}" width="{widest["width"]}" height="{widest["height"]}" loading="lazy" '
        'decoding="async" /></picture>'
    )
