"""A planted property of molecules, learnt within seconds: a molecule is active if it has a chlorine atom."""

from typing import NamedTuple, Protocol
from unittest.mock import patch

import torch
from benchmarks.plain_molecule_encoder import encode_plainly
from benchmarks.plain_par import tasks_of
from benchmarks.synthetic_molecules import BondedMolecules, from_bonds
from torch import Tensor, nn

from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.molecule_episodes import Episodes

ATOMS = 6  # of each molecule, a chain
CHLORINE = 16  # atomic number - 1
CATCHING_UP = 20  # steps without a change


class FewShotModel(Protocol):
    """What all models of Table 5 share."""

    encoder: MoleculeEncoder

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor: ...


class PlainTask(NamedTuple):
    """One property, embedded by the plain encoder: support [n, D], query [Q, D], their labels."""

    support: Tensor
    query: Tensor
    support_label: list[int]
    query_label: list[int]


def plain_tasks(model: FewShotModel, episodes: Episodes) -> list[PlainTask]:
    """Embed the molecules of each property on their own, edge by edge."""
    half = [0] * episodes.shots + [1] * episodes.shots
    return [
        PlainTask(encode_plainly(model.encoder, s), encode_plainly(model.encoder, q), half, y.tolist())
        for s, q, y in tasks_of(episodes)
    ]


def planted_molecules(is_active: Tensor, generator: torch.Generator) -> BondedMolecules:
    """Draw chains of carbon, nitrogen and oxygen; an active one has chlorine in the place of one atom."""
    number = torch.randint(5, 8, (len(is_active), ATOMS), generator=generator)
    place = torch.randint(ATOMS, (len(is_active), 1), generator=generator)
    planted = number.scatter(1, place, CHLORINE)
    atom = torch.where(is_active.bool().unsqueeze(1), planted, number).flatten()
    molecule = torch.arange(len(is_active)).repeat_interleave(ATOMS)
    first = torch.arange(len(atom))[torch.arange(len(atom)) % ATOMS < ATOMS - 1]
    bonds = torch.stack([first, first + 1, torch.zeros_like(first), torch.zeros_like(first)], dim=1)
    return from_bonds(torch.stack([atom, torch.zeros_like(atom)], dim=1), molecule, bonds)


def planted_episodes(tasks: int, shots: int, queries: int, generator: torch.Generator) -> Episodes:
    """Draw episodes of the planted property."""
    label = torch.randint(2, (tasks, queries), generator=generator)
    support = torch.arange(2).repeat_interleave(shots).expand(tasks, -1)
    return Episodes(planted_molecules(torch.cat([support, label], dim=1).flatten(), generator), shots, label)


def roc_auc(scores: Tensor, label: Tensor) -> float:
    """Return the share of pairs of an active and an inactive molecule in the right order; ties count half."""
    active, inactive = scores[label == 1].unsqueeze(1), scores[label == 0]
    return float(((active > inactive).double() + (active == inactive).double() / 2).mean())


@patch("parsimony.nn.molecule_encoder.DROPOUT", 0.0)  # which so narrow an encoder does not bear
def fit(model: nn.Module, steps: int, rate: float = 3e-3) -> None:
    """Train on 4 episodes of 5 + 5 support and 8 query molecules a step; then let the running statistics catch up."""
    generator = torch.Generator().manual_seed(1)
    optimiser = torch.optim.AdamW(model.train().parameters(), lr=rate)
    for step in range(steps + CATCHING_UP):
        optimiser.zero_grad()
        model.loss(planted_episodes(4, 5, 8, generator), generator).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if step < steps:
            optimiser.step()


def measure(model: nn.Module) -> float:
    """Return the ROC-AUC over 100 new molecules of a model that scores embedded molecules."""
    episodes = planted_episodes(1, 5, 100, torch.Generator().manual_seed(2))
    with torch.no_grad():
        support, query = episodes.split(model.eval().encoder(episodes.molecules))
    return roc_auc(model.scores(support[0], query[0], torch.Generator().manual_seed(3)), episodes.label[0])


def embedded(shots: int, queries: int, width: int, seed: int = 2) -> tuple[Tensor, Tensor]:
    """Draw support and query molecules as if embedded, [2 K, D] and [Q, D]."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(size, width, generator=generator) for size in (2 * shots, queries))
