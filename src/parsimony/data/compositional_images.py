"""Compositional images: k images side by side, and the class of each is asked (second paper, arXiv 2409.05780).

An input is a tuple of k images; its label is the tuple of their k classes, so that classes combine in 10^k ways. A hash
sends 60 % of the combinations to training and the rest to a test out of distribution: there every image is of a known
class, but no combination has been seen. With one image a tuple there is nothing to combine, and all classes train.
The paper uses CIFAR-10; scikit-learn's digits are our substitute, which needs no download.
Shapes: I images of D pixels, N tuples of k images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from parsimony.data.cards import require_counts
from parsimony.data.images import LabelledImages, load_cifar, load_digits
from parsimony.data.registry import DataError

DIGITS, CIFAR = "Compositional-digits", "Compositional-CIFAR-10"
TRAINING_DIGITS = 1200  # images; the rest makes test tuples
SHARE = 0.6  # of the combinations that train
NOISE = 1.0  # deviation, in units of the pixels' own
_MIX, _RANGE = 0x9E3779B97F4A7C15, 2**32


@dataclass(frozen=True, eq=False)
class Tuples:
    """Inputs as references to images.

    Attributes:
        images: all that may occur, mean image removed and scaled to deviation 1, [I, D].
        labels: of the images, [I].
        chosen: which images stand side by side, [N, k].
    """

    images: Tensor
    labels: Tensor
    chosen: Tensor

    def __len__(self) -> int:
        return len(self.chosen)

    def inputs(self, rows: Tensor) -> Tensor:
        """Return some inputs, [B, k D]."""
        return self.images[self.chosen[rows]].flatten(1)

    def classes(self, rows: Tensor) -> Tensor:
        """Return the classes of some inputs, [B, k]."""
        return self.labels[self.chosen[rows]]


@dataclass(frozen=True, eq=False)
class CompositionalImages:
    """One task.

    Attributes:
        train: n tuples of combinations that train.
        test: tuples of other images, of the same combinations.
        unseen: tuples of other images, of the other combinations; None if there is but one image a tuple.
    """

    train: Tuples
    test: Tuples
    unseen: Tuples | None


@dataclass(frozen=True, eq=False)
class ImagePool:
    """Images for tuples of training, and others for tuples of the tests."""

    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]

    def compose(self, slots: int, samples: int, tests: int, generator: torch.Generator) -> CompositionalImages:
        """Draw tuples.

        Args:
            slots: k, images a tuple.
            samples: n, tuples of training.
            tests: tuples of each test.
            generator: draws images.

        Raises:
            ValueError: if there is no slot, sample or test.
        """
        if min(slots, samples, tests) < 1:
            raise ValueError(f"{slots} slots, {samples} samples and {tests} tests given; expected at least one each.")
        train = _draw(self.train, slots, samples, generator, trains=True)
        test = _draw(self.test, slots, tests, generator, trains=True)
        unseen = _draw(self.test, slots, tests, generator, trains=False) if slots > 1 else None
        return CompositionalImages(train, test, unseen)


def _draw(source: tuple[Tensor, Tensor], slots: int, count: int, generator: torch.Generator, *, trains: bool) -> Tuples:
    """Draw tuples whose combinations belong to training, or do not."""
    images, labels = source
    parts, found = [], 0
    while found < count:
        drawn = torch.randint(len(images), (2 * count, slots), generator=generator)
        kept = drawn[is_for_training(labels[drawn]) == trains]
        parts.append(kept)
        found += len(kept)
    return Tuples(images, labels, torch.cat(parts)[:count])


def is_for_training(classes: Tensor) -> Tensor:
    """Tell for each combination of classes [N, k] whether it belongs to training; a single class always does."""
    if classes.shape[1] == 1:
        return torch.ones(len(classes), dtype=torch.bool)
    code = np.zeros(len(classes), dtype=np.uint64)
    for column in classes.T.numpy().astype(np.uint64):
        code = (code + column + np.uint64(1)) * np.uint64(_MIX)
        code ^= code >> np.uint64(29)
    return torch.from_numpy((code % np.uint64(_RANGE)).astype(np.int64) < SHARE * _RANGE)


def load_pool(name: str) -> ImagePool:
    """Return the images of a data set, centred and scaled with those of training alone.

    Raises:
        DataError: if the name is not known, a file is missing or damaged, or a count is not the card's.
    """
    if name not in LOADERS:
        raise DataError(f"compositional images {name!r} given; known are {', '.join(LOADERS)}.")
    found = LOADERS[name]()
    require_counts(name, {"images": len(found.labels), "pixels": found.pixels.shape[1],
                          "classes": len(set(found.labels.tolist())), "training images": found.train})  # fmt: skip
    pixels, labels = torch.from_numpy(found.pixels.astype(np.float32)), torch.from_numpy(found.labels)
    centred = pixels - pixels[: found.train].mean(0)
    scaled = centred / centred[: found.train].std()
    parts = ((scaled[part], labels[part]) for part in (slice(found.train), slice(found.train, None)))
    return ImagePool(*parts)


def shuffled_digits() -> LabelledImages:
    """Return the digits in an order that is drawn once for all, the first 1200 for training."""
    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.labels))
    return LabelledImages(found.pixels[order], found.labels[order], TRAINING_DIGITS)


LOADERS: Mapping[str, Callable[[], LabelledImages]] = {DIGITS: shuffled_digits, CIFAR: load_cifar}
