"""Morgan fingerprints of drugs: which circular substructures up to radius 2 a molecule has, hashed to 1,024 bits.

They are computed once and kept as plain bits in the user's cache, under a name that changes with SMILES and RDKit.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from parsimony.data.registry import DataError, cache_folder
from parsimony.paths import write_bytes_atomically

BITS, RADIUS = 1024, 2


def fingerprints(smiles: Sequence[str], label: str) -> Tensor:
    """Return the fingerprints of molecules, from the cache if it holds them, [D, 1024] in uint8.

    Args:
        smiles: of each molecule, D of them.
        label: of the raw file, for messages.

    Raises:
        DataError: if RDKit rejects one.
    """
    path = cache_path(smiles)
    packed = read_bits(path, len(smiles))
    if packed is None:
        packed = np.packbits(compute(smiles, label), axis=1)
        with suppress(OSError):  # a cache that cannot be written costs a second at the next start, nothing else
            _write(path, packed)
    return torch.from_numpy(np.unpackbits(packed, axis=1))


def cache_path(smiles: Sequence[str]) -> Path:
    """Return where the fingerprints of these molecules are kept."""
    said = "\n".join([f"{RADIUS} {BITS}", version("rdkit"), *smiles])
    return cache_folder() / "parsed" / f"fingerprints-{hashlib.sha256(said.encode()).hexdigest()[:16]}.npz"


def read_bits(path: Path, count: int) -> NDArray | None:
    """Return the packed bits of a file, [count, 128]; None if it is missing, damaged or of another kind."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            bits = stored["bits"]
    except Exception:  # a damaged archive fails in a dozen ways, and whatever the way, the bits are computed anew
        return None
    return bits if bits.shape == (count, BITS // 8) and bits.dtype == np.uint8 else None


def compute(smiles: Sequence[str], label: str) -> NDArray:
    """Return the fingerprints of molecules, [D, 1024] of 0 and 1.

    Raises:
        DataError: if RDKit rejects one.
    """
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdFingerprintGenerator

    generator, rows = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS, fpSize=BITS), []
    with rdBase.BlockLogs():  # the message names the drug instead
        for number, text in enumerate(smiles):
            molecule = Chem.MolFromSmiles(text)
            if molecule is None:
                raise DataError(f"{label}, drug {number}: {text[:80]!r} is no SMILES that RDKit reads.")
            rows.append(generator.GetFingerprintAsNumPy(molecule))
    return np.array(rows, np.uint8).reshape(-1, BITS)


def _write(path: Path, packed: NDArray) -> None:
    stream = io.BytesIO()
    np.savez_compressed(stream, bits=packed)
    write_bytes_atomically(path, stream.getvalue())
