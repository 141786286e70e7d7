"""Parsed molecules kept as plain arrays in the user's cache, since reading SMILES costs up to a minute.

A file of the cache is named after the digests of the raw files, the version of the features and that of RDKit, so a
change of any of them makes another file. No pickle is written or loaded.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from parsimony.data.molecule_features import VERSION, featurise
from parsimony.data.molecule_tables import MoleculeTable
from parsimony.data.molecules import MoleculeSet, RejectedRow
from parsimony.data.registry import cache_folder, entry
from parsimony.paths import write_bytes_atomically

GRAPHS = ("labels", "atom", "first_atom", "bond", "bond_feature")
REJECTED = ("rejected_line", "rejected_smiles", "rejected_reason", "rejected_is_kept")
ARRAYS = frozenset(("properties", "smiles", *GRAPHS, *REJECTED))

Arrays = Mapping[str, NDArray]


def parsed(name: str, files: Sequence[str], read: Callable[[], MoleculeTable]) -> MoleculeSet:
    """Return all molecules of a data set, from the cache if it is there and whole; no property is assigned yet.

    Args:
        name: of the data set.
        files: its raw files in the registry.
        read: reads the raw files.
    """
    path = cache_path(name, [entry(one).sha256 for one in files])
    arrays = read_arrays(path)
    if arrays is None:
        arrays = arrays_of(read())
        with suppress(OSError):  # a cache that cannot be written costs seconds at the next start, nothing else
            write_arrays(path, arrays)
    return _as_set(name, arrays)


def cache_path(name: str, digests: Sequence[str]) -> Path:
    """Return where the parsed molecules of raw files with these digests are kept."""
    said = "\n".join([str(VERSION), version("rdkit"), *digests])
    return cache_folder() / "parsed" / f"{name}-{hashlib.sha256(said.encode()).hexdigest()[:16]}.npz"


def read_arrays(path: Path) -> Arrays | None:
    """Return the arrays of a file; None if it is missing, damaged or of another kind."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
    except Exception:  # a damaged archive fails in a dozen ways, and whatever the way, the molecules are read anew
        return None
    return arrays if set(arrays) == ARRAYS else None


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write arrays so that no reader sees half of them."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    write_bytes_atomically(path, stream.getvalue())


def arrays_of(table: MoleculeTable) -> Arrays:
    """Featurise the molecules of a table."""
    features = featurise(table.smiles)
    rejected = [RejectedRow(table.lines[one.row], table.smiles[one.row], one.reason, one.is_kept)
                for one in features.rejections]  # fmt: skip
    columns = zip(*map(astuple, rejected), strict=True) if rejected else [()] * len(REJECTED)
    return {
        "properties": np.array(table.properties, dtype=np.str_),
        "smiles": np.array([table.smiles[row] for row in features.rows], dtype=np.str_),
        "labels": table.labels[features.rows],
        **{name: getattr(features, name) for name in GRAPHS[1:]},
        **{name: np.array(column) for name, column in zip(REJECTED, columns, strict=True)},
    }


def _as_set(name: str, arrays: Arrays) -> MoleculeSet:
    rejected = zip(*(arrays[one].tolist() for one in REJECTED), strict=True)
    graphs = {one: torch.from_numpy(arrays[one]) for one in GRAPHS}
    rows = tuple(RejectedRow(*row) for row in rejected)
    properties, smiles = (tuple(arrays[one].tolist()) for one in ("properties", "smiles"))
    return MoleculeSet(name, properties, smiles, **graphs, train_properties=(), test_properties=(), rejected=rows)
