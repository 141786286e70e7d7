"""Text of raw files: lines, fields and numbers, each refused with file, line and reason if malformed."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from parsimony.data.registry import DataError, entry, fetch


class Raw(NamedTuple):
    """One raw file, or one member of an archive.

    Attributes:
        label: its name in messages.
        content: its bytes.
    """

    label: str
    content: bytes


class Place(NamedTuple):
    """A line of a raw file, as a message names it."""

    label: str
    line: int

    def wrong(self, reason: str) -> DataError:
        """Return the error that names this line."""
        return DataError(f"{self.label}, line {self.line}: {reason}")


def registered(name: str) -> Raw:
    """Return a registered file, verified."""
    return Raw(name, fetch(entry(name)).read_bytes())


def zip_members(archive: Raw, pattern: str) -> dict[str, Raw]:
    """Read the members of a .zip archive whose whole name matches a pattern; nothing is written to the disk.

    Raises:
        DataError: if it is no .zip archive, or damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
            names = [name for name in opened.namelist() if re.fullmatch(pattern, name)]
            return {name: Raw(f"{archive.label}:{name}", opened.read(name)) for name in names}
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise DataError(f"{archive.label} is truncated or no .zip archive ({error}); fetch it again.") from error


def member(members: dict[str, Raw], name: str, label: str) -> Raw:
    """Return one member of an archive.

    Raises:
        DataError: if the archive lacks it.
    """
    if name not in members:
        raise DataError(f"{label} lacks {name}: {len(members)} such files found. Fetch it again.")
    return members[name]


def text_lines(raw: Raw, encoding: str = "utf-8") -> list[str]:
    """Return the lines of a text; only a line feed ends a line, as Latin-1 texts hold other break characters.

    Raises:
        DataError: if the bytes are no such text.
    """
    try:
        return raw.content.decode(encoding).replace("\r\n", "\n").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{raw.label} is not {encoding.upper()} text ({error}); fetch it again.") from error


def field_lines(
    raw: Raw, separator: str, expected: str, encoding: str = "utf-8", header: str = ""
) -> Iterator[tuple[Place, list[str]]]:
    """Yield place and fields of each line.

    Args:
        raw: the file.
        separator: stands between fields.
        expected: names of the fields, separated by commas; says how many there must be.
        encoding: of the text.
        header: how the first line must begin, which is then left out; none if empty.

    Raises:
        DataError: at the first line with another number of fields, or with another header.
    """
    lines = text_lines(raw, encoding)
    if not lines[0].startswith(header):
        raise Place(raw.label, 1).wrong(f"{lines[0][:80]!r} found; expected the header {header!r}.")
    for number, line in enumerate(lines[bool(header) :], start=1 + bool(header)):
        fields, place = line.split(separator), Place(raw.label, number)
        if len(fields) != expected.count(",") + 1:
            raise place.wrong(f"{line[:80]!r} has {len(fields)} fields; expected {expected}, parted by {separator!r}.")
        yield place, fields


def whole_number(text: str, place: Place, what: str) -> int:
    """Return a number written in digits.

    Raises:
        DataError: if it is not.
    """
    if not (text.isascii() and text.isdigit()):
        raise place.wrong(f"{text[:40]!r} given as {what}; expected a whole number in digits.")
    return int(text)


def number_of(name: str, numbers: Mapping[str, int], place: Place, where: str) -> int:
    """Return the index of a name.

    Raises:
        DataError: if it has none.
    """
    if name not in numbers:
        raise place.wrong(f"{name[:40]!r} is not in {where}; fetch both files again.")
    return numbers[name]


def lists_by_user(raw: Raw) -> dict[str, list]:
    """Read a JSON object that holds one list a user.

    Raises:
        DataError: if it is something else.
    """
    try:
        read = json.loads(raw.content)
    except ValueError as error:
        raise DataError(f"{raw.label} is no JSON text ({error}); fetch it again.") from error
    if not isinstance(read, dict) or not all(isinstance(value, list) for value in read.values()):
        raise DataError(f"{raw.label}, line 1: expected an object with one list a user; fetch it again.")
    return read
