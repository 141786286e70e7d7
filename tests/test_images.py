"""Raw images: digits and CIFAR-10 as bytes, and what a damaged or hostile file says."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from parsimony.data.images import RECORD, LabelledImages, load_digits, read_cifar, read_digits, tar_members
from parsimony.data.raw_text import Raw
from parsimony.data.registry import DataError, entry

NAMES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def archive(members: dict[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    """A .tar.gz archive with some files and links to /etc/passwd."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as opened:
        for name, content in members.items():
            one = tarfile.TarInfo(name)
            one.size = len(content)
            opened.addfile(one, io.BytesIO(content))
        for name in links:
            one = tarfile.TarInfo(name)
            one.type, one.linkname = tarfile.SYMTYPE, "/etc/passwd"
            opened.addfile(one)
    return stream.getvalue()


def batches(images: int = 2) -> dict[str, bytes]:
    """Six batches whose n-th holds images of label n and brightness n."""
    return {f"cifar-10-batches-bin/{name}.bin": bytes([number] * RECORD) * images for number, name in enumerate(NAMES)}


def digit_lines(*lines: str) -> bytes:
    return gzip.compress("\n".join(lines).encode(), mtime=0)  # a time would give each process other names of tests


def test_digits_are_those_of_scikit_learn() -> None:
    """Pixel by pixel and label by label, what `load_digits` of scikit-learn gives."""
    from sklearn.datasets import load_digits as reference

    found, expected = load_digits(), reference()
    assert np.array_equal(expected.data, found.pixels) and np.array_equal(expected.target, found.labels)


def test_cifar_puts_test_images_last() -> None:
    """Five batches of two images train, the sixth tests; the first byte of a record is the label."""
    found = read_cifar(Raw("made up", archive({**batches(), "cifar-10-batches-bin/readme.html": b"text"})))
    assert isinstance(found, LabelledImages) and 10 == found.train
    assert [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5] == found.labels.tolist()
    assert (12, 3072) == found.pixels.shape and np.array_equal(found.labels, found.pixels[:, 100])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no archive", "truncated or no .tar.gz"),
        (archive(batches())[:-200], "truncated"),
        (archive(dict(list(batches().items())[:5])), "5 batches, expected 6"),
        (archive({**batches(), "cifar-10-batches-bin/test_batch.bin": b"12"}), "2 bytes, expected records of 3,073"),
        (archive({**batches(), "cifar-10-batches-bin/test_batch.bin": bytes([10] * RECORD)}), "record 1: label 10"),
        (archive({**batches(), "../outside.bin": b""}), "leads out of the archive"),
        (archive({**batches(), "/etc/outside": b""}), "leads out of the archive"),
        (archive(batches(), links=("cifar-10-batches-bin/link",)), "a link"),
    ],
    ids=["no archive", "truncated", "missing", "short", "label", "climbing", "absolute", "link"],
)  # fmt: skip
def test_a_wrong_archive_says_what_is_wrong(content: bytes, said: str) -> None:
    """Damaged, incomplete or hostile: a reason each, and nothing is read."""
    with pytest.raises(DataError, match=said):
        read_cifar(Raw("made up", content))


def test_a_member_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is read from the header, before its content."""
    monkeypatch.setattr("parsimony.data.images.LARGEST", 5)
    with pytest.raises(DataError, match="6 bytes; expected folders and files of at most 5"):
        tar_members(Raw("made up", archive({"large": b"123456"})))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"plain", "not compressed by gzip"),
        (digit_lines("1,2,3"), "line 1: .* has 3 fields"),
        (digit_lines(",".join(["0"] * 65), ",".join(["17"] + ["0"] * 64)), "line 2: pixels up to 17"),
        (digit_lines(",".join(["0"] * 64 + ["10"])), "class 10"),
        (digit_lines(",".join(["0.5"] + ["0"] * 64)), "'0.5' given as pixel"),
    ],
)
def test_wrong_digits_say_what_is_wrong(content: bytes, said: str) -> None:
    """File, line and reason."""
    with pytest.raises(DataError, match=said):
        read_digits(Raw("made up", content))


def test_cifar_is_registered_under_its_digest() -> None:
    """The binary form, whole: six batches of 10,000 records and two texts fit into its bytes when unpacked."""
    found = entry("images/cifar-10-binary.tar.gz")
    assert found.url.endswith("cifar-10-binary.tar.gz") and 64 == len(found.sha256)
    assert 10_000 * RECORD < found.bytes < 60_000 * RECORD
