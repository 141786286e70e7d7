"""Labelled images from raw files: scikit-learn's digits, embedded, and CIFAR-10 in its binary form.

CIFAR-10's better known archive holds pickles, which run what they hold when they are loaded; the binary form holds
records of 3,073 bytes, a label and then 32 x 32 pixels in red, green and blue.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from parsimony.data.raw_text import Raw, field_lines, registered, whole_number
from parsimony.data.registry import DataError

DIGITS = "embedded/sklearn/datasets/data/digits.csv.gz"
CIFAR = "images/cifar-10-binary.tar.gz"
PIXELS, CLASSES, BRIGHTEST = 64, 10, 16  # of the digits
RECORD = 3073  # bytes of an image of CIFAR-10 with its label
BATCH = re.compile(r"cifar-10-batches-bin/(data_batch_[1-5]|test_batch)\.bin")
BATCHES = 6
LARGEST = 64 * 2**20  # bytes of a member that is read


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Images with their classes.

    Attributes:
        pixels: one row an image, as in the file, [I, D].
        labels: 0 to 9, [I].
        train: how many of them, from the first on, the source gives for training; all if it has no split.
    """

    pixels: np.ndarray
    labels: np.ndarray
    train: int


def read_digits(raw: Raw) -> LabelledImages:
    """Read digits of 8 x 8 pixels, one a line: 64 pixels from 0 to 16, then the class.

    Raises:
        DataError: if the file is damaged, or a line is not such a digit.
    """
    try:
        text = Raw(raw.label, gzip.decompress(raw.content))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{raw.label} is truncated or not compressed by gzip ({error}); fetch it again.") from error
    names = ", ".join([f"pixel {number}" for number in range(1, PIXELS + 1)] + ["class"])
    rows = []
    for place, fields in field_lines(text, ",", names):
        values = [whole_number(one, place, "pixel or class") for one in fields]
        if max(values[:-1]) > BRIGHTEST or values[-1] >= CLASSES:
            raise place.wrong(f"pixels up to {max(values[:-1])} and class {values[-1]}; expected at most 16 and 9.")
        rows.append(values)
    found = np.array(rows, dtype=np.float32)
    return LabelledImages(found[:, :-1], found[:, -1].astype(np.int64), len(found))


def read_cifar(raw: Raw) -> LabelledImages:
    """Read the six batches of the binary archive, those for training first; nothing is written to the disk.

    Raises:
        DataError: if the archive is damaged, lacks a batch, or a batch is not a row of whole records.
    """
    members = tar_members(raw)
    names = sorted(name for name in members if BATCH.fullmatch(name))
    if len(names) != BATCHES:
        raise DataError(f"{raw.label} holds {len(names)} batches, expected {BATCHES}; fetch it again.")
    parts = [records_of(Raw(f"{raw.label}:{name}", members[name])) for name in names]  # "test" sorts behind "data"
    rows = np.concatenate(parts)
    return LabelledImages(rows[:, 1:], rows[:, 0].astype(np.int64), len(rows) - len(parts[-1]))


def tar_members(raw: Raw) -> dict[str, bytes]:
    """Return the plain files of a .tar.gz archive by their paths.

    Raises:
        DataError: if it is no such archive, or a path leads out of it, or a member is a link or too large.
    """
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(raw.content), mode="r:gz") as archive:
            for member in archive:
                check_member(member, raw.label)
                if member.isfile():
                    found[member.name] = archive.extractfile(member).read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DataError(f"{raw.label} is truncated or no .tar.gz archive ({error}); fetch it again.") from error
    return found


def check_member(member: tarfile.TarInfo, label: str) -> None:
    """Refuse a member that no archive of data has."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise DataError(f"{label} holds the path {member.name!r}, which leads out of the archive; do not use the file.")
    if not (member.isfile() or member.isdir()) or member.size > LARGEST:
        raise DataError(
            f"{label} holds {member.name!r}, a link or a file of {member.size:,} bytes; expected folders and files of "
            f"at most {LARGEST:,} bytes: do not use the file."
        )


def records_of(raw: Raw) -> np.ndarray:
    """Return the records of a batch, [I, 3073] in bytes.

    Raises:
        DataError: if it is empty, ends within a record, or a label is above 9.
    """
    if not raw.content or len(raw.content) % RECORD:
        raise DataError(f"{raw.label} has {len(raw.content):,} bytes, expected records of {RECORD:,}; fetch it again.")
    rows = np.frombuffer(raw.content, dtype=np.uint8).reshape(-1, RECORD)
    if wrong := np.flatnonzero(rows[:, 0] >= CLASSES).tolist():
        raise DataError(
            f"{raw.label}, record {wrong[0] + 1}: label {rows[wrong[0], 0]}, expected 0 to 9; fetch it again."
        )
    return rows


def load_digits() -> LabelledImages:
    """Return scikit-learn's digits: 1797 images that are not split."""
    return read_digits(registered(DIGITS))


def load_cifar() -> LabelledImages:
    """Return CIFAR-10: 50,000 images for training, then 10,000 for testing."""
    return read_cifar(registered(CIFAR))
