"""The methods of Table 5 by name, and how each scores molecules; nothing else asks which method it has.

Most methods embed a molecule alike for all properties, so that one pass over the data set serves a whole evaluation.
PACIA and MAML adapt the encoder to each property, and embed its molecules anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor

from parsimony.baselines.adkf_ift import ADKFIFT
from parsimony.baselines.egnn import EGNN
from parsimony.baselines.iterreflstm import IterRefLSTM
from parsimony.baselines.maml import MAML
from parsimony.baselines.protonet import ProtoNet
from parsimony.baselines.siamese import Siamese
from parsimony.baselines.tpn import TPN
from parsimony.data.molecules import MoleculeSet
from parsimony.experiments.few_shot.relation_example import relation_example
from parsimony.experiments.few_shot.scoring import AdaptedScores, DepthScores, EmbeddedScores, Scorer
from parsimony.methods.pacia import COMPACT, PACIA
from parsimony.methods.par import PAR
from parsimony.nn.molecule_episodes import Episodes


class FewShotModel(Protocol):
    """What the harness trains: a module that adapts to the support set of each property.

    Attributes:
        adaptive_parameters: numbers that the support set sets for each property.
    """

    adaptive_parameters: int

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the loss of a meta-iteration."""


@dataclass(frozen=True)
class Method:
    """How a method is made, scores molecules, and shows itself.

    Attributes:
        make: builds the model from a generator and options.
        scorer: scores test episodes, given the model, the data and all molecules of the episodes.
        show: what the record keeps of one test episode beside its scores, if anything.
    """

    make: Callable[..., FewShotModel]
    scorer: Callable[[Any, MoleculeSet, Tensor], Scorer] = EmbeddedScores
    show: Callable[..., dict[str, Any]] | None = None


MODELS: Mapping[str, Method] = {
    "par": Method(PAR, show=relation_example),
    "pacia": Method(PACIA, DepthScores),
    "pacia-compact": Method(partial(PACIA, hypernetworks=COMPACT), DepthScores),
    "maml": Method(MAML, AdaptedScores),
    "protonet": Method(ProtoNet),
    "siamese": Method(Siamese),
    "tpn": Method(TPN),
    "egnn": Method(EGNN),
    "iterreflstm": Method(IterRefLSTM),
    "adkf-ift": Method(ADKFIFT),
}


def method_of(model: str) -> Method:
    """Return a method by the name of its model.

    Raises:
        ValueError: if there is none of that name.
    """
    if model not in MODELS:
        raise ValueError(f"model {model!r} given; known are {', '.join(MODELS)}.")
    return MODELS[model]
