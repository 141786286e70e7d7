"""A meta-iteration of PAR on Tox21: ours, as its runs have it, against the authors' own program (see `authors_par`).

Both from the same weights on the same episodes. Before they are timed, with all dropout off, the loss and the gradients
of their program are compared with those of `PARApart`, which draws its noise as theirs does.
"""

from __future__ import annotations

from typing import Any
from unittest import mock

import torch
from benchmarks.authors_par import AuthorsPAR, as_theirs
from benchmarks.pairs import compare
from benchmarks.tox21_molecules import tox21_episodes

from parsimony.methods.par import PAR
from parsimony.methods.par_apart import PARApart
from parsimony.nn.molecule_episodes import Episodes

NAME = "par-authors"
TARGET = 4.0


def run(pairs: int = 7) -> dict[str, Any]:
    """Return the ratio of the authors' to our seconds, and how far their loss and gradients are from ours."""
    generator = torch.Generator().manual_seed(0)
    model, episodes = PAR(generator, precision="bfloat16"), tox21_episodes(10, 16, generator)
    authors = AuthorsPAR(model, episodes)

    def step() -> None:
        model.zero_grad()
        model.loss(episodes, generator).backward()

    return {**compare(NAME, TARGET, authors.step, step, pairs), **differences(episodes)}


def differences(episodes: Episodes) -> dict[str, float]:
    """Return the difference of the losses and the norm of that of all gradients, each relative to ours, in float32."""
    model = PARApart(torch.Generator().manual_seed(0), dropout=0.0).train()
    authors = AuthorsPAR(model, episodes, has_dropout=False)
    with mock.patch("torch.nn.functional.dropout", lambda x, *_, **__: x):
        ours = model.loss(episodes, torch.Generator())
    slopes = torch.autograd.grad(ours, list(model.parameters()))
    named = dict(zip(dict(model.named_parameters()), slopes, strict=True))
    theirs, found = authors.step(), authors.gradients()
    both = [(one.flatten(), found[name].flatten()) for name, one in as_theirs(model, named).items() if name in found]
    own, other = (torch.cat(parts) for parts in zip(*both, strict=True))
    return {
        "loss_difference": abs(theirs - ours.item()) / abs(ours.item()),
        "gradient_difference": float((own - other).norm() / own.norm()),
        "gradient_numbers": len(own),
    }
