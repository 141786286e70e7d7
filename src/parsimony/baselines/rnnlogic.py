"""RNNLogic: chain rules by expectation and maximisation (Qu et al., ICLR 2021, arXiv 2010.04029; Table 6).

Not trained by gradient steps on one loss but in parts, which `RuleSearch` goes through:

    mine        rules that explain training facts; H of each, from a predictor trained with all of them
    pre-train   the generator writes the mined rules, each weighted by H
    E step      draw rules for every relation, train a predictor with them, H_k = how much rule k helps the answers
    M step      train the generator on posterior_k = H_k + 0.001 log P(rule k)
    finish      the generator's most probable rules; predictor+ is trained with them

Modules: `chain_rules` mines and walks, `rule_generator` writes, `rule_predictor` answers and computes H.

Departures. A posterior below 0 counts as 0: with the authors' division by the sum of the weights, a sum below 0
would turn the sign of all of them. Where no posterior is above 0, as with many rules for each relation, the M step
does nothing. The factor 1000 of their weights cancels in that division and is left out. Empty
bodies are left out when they are drawn, and P counts the stop of a body of full length as well. Of the mined rules
only the best supported of each relation are kept (`Budget.mined`).

Shapes: B queries, N entities, F facts with inverses, R relations without inverses, K rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from parsimony.baselines.chain_rules import Rule, best_supported, mine_rules, without_repeats
from parsimony.baselines.rule_generator import RuleGenerator
from parsimony.baselines.rule_predictor import Predictor, RulePredictor, RulePredictorPlus
from parsimony.data.fact_graph import FactGraph

PRIOR_WEIGHT = 0.001
MINED, PRETRAINING, EXPECTATION, MAXIMISATION, PLUS = (
    "mined rules", "pre-training", "expectation", "maximisation", "predictor+",
)  # fmt: skip
RATES = {MINED: 1e-3, PRETRAINING: 1e-3, EXPECTATION: 1e-3, MAXIMISATION: 1e-5, PLUS: 5e-3}  # of Adam


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much each stage does; the defaults are those published, but for `mined`.

    Attributes:
        mined: rules kept for each relation after mining.
        pretraining_steps: of the generator, on the mined rules.
        iterations: of E and M step.
        sampled: rules drawn for each relation in an E step.
        max_length: of bodies mined and drawn.
        maximisation_steps: of the generator in each M step.
        final: rules for each relation and longest body, of each beam search at the end; that of FB15k-237.
        passes: over the facts, in which predictor+ is trained.
        batch_size: facts of one relation in a step of a predictor.
        rule_batch_size: rules in a step of the generator.
    """

    mined: int = 1000
    pretraining_steps: int = 10_000
    iterations: int = 5
    sampled: int = 100
    max_length: int = 3
    maximisation_steps: int = 100
    final: tuple[tuple[int, int], ...] = ((100, 3),)
    passes: int = 5
    batch_size: int = 32
    rule_batch_size: int = 512


class Part(NamedTuple):
    """A finished part: the name of its stage, its number in that stage from 1, and the mean loss of its steps."""

    stage: str
    number: int
    loss: float


