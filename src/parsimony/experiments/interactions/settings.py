"""What a run on drug interactions is asked: which settings it serves, how it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parsimony.data.drug_interactions import SETTINGS


@dataclass(frozen=True, kw_only=True)
class CourseSettings:
    """How a predictor is trained by gradient steps.

    Attributes:
        epochs: passes; of EmerGNN each with facts and training pairs drawn anew.
        batch_size: pairs of a step.
        learning_rate: of Adam, in the first epoch.
        weight_decay: of the L2 term in the gradient, or of the decay apart from it if `is_decoupled`.
        is_decoupled: AdamW instead of Adam.
        evaluate_every: epochs between two looks at the validation pairs; the last epoch is always looked at.
        patience: looks without a better value after which the rate is divided by ten; 0 never does so.
        from_epoch: first epoch that is looked at; those before it only prepare, as the embeddings of KG-DDI.
    """

    epochs: int = 40
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    is_decoupled: bool = False
    evaluate_every: int = 2
    patience: int = 0
    from_epoch: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "learning_rate", "evaluate_every", "from_epoch"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must be above zero.")
        for name in ("weight_decay", "patience"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)} given; it must not be below zero.")
        if self.from_epoch > self.epochs:
            raise ValueError(f"epoch {self.from_epoch} is the first looked at, of {self.epochs}; expected one of them.")

    def is_look(self, epoch: int) -> bool:
        """Tell whether the validation pairs are looked at after an epoch."""
        return epoch == self.epochs or (epoch >= self.from_epoch and epoch % self.evaluate_every == 0)


@dataclass(frozen=True, kw_only=True)
class InteractionRun:
    """What a run of this task needs.

    Attributes:
        schedule: epochs of the method's own source; a run with fewer is short.
        served: settings that are tested, of S0, S1, S2. EmerGNN draws its epochs as the first of them asks.
        options: keyword arguments of the method.
        training: how it is trained; a method that is fitted has none.
        share: of the training pairs, drawn by the seed; the rest is as if it were not known.
    """

    schedule: int
    served: tuple[str, ...] = ("S1",)
    options: Mapping[str, Any] = field(default_factory=dict)
    training: CourseSettings = field(default_factory=CourseSettings)
    share: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "served", tuple(self.served))
        if isinstance(self.training, dict):
            object.__setattr__(self, "training", CourseSettings(**self.training))
        if not self.served or not set(self.served) <= set(SETTINGS):
            raise ValueError(f"settings {', '.join(self.served) or 'none'} given; expected some of S0, S1, S2.")
        if not 0 < self.share <= 1:
            raise ValueError(f"share {self.share} given; expected one above 0 and at most 1.")
