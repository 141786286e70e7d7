"""The reasoners by their names in specifications, and how each keeps a fact off the graph on which it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from parsimony.baselines.adaprop import AdaProp
from parsimony.baselines.drum import DRUM
from parsimony.baselines.nbfnet import NBFNet
from parsimony.methods.redgnn import REDGNN

ADAPROP_ACTIVATIONS: Mapping[str, Callable] = {"relu": torch.relu, "tanh": torch.tanh, "identity": nn.Identity()}


def _adaprop(num_relations: int, generator: torch.Generator, *, activation: str = "relu", **options: Any) -> AdaProp:
    return AdaProp(num_relations, generator, activation=ADAPROP_ACTIVATIONS[activation], **options)


MODELS: Mapping[str, Callable[..., nn.Module]] = {
    "redgnn": REDGNN, "adaprop": _adaprop, "nbfnet": NBFNet, "drum": DRUM,
}  # fmt: skip
WAY_OF: Mapping[str, str] = {
    "redgnn": "apart", "adaprop": "apart", "nbfnet": "hidden", "drum": "hidden", "rnnlogic": "hidden",
}  # fmt: skip
