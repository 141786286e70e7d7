"""MAML: model-agnostic meta-learning (Finn et al., arXiv 1703.03400; Table 5).

Encoder and a linear classifier start the same for all properties, theta, and take one step on the support set of each:

    logits      o(x; theta) = W g(x) + b                g of the molecule encoder
    inner step  theta' = theta - rho grad of  mean over the support of CE(o(x; theta))
    loss        mean over properties and queries of  CE(o(x; theta'))
    score       o_1 - o_0 with theta'

At second order the gradient of the loss passes through the inner step; at first order theta' - theta counts as
constant, as in PaddleFSL (tata1661/FSL-Mate), whose rho of 0.05 is the default.

Shapes: T properties, n = 2 K support molecules, Q queries.

Weights differ by property, and molecules in size, so properties go one after the other; the normalisation sees the
support and the query set of each on its own. At test the step is taken in evaluation mode, so that no molecule of a
test property enters the running statistics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from parsimony.nn.dense import dense
from parsimony.nn.molecule_encoder import MoleculeEncoder, Molecules
from parsimony.nn.molecule_episodes import Episodes
from parsimony.nn.support_labels import support_labels

Weights = Mapping[str, Tensor]  # theta, by name


class MoleculePart(NamedTuple):
    """Some molecules of a batch, as `nn.molecule_encoder.Molecules`."""

    atom: Tensor
    molecule: Tensor
    first_neighbour: Tensor
    neighbour: Tensor
    bond_counts: Tensor
    num_molecules: int


def cut(molecules: Molecules, sizes: Sequence[int]) -> Iterator[MoleculePart]:
    """Cut a batch into parts with the given numbers of molecules."""
    ends = torch.tensor([0, *accumulate(sizes)], device=molecules.molecule.device)
    atoms = torch.searchsorted(molecules.molecule, ends)
    bonds = molecules.first_neighbour[atoms].tolist()
    atoms = atoms.tolist()
    for place, size in enumerate(sizes):
        low, high = atoms[place : place + 2]
        yield MoleculePart(
            molecules.atom[low:high],
            molecules.molecule[low:high] - ends[place],
            molecules.first_neighbour[low : high + 1] - bonds[place],
            molecules.neighbour[bonds[place] : bonds[place + 1]] - low,
            molecules.bond_counts[low:high],
            size,
        )


class MAML(nn.Module):
    """The whole model; 1,858,502 parameters.

    Args:
        generator: draws the initial weights.
        width: of g.
        inner_rate: rho.
        is_second_order: whether the gradient passes through the inner step.

    Attributes:
        adaptive_parameters: numbers in theta; the support set sets them all.
    """

    def __init__(
        self,
        generator: torch.Generator,
        *,
        width: int = 300,
        inner_rate: float = 0.05,
        is_second_order: bool = False,
    ) -> None:
        super().__init__()
        self.inner_rate, self.is_second_order = inner_rate, is_second_order
        self.encoder = MoleculeEncoder(generator, width=width)
        self.linear = dense(width, 2, generator)
        self.adaptive_parameters = sum(parameter.numel() for parameter in self.parameters())

    def forward(self, molecules: Molecules) -> Tensor:
        """Return o of M molecules, [M, 2]."""
        return self.linear(self.encoder(molecules))

    def loss(self, episodes: Episodes, generator: torch.Generator) -> Tensor:
        """Return the loss of a meta-iteration; dropout alone is random, and reads torch's own generator."""
        support, query = episodes.split(torch.arange(episodes.molecules.num_molecules))
        parts = cut(episodes.molecules, (support.shape[1], query.shape[1]) * len(support))
        losses = [
            functional.cross_entropy(functional_call(self, self._adapt(known), (asked,)), label)
            for known, asked, label in zip(parts, parts, episodes.label, strict=True)
        ]
        return torch.stack(losses).mean()

    def adapt(self, support: Molecules) -> Weights:
        """Adapt to a test property, known by K inactive and then K active molecules; return theta'.

        Raises:
            ValueError: if the model is in training mode, or the two classes cannot be equally large.
        """
        self._check_mode()
        with torch.enable_grad():
            return {name: weight.detach() for name, weight in self._adapt(support).items()}

    @torch.no_grad()
    def scores(self, known: Weights, query: Molecules) -> Tensor:
        """Score query molecules of a test property.

        Args:
            known: theta', from `adapt`.
            query: Q molecules, in any number.

        Returns:
            How much larger the logit of active is, [Q].

        Raises:
            ValueError: if the model is in training mode.
        """
        self._check_mode()
        o = functional_call(self, dict(known), (query,))
        return o[:, 1] - o[:, 0]

    def _adapt(self, support: Molecules) -> dict[str, Tensor]:
        """Take the inner step."""
        theta, label = dict(self.named_parameters()), support_labels(support.num_molecules, support.atom.device)
        error = functional.cross_entropy(functional_call(self, theta, (support,)), label)
        slopes = torch.autograd.grad(error, list(theta.values()), create_graph=self.is_second_order)
        return {name: w - self.inner_rate * slope for (name, w), slope in zip(theta.items(), slopes, strict=True)}

    def _check_mode(self) -> None:
        if self.training:
            raise ValueError("the model is in training mode, where dropout is on; call eval() before scoring.")
