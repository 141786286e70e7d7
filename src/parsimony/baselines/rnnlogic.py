"""RNNLogic: chain rules by expectation and maximisation (Qu et al., ICLR 2021, arXiv 2010.04029; Table 6).

Not trained by gradient steps on one loss but in stages, which `fit` goes through:

    mine        rules that explain training facts; H of each, from a predictor trained with all of them
    pre-train   the generator writes the mined rules, each weighted by H
    E step      draw rules for every relation, train a predictor with them, H_k = how much rule k helps the answers
    M step      train the generator on posterior_k = H_k + 0.001 log P(rule k)
    finish      the generator's most probable rules; predictor+ is trained with them

Modules: `chain_rules` mines and walks, `rule_generator` writes, `rule_predictor` answers and computes H.

Departures. A posterior below 0 counts as 0: with the authors' division by the sum of the weights, a sum below 0
would turn the sign of all of them. The factor 1000 of their weights cancels in that division and is left out. Empty
bodies are left out when they are drawn, and P counts the stop of a body of full length as well. Of the mined rules
only the best supported of each relation are kept (`Budget.mined`).

Shapes: B queries, N entities, F facts with inverses, R relations without inverses, K rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from parsimony.baselines.chain_rules import Rule, best_supported, mine_rules
from parsimony.baselines.rule_generator import RuleGenerator
from parsimony.baselines.rule_predictor import Predictor, RulePredictor, RulePredictorPlus
from parsimony.data.fact_graph import FactGraph

PRIOR_WEIGHT = 0.001


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


class Progress(NamedTuple):
    """A finished part of a stage: its name, its number from 1, and the mean loss."""

    stage: str
    number: int
    loss: float


class RNNLogic(nn.Module):
    """Generator and, after `fit`, the rules found and the predictor that answers with them.

    Unlike the other reasoners it has a number of entities, for each of which the predictor has a bias, and is trained
    by `fit`. `predictor.loss(graph, queries, answers, generator)` serves to train the last stage further.

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

    def fit(self, graph: FactGraph, generator: torch.Generator, budget: Budget | None = None) -> Iterator[Progress]:
        """Go through the stages; the caller iterates, and may ask for `scores` after every "predictor+".

        Args:
            graph: all training facts.
            generator: of everything drawn, weights of predictors included.
            budget: the published one if none is given.

        Yields:
            What was finished, stage after stage.
        """
        budget = budget or Budget()
        yield from self._pretrain(graph, generator, budget)
        for number in range(1, budget.iterations + 1):
            yield from self._iterate(graph, generator, budget, number)
        yield from self._finish(graph, generator, budget)

    def scores(self, graph: FactGraph, queries: Tensor) -> Tensor:
        """Score every entity with predictor+.

        Args:
            graph: facts that rules may walk.
            queries: head and relation, [B, 2].

        Returns:
            Logits, [B, N].

        Raises:
            ValueError: in training mode, before `fit`, or on a graph of other entities.
        """
        if self.predictor is None:
            raise ValueError("RNNLogic has no rules yet; go through all stages of fit() before asking for scores.")
        return self.predictor.scores(graph, queries)

    def _pretrain(self, graph: FactGraph, generator: torch.Generator, budget: Budget) -> Iterator[Progress]:
        rules = best_supported(mine_rules(graph, facts_of(graph), budget.max_length), budget.mined)
        predictor, loss = self._weigh(rules, graph, generator, budget)
        yield Progress("mined rules", 1, loss)
        H = rule_scores(predictor, graph, budget)
        loss = self._train_generator(predictor.tree.rules, H, generator, budget, budget.pretraining_steps, 1e-3)
        yield Progress("pre-training", 1, loss)

    def _iterate(self, graph: FactGraph, generator: torch.Generator, budget: Budget, number: int) -> Iterator[Progress]:
        """Take one E step and one M step."""
        heads = range(2 * self.num_relations)
        size = budget.sampled, budget.max_length
        drawn = [rule for head in heads for rule in self.generator.sample(head, *size, generator)]
        predictor, loss = self._weigh(drawn, graph, generator, budget)
        yield Progress("expectation", number, loss)
        rules = predictor.tree.rules
        with torch.no_grad():
            prior = self.generator.log_probability(rules).sum(1)
        posterior = (rule_scores(predictor, graph, budget) + PRIOR_WEIGHT * prior).clamp(min=0)
        loss = self._train_generator(rules, posterior, generator, budget, budget.maximisation_steps, 1e-5)
        yield Progress("maximisation", number, loss)

    def _finish(self, graph: FactGraph, generator: torch.Generator, budget: Budget) -> Iterator[Progress]:
        heads = range(2 * self.num_relations)
        rules = [rule for size in budget.final for head in heads for rule in self.generator.best(head, *size)]
        predictor = RulePredictorPlus(self.num_entities, self.num_relations, rules, generator, is_pna=self.is_pna)
        self.predictor = predictor.to(graph.tail.device)
        optimiser = torch.optim.Adam(predictor.parameters(), lr=5e-3)
        for number in range(1, budget.passes + 1):
            self.predictor.train()
            loss = train_predictor(self.predictor, optimiser, graph, generator, budget.batch_size)
            self.predictor.eval()
            yield Progress("predictor+", number, loss)

    def _weigh(
        self, rules: Sequence[Rule], graph: FactGraph, generator: torch.Generator, budget: Budget
    ) -> tuple[RulePredictor, float]:
        """Train a predictor with rules; return it and its mean loss."""
        predictor = RulePredictor(self.num_entities, self.num_relations, rules).to(graph.tail.device)
        optimiser = torch.optim.Adam(predictor.parameters(), lr=1e-3)
        return predictor, train_predictor(predictor, optimiser, graph, generator, budget.batch_size)

    def _train_generator(
        self,
        rules: Sequence[Rule],
        weights: Tensor,
        generator: torch.Generator,
        budget: Budget,
        steps: int,
        learning_rate: float,
    ) -> float:
        """Train the generator on batches of weighted rules; return the mean loss."""
        optimiser, losses = torch.optim.Adam(self.generator.parameters(), lr=learning_rate), []
        useful = (weights > 0).nonzero().squeeze(1)  # the others add nothing, and a batch of them has no mean
        for _ in range(steps if len(useful) else 0):
            order = torch.randperm(len(useful), generator=generator, device=generator.device)
            part = useful[order[: budget.rule_batch_size].to(useful.device)]
            loss = self.generator.loss([rules[i] for i in part.tolist()], weights[part])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        return sum(losses) / max(len(losses), 1)


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


def train_predictor(
    predictor: Predictor,
    optimiser: torch.optim.Optimizer,
    graph: FactGraph,
    generator: torch.Generator,
    batch_size: int,
) -> float:
    """Train a predictor in one pass over the facts; return the mean loss."""
    losses = []
    for facts in batches_of(graph, batch_size, generator):
        loss = predictor.loss(graph, facts[:, :2], facts[:, 2], generator)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


def rule_scores(predictor: RulePredictor, graph: FactGraph, budget: Budget) -> Tensor:
    """Return H of every rule, [K]."""
    total = torch.zeros_like(predictor.w.data)
    for facts in batches_of(graph, budget.batch_size):
        total += predictor.rule_scores(graph, facts[:, :2], facts[:, 2])
    return total / graph.num_edges