class RNNLogic(nn.Module):
    """Generator and, after a `RuleSearch`, the rules found and the predictor that answers with them.

    Unlike the other reasoners it has a number of entities, for each of which the predictor has a bias, and is trained
    by a `RuleSearch`. `predictor.loss(graph, queries, answers, generator)` serves to train the last stage further.

    Args:
        num_entities: N.
        num_relations: R, without inverses.
        generator: of the initial weights of the generator of rules.
        width: of the generator's vectors of relations.
        hidden: size of the generator's state.
        is_pna: how predictor+ brings rules together, as published for WN18RR; else by a sum.
    """

    def __init__(
        self,
        num_entities: int,
        num_relations: int,
        generator: torch.Generator,
        *,
        width: int = 512,
        hidden: int = 256,
        is_pna: bool = True,
    ) -> None:
        super().__init__()
        self.num_entities, self.num_relations, self.is_pna = num_entities, num_relations, is_pna
        self.generator = RuleGenerator(num_relations, generator, width=width, hidden=hidden)
        self.predictor: RulePredictorPlus | None = None

    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Score every entity with predictor+.

        Args:
            graph: facts that rules may walk.
            queries: head and relation, [B, 2].

        Returns:
            Logits, [B, N].

        Raises:
            ValueError: in training mode, before a search, or on a graph of other entities.
        """
        if self.predictor is None:
            raise ValueError(
                "RNNLogic has no rules yet; go through all parts of a RuleSearch before asking for scores."
            )
        return self.predictor.scores(graph, queries)


class RuleSearch:
    """The parts of RNNLogic, step by step, and all that a stopped search needs to go on alike.

    A part trains one network by a number of steps. Everything random in its steps is drawn in one order from
    `generator`, so the state of a search is, beside weights and optimiser, the generator's state at the first step.

    Args:
        model: with the initial weights of its generator; it is trained in place.
        graph: all training facts.
        generator: of everything drawn, weights of predictors included.
        budget: the published one if none is given.
    """

    def __init__(
        self, model: RNNLogic, graph: FactGraph, generator: torch.Generator, budget: Budget | None = None
    ) -> None:
        self.model, self.graph, self.generator = model, graph, generator
        self.budget = budget or Budget()
        self.parts = _parts(self.budget)
        self.done, self.step, self.loss = (
            0,
            0,
            0.0,
        )  # finished parts; of the next one, steps and the sum of their losses
        self.rules: tuple[Rule, ...] = ()
        self.weights = torch.empty(0)  # of the rules, for the generator
        self.network: Predictor | RuleGenerator | None = None
        self.optimiser: torch.optim.Adam | None = None
        self.draws = generator.get_state()

    def __iter__(self) -> Iterator[Part]:
        """Go through the parts that are left; after every "predictor+" the model gives `scores`."""
        while self.done < len(self.parts):
            yield self.finish_part()

    def finish_part(self, after_step: Callable[[int], None] = lambda steps: None) -> Part:
        """Finish the part in progress, or the next one.

        Args:
            after_step: hears how many steps the part has.
        """
        stage, number = self.parts[self.done]
        if self.network is None:
            self._begin(stage)
        self.draws = self.generator.get_state()
        self.network.train()
        steps, losses = self._steps(stage)
        for loss in islice(losses, self.step, None):
            self.optimiser.zero_grad()
            value = loss()
            value.backward()
            self.optimiser.step()
            self.step, self.loss = self.step + 1, self.loss + value.item()
            after_step(steps)
        self.network.eval()
        part = Part(stage, number, self.loss / max(self.step, 1))
        self._end(stage)
        self.done, self.step, self.loss, self.draws = self.done + 1, 0, 0.0, self.generator.get_state()
        return part

    def _begin(self, stage: str) -> None:
        """Take the rules of a part, and the network that it trains."""
        if stage in (MINED, EXPECTATION, PLUS):
            self.rules = without_repeats(self._proposed(stage))
        self.network = self._network(stage, self.generator)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=RATES[stage])
        if stage == PLUS:
            self.model.predictor = self.network

    def _proposed(self, stage: str) -> list[Rule]:
        """Return rules that explain facts, or that the generator draws or finds most probable."""
        model, budget = self.model, self.budget
        heads = range(2 * model.num_relations)
        if stage == MINED:
            return best_supported(mine_rules(self.graph, facts_of(self.graph), budget.max_length), budget.mined)
        if stage == EXPECTATION:
            size = budget.sampled, budget.max_length
            return [rule for head in heads for rule in model.generator.sample(head, *size, self.generator)]
        return [rule for size in budget.final for head in heads for rule in model.generator.best(head, *size)]

    def _network(self, stage: str, generator: torch.Generator) -> Predictor | RuleGenerator:
        """Return what a part trains, made for the rules of the search."""
        if stage in (PRETRAINING, MAXIMISATION):
            return self.model.generator
        size = self.model.num_entities, self.model.num_relations
        predictor = (
            RulePredictorPlus(*size, self.rules, generator, is_pna=self.model.is_pna)
            if stage == PLUS
            else RulePredictor(*size, self.rules)
        )
        return predictor.to(self.graph.tail.device)

    def _steps(self, stage: str) -> tuple[int, Iterator[Callable[[], Tensor]]]:
        """Return how many steps a part has, and the loss of each, to be computed when its turn comes."""
        if stage not in (PRETRAINING, MAXIMISATION):
            batches = batches_of(self.graph, self.budget.batch_size, self.generator)
            return len(batches), (partial(self._loss_of_facts, facts) for facts in batches)
        useful = (self.weights > 0).nonzero().squeeze(1)  # the others add nothing, and a batch of them has no mean
        steps = self.budget.pretraining_steps if stage == PRETRAINING else self.budget.maximisation_steps
        steps = steps if len(useful) else 0
        orders = (self._permuted(useful) for _ in range(steps))
        return steps, (partial(self._loss_of_rules, order[: self.budget.rule_batch_size]) for order in orders)

    def _permuted(self, numbers: Tensor) -> Tensor:
        order = torch.randperm(len(numbers), generator=self.generator, device=self.generator.device)
        return numbers[order.to(numbers.device)]

    def _loss_of_facts(self, facts: Tensor) -> Tensor:
        return self.network.loss(self.graph, facts[:, :2], facts[:, 2], self.generator)

    def _loss_of_rules(self, numbers: Tensor) -> Tensor:
        return self.model.generator.loss([self.rules[number] for number in numbers.tolist()], self.weights[numbers])

    def _end(self, stage: str) -> None:
        """Weigh the rules of a predictor for the generator; of the networks only predictor+ is trained further."""
        if stage in (MINED, EXPECTATION):
            self.weights = rule_scores(self.network, self.graph, self.budget)
        if stage == EXPECTATION:
            with torch.no_grad():
                prior = self.model.generator.log_probability(self.rules).sum(1)
            self.weights = (self.weights + PRIOR_WEIGHT * prior).clamp(min=0)
        if stage != PLUS:
            self.network = self.optimiser = None

    def state_dict(self) -> dict[str, Any]:
        """Return all that a resumed search needs to go on alike."""
        return {
            "done": self.done,
            "step": self.step,
            "loss": self.loss,
            "draws": self.draws,
            "rules": [[rule.head, *rule.body] for rule in self.rules],
            "weights": self.weights,
            "generator": dict(self.model.generator.state_dict()),
            "network": None if self.network is None else dict(self.network.state_dict()),
            "optimiser": None if self.optimiser is None else self.optimiser.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.done, self.step, self.loss = state["done"], state["step"], state["loss"]
        self.rules = tuple(Rule(head, tuple(body)) for head, *body in state["rules"])
        self.weights = state["weights"].to(self.graph.tail.device)
        self.model.generator.load_state_dict(state["generator"])
        self.generator.set_state(state["draws"])
        self.draws = state["draws"]
        if state["network"] is None:
            return
        stage = self.parts[min(self.done, len(self.parts) - 1)][0]
        self.network = self._network(stage, torch.Generator(self.generator.device))
        self.network.load_state_dict(state["network"])
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=RATES[stage])
        self.optimiser.load_state_dict(state["optimiser"])
        if stage == PLUS:
            self.model.predictor = self.network.eval()


def _parts(budget: Budget) -> list[tuple[str, int]]:
    """Return stage and number of every part, in order."""
    steps = [(stage, number) for number in range(1, budget.iterations + 1) for stage in (EXPECTATION, MAXIMISATION)]
    return [(MINED, 1), (PRETRAINING, 1), *steps, *((PLUS, number) for number in range(1, budget.passes + 1))]


def facts_of(graph: FactGraph) -> Tensor:
    """Return head, relation and tail of every edge, inverses included, [F, 3]."""
    return torch.stack([graph.head, graph.relation, graph.tail], 1)


def batches_of(graph: FactGraph, size: int, generator: torch.Generator | None = None) -> list[Tensor]:
    """Divide the facts into batches [., 3] of one relation; in random order if there is a generator."""
    facts = facts_of(graph)
    if generator is not None:
        facts = facts[torch.randperm(len(facts), generator=generator, device=generator.device).to(facts.device)]
    batches = [
        part
        for relation in range(2 * graph.num_relations)
        for part in facts[facts[:, 1] == relation].split(size)
        if len(part)
    ]
    if generator is None:
        return batches
    return [batches[i] for i in torch.randperm(len(batches), generator=generator, device=generator.device).tolist()]


def rule_scores(predictor: RulePredictor, graph: FactGraph, budget: Budget) -> Tensor:
    """Return H of every rule, [K]."""
    total = torch.zeros_like(predictor.w.data)
    for facts in batches_of(graph, budget.batch_size):
        total += predictor.rule_scores(graph, facts[:, :2], facts[:, 2])
    return total / graph.num_edges
