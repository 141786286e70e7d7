"""Small random multigraphs for the tests of EmerGNN and what it is made of."""

from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.methods.emergnn import EmerGNN
from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds

ENTITIES, DRUGS, TYPES, RELATIONS, BITS = 60, 15, 4, 5, 12


class Sample(NamedTuple):
    """Facts and triples, some of which stand twice."""

    facts: Tensor
    triples: Tensor
    ids: RelationIds

    def network(self) -> AugmentedNetwork:
        return AugmentedNetwork(self.facts, self.triples, ENTITIES, DRUGS, self.ids)


def sample(is_shared: bool = False, seed: int = 0) -> Sample:
    generator = torch.Generator().manual_seed(seed)
    facts = random_rows(40, (DRUGS, DRUGS, TYPES), generator)
    triples = random_rows(100, (ENTITIES, RELATIONS, ENTITIES), generator)
    ids = RelationIds(TYPES, RELATIONS, is_shared)
    return Sample(torch.cat([facts, facts[:8], facts[:3]]), torch.cat([triples, triples[:20]]), ids)


def random_rows(count: int, bounds: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.stack([torch.randint(one, (count,), generator=generator) for one in bounds], 1)


def sample_model(ids: RelationIds, **options) -> EmerGNN:
    """In float64, with biases that differ from zero."""
    generator = torch.Generator().manual_seed(1)
    bits = torch.randint(2, (DRUGS, BITS), generator=generator)
    model = EmerGNN(bits, ids, generator, **{"width": 6, **options}).double()
    with torch.no_grad():
        for layer in model.W:
            if layer.bias is not None:
                layer.bias.uniform_(-1, 1, generator=generator)
    return model
