"""Training steps of EmerGNN: ours against the plain reference over the whole network, with one epoch's facts.

DrugBank S1 with the authors' settings: 32 pairs, width 64, three layers. One plain step takes about 20 seconds and
5 GB, so it is not warmed up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from benchmarks.pairs import spent, summary
from benchmarks.plain_emergnn import PlainEmerGNN, PlainNetwork
from torch import Tensor

from parsimony.data.biomedical_network import load_assembled_network
from parsimony.data.drug_interactions import load_drugbank
from parsimony.data.emerging_split import draw_epoch, drugs_to_hold_out, without_drugs
from parsimony.methods.emergnn import EmerGNN
from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds

BATCH, LEARNING_RATE, WEIGHT_DECAY = 32, 1e-3, 1e-8


class Problem(NamedTuple):
    """A network in parts, fingerprints of its drugs, and a batch of head, tail, type [B, 3]."""

    facts: Tensor
    triples: Tensor
    num_entities: int
    ids: RelationIds
    fingerprints: Tensor
    batch: Tensor

    def network(self) -> AugmentedNetwork:
        """Return the network as ours reads it."""
        return AugmentedNetwork(self.facts, self.triples, self.num_entities, len(self.fingerprints), self.ids)

    def plain_network(self) -> PlainNetwork:
        """Return the network as the reference reads it."""
        return PlainNetwork(self.facts, self.triples, self.num_entities, self.ids)


def drugbank_problem() -> Problem:
    """Return the facts and the first batch of one S1 epoch, with the network that training may see."""
    data, network = load_drugbank(), load_assembled_network()
    train = data.triples("train")
    candidates = drugs_to_hold_out(train, network, data.num_drugs)
    epoch = draw_epoch(train, candidates, "S1", torch.Generator().manual_seed(0))
    visible = without_drugs(network, torch.cat([data.valid_drugs, data.test_drugs]))
    ids = RelationIds(data.num_types, len(network.relations))
    batch = train[epoch.training[:BATCH]]
    return Problem(train[epoch.facts], visible, network.num_entities, ids, data.fingerprints, batch)


class Steps(NamedTuple):
    """One step of each way; calling one again takes the next step on the same batch."""

    plain: Callable[[], None]
    ours: Callable[[], None]


def plain_step(problem: Problem, model: EmerGNN) -> Callable[[], None]:
    """Prepare the step of the reference, with the weights of a model."""
    plain, network = PlainEmerGNN(model), problem.plain_network()
    pairs, kinds = problem.batch[:, :2], problem.batch[:, 2]
    return _step(plain, lambda: F.cross_entropy(plain(network, pairs), kinds, reduction="sum"))


def our_step(problem: Problem, model: EmerGNN) -> Callable[[], None]:
    """Prepare our step, tables of the batch's drugs included, since an epoch makes each once."""
    model.use(problem.network())
    model.flows(problem.batch[:, :2])
    return _step(model, lambda: model.loss(problem.batch))


def _step(model: torch.nn.Module, loss: Callable[[], Tensor]) -> Callable[[], None]:
    adam = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)

    def step() -> None:
        adam.zero_grad()
        loss().backward()
        adam.step()

    return step


def new_model(problem: Problem, **options: Any) -> EmerGNN:
    """Return a model with the first weights of seed 0."""
    return EmerGNN(problem.fingerprints, problem.ids, torch.Generator().manual_seed(0), **options)


def compare_steps(
    name: str, target: float, problem: Problem, pairs: int, repeats: int, **options: Any
) -> dict[str, Any]:
    """Time one step of the reference and the mean of some of ours, pair by pair.

    Args:
        name: of the benchmark.
        target: ratio that the project promises.
        problem: network and batch.
        pairs: how many pairs are timed.
        repeats: our steps timed at once, since one is too short to time beside a plain one.
        options: of the model.
    """
    model = new_model(problem, **options)
    plain, ours = plain_step(problem, model), our_step(problem, model)
    ours()
    timed = []
    for _ in range(pairs):
        slow, fast = spent(plain), spent(lambda: [ours() for _ in range(repeats)])
        timed.append((slow, type(fast)(fast.wall / repeats, fast.cpu / repeats)))
    return summary(name, target, timed)
