"""Molecules of Tox21 as the plain references read them, or synthetic ones of its size where its file is missing."""

from __future__ import annotations

import torch
from benchmarks.synthetic_molecules import BondedMolecules, synthetic_episodes
from torch import Tensor

from parsimony.data.episodes import draw_episode, property_tasks
from parsimony.data.molecule_sets import load_molecules
from parsimony.data.molecules import MoleculeSet
from parsimony.data.registry import DataError
from parsimony.nn.molecule_episodes import Episodes


def bonded(data: MoleculeSet, molecules: Tensor) -> BondedMolecules:
    """Return molecules [B] of a data set with the kind of every bond."""
    batch, ends = data.batch(molecules), data.first_bond[data.first_atom]
    rows = torch.cat([torch.arange(ends[one], ends[one + 1]) for one in molecules.tolist()])
    bond_type, bond_direction = data.bond_feature[rows].long().unbind(1)
    return BondedMolecules(
        atom=batch.atom,
        molecule=batch.molecule,
        first_neighbour=batch.first_neighbour,
        neighbour=batch.neighbour,
        bond_counts=batch.bond_counts,
        num_molecules=batch.num_molecules,
        bond_type=bond_type,
        bond_direction=bond_direction,
    )


def tox21_episodes(shots: int, queries: int, generator: torch.Generator) -> Episodes:
    """Draw an episode of each of the nine meta-training properties; synthetic ones if the data cannot be had."""
    try:
        data = load_molecules("Tox21")
    except DataError:
        return synthetic_episodes(9, shots, queries, 18, generator)
    tasks = property_tasks(data, data.train_properties)
    drawn = [draw_episode(task, shots, queries, generator) for task in tasks]
    molecules = bonded(data, torch.cat([torch.cat([one.support, one.query]) for one in drawn]))
    return Episodes(molecules, shots, torch.stack([one.query_label for one in drawn]))
