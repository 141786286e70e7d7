"""DRUM against products of dense matrices; values by hand; renaming; the rules it learns."""

import pytest
import torch
from torch import Tensor

from parsimony.baselines.chain_rules import Rule, RuleTree
from parsimony.baselines.drum import DRUM, chain_rules
from parsimony.data.fact_graph import FactGraph
from planted_facts import (
    BROTHER,
    PARENT,
    UNCLE,
    edges_of,
    mean_reciprocal_rank,
    planted_facts,
    random_graph,
    renamed,
    train,
)

QUERIES = torch.tensor([[0, 0], [3, 3], [8, 1], [0, 0]])


def small_model(**options) -> DRUM:
    return DRUM(2, torch.Generator().manual_seed(0), **{"hops": 3, "num_mixtures": 2, "width": 6, **options}).eval()


def plain_scores(model: DRUM, edges: list[tuple[int, int, int]], size: int, query: Tensor) -> Tensor:
    """Multiply with the adjacency matrix of every operator, mixture by mixture."""
    M = torch.zeros(5, size, size)
    for h, r, t in edges:
        M[r, t, h] = 1
    M[4] = torch.eye(size)
    p = torch.zeros(size)
    for reader in model.readers:
        states, _ = reader(model.query[query[1]].expand(1, model.hops, -1))
        u = torch.eye(size)[query[0]]
        for a in torch.softmax(model.W(states[0]), 1):
            u = sum(a[k] * M[k] @ u for k in range(5))
            u = u / u.abs().sum().clamp(min=1e-20)
        p = p + u
    return p


def test_scores_equal_the_plain_form() -> None:
    """Equal queries, an inverse one and a head without facts: to 1e-6."""
    graph, model = random_graph(), small_model()
    expected = torch.stack([plain_scores(model, edges_of(graph), 9, query) for query in QUERIES])
    assert torch.allclose(expected, model.scores(graph, QUERIES), atol=1e-6)


def test_loss_equals_the_plain_form_without_the_facts_of_the_batch() -> None:
    """Facts are hidden for all queries, in both directions; same loss and gradients."""
    graph, model = random_graph(), small_model()
    facts = torch.tensor(edges_of(graph)[::6])
    gone = {(h, r, t) for h, r, t in facts.tolist()} | {(t, (r + 2) % 4, h) for h, r, t in facts.tolist()}
    edges = [one for one in edges_of(graph) if one not in gone]
    p = torch.stack(
        [plain_scores(model, edges, 9, query)[answer] for query, answer in zip(facts, facts[:, 2], strict=True)]
    )
    expected = -p.clamp(min=1e-20).log().mean()
    found = model.loss(graph, facts[:, :2], facts[:, 2], torch.Generator())
    assert expected.item() == pytest.approx(found.item(), rel=1e-5)
    gradients = [torch.autograd.grad(loss, list(model.parameters())) for loss in (expected, found)]
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def fix_choices(model: DRUM, choices: list[list[float]]) -> None:
    model.choices = lambda relations: torch.tensor(choices).expand(len(relations), -1, -1).unsqueeze(-1)


def test_scores_by_hand() -> None:
    """0 -> 1 -> 2 with a_1 = (3/4, identity 1/4), a_2 = (1/2, identity 1/2).

    u_1 = (1/4, 3/4, 0); u_2 = (1/8, 1/8 + 3/8, 3/8), which add up to 1, so that no division changes them.
    """
    model = DRUM(1, torch.Generator().manual_seed(0), num_mixtures=1, width=4).eval()
    fix_choices(model, [[0.75, 0.0, 0.25], [0.5, 0.0, 0.5]])
    graph = FactGraph.of(torch.tensor([[0, 0, 1], [1, 0, 2]]), 3, 1)
    assert [0.125, 0.5, 0.375] == pytest.approx(model.scores(graph, torch.tensor([[0, 0]]))[0].tolist())


def test_chain_rules_by_hand() -> None:
    """The same choices: r, once early and once late, 3/8 + 1/8; r r 3/8; the head itself 1/8."""
    model = DRUM(1, torch.Generator().manual_seed(0), num_mixtures=1, width=4)
    fix_choices(model, [[0.75, 0.0, 0.25], [0.5, 0.0, 0.5]])
    expected = {(0,): 0.5, (0, 0): 0.375, (): 0.125}
    assert expected == pytest.approx(dict(chain_rules(model, 0, 3)))


def test_renaming_entities_permutes_scores() -> None:
    """The walk knows entities by their edges only."""
    graph, model = random_graph(), small_model()
    new = torch.randperm(9, generator=torch.Generator().manual_seed(3))
    asked = torch.stack([new[QUERIES[:, 0]], QUERIES[:, 1]], 1)
    expected, found = model.scores(graph, QUERIES), model.scores(renamed(graph, new), asked)
    assert torch.allclose(expected, found[:, new], atol=1e-6)


def test_learns_and_tells_the_planted_rule() -> None:
    """Parent, brother is the heaviest chain that children can walk, and answers families whose uncle was not given."""
    planted = planted_facts()
    graph = planted.graph(planted.others, planted.uncles)
    model = DRUM(4, torch.Generator().manual_seed(0), width=16)
    train(model, graph, planted.uncles, 40, 2e-2)
    tree = RuleTree(tuple(Rule(UNCLE, body) for body, _ in chain_rules(model, UNCLE, 81) if body), 8)
    walked = tree.ground(planted.graph(planted.others), planted.asked[:, :2]).rule
    assert (PARENT, BROTHER) == tree.rules[int(walked.min())].body
    assert 1.0 == mean_reciprocal_rank(model, graph, planted.asked)
