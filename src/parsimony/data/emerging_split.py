"""Parts facts from training pairs anew in each epoch, so that a training pair looks like a test pair (section 6).

EmerGNN (arXiv 2311.09261) lets a part H of the training drugs play "emerging" for an epoch: drugs of the biomedical
network, drawn with replacement as the authors' code does, |C| - floor(0.8 |C|) times from |C| drugs, so about 18 % of
them. Facts are the interactions of two drugs outside H. Training pairs have exactly one end in H (S1) or both (S2); all
others rest. For S0 a random fifth of the interactions are training pairs, the others facts.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.data.biomedical_network import BiomedicalNetwork

KNOWN_PERCENT = 80
ENDS_HELD_OUT = {"S1": 1, "S2": 2}


class Epoch(NamedTuple):
    """Rows of the interactions of training.

    Attributes:
        facts: part of the network in this epoch, [F].
        training: to be learned in this epoch, in random order, [P].
        held_out: the drugs that play "emerging"; none in S0, [H].
    """

    facts: Tensor
    training: Tensor
    held_out: Tensor


def draw_epoch(pairs: Tensor, candidates: Tensor, setting: str, generator: torch.Generator) -> Epoch:
    """Part the interactions of training for one epoch.

    Args:
        pairs: head drug, tail drug, and whatever follows, [T, >= 2].
        candidates: C, the training drugs with an edge in the network.
        setting: S0, S1 or S2.
        generator: makes the draws.

    Raises:
        ValueError: if the setting is not known, or no drug may be held out.
    """
    if setting not in ("S0", *ENDS_HELD_OUT):
        raise ValueError(f"setting {setting!r} given; expected S0, S1 or S2.")
    if setting == "S0":
        shuffled = torch.randperm(len(pairs), generator=generator)
        num_facts = len(pairs) * KNOWN_PERCENT // 100
        return Epoch(shuffled[:num_facts].sort().values, shuffled[num_facts:], candidates.new_empty(0))
    if not len(candidates):
        raise ValueError("no drug of the training pairs has an edge in the network; S1 and S2 need some to hold out.")
    draws = len(candidates) - len(candidates) * KNOWN_PERCENT // 100
    held_out = candidates[torch.randint(len(candidates), (draws,), generator=generator)].unique()
    ends = torch.isin(pairs[:, :2], held_out).sum(1)
    training = (ends == ENDS_HELD_OUT[setting]).nonzero().squeeze(1)
    shuffled = training[torch.randperm(len(training), generator=generator)]
    return Epoch((ends == 0).nonzero().squeeze(1), shuffled, held_out)


def drugs_to_hold_out(pairs: Tensor, network: BiomedicalNetwork, num_drugs: int) -> Tensor:
    """Return C: the drugs of training pairs [T, >= 2] that have an edge in the network."""
    ends = network.triples[:, [0, 2]].unique()
    return torch.tensor(sorted(set(pairs[:, :2].flatten().tolist()) & set(ends[ends < num_drugs].tolist())))


def without_drugs(network: BiomedicalNetwork, drugs: Tensor) -> Tensor:
    """Return the triples of a network that name none of some drugs, [T', 3].

    As the paper has it, training sees no edge of a validation or test drug, validation none of a test drug.
    """
    return network.triples[~torch.isin(network.triples[:, [0, 2]], drugs).any(1)]
