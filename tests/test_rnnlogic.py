"""RNNLogic's parts against plain loops and values by hand; the whole on a planted rule."""

import math
from itertools import product

import pytest
import torch
from torch import Tensor

from parsimony.baselines.chain_rules import Rule, RuleTree, best_supported, mine_rules
from parsimony.baselines.rnnlogic import Budget, RNNLogic, RuleSearch, batches_of, facts_of
from parsimony.baselines.rule_generator import RuleGenerator
from parsimony.baselines.rule_predictor import Candidates, RulePredictor, RulePredictorPlus, pna
from parsimony.data.fact_graph import FactGraph
from planted_facts import BROTHER, PARENT, UNCLE, edges_of, mean_reciprocal_rank, planted_facts, random_graph, renamed

RULES = (Rule(0, (1,)), Rule(0, (0, 1)), Rule(0, (0, 2, 0)), Rule(3, (1, 1)), Rule(3, (2,)))
QUERIES, ANSWERS = torch.tensor([[0, 0], [3, 3], [8, 0]]), torch.tensor([1, 2, 4])


def plain_rules(edges: list[tuple[int, int, int]], fact: tuple[int, int, int], max_length: int) -> set[Rule]:
    """Walk from the head in every way until the tail is reached, without the fact."""
    head, asked, tail = fact
    found, walks = set(), [(head, ())]
    for _ in range(max_length):
        steps = [(t, (*body, r)) for e, body in walks for s, r, t in edges if s == e and (s, r, t) != fact]
        found |= {Rule(asked, body) for e, body in steps if e == tail}
        walks = [(e, body) for e, body in steps if e != tail]
    return found


def test_mining_equals_the_plain_search() -> None:
    """Every rule, and how many facts it explains."""
    graph = random_graph(count=12)
    facts, expected = edges_of(graph)[::2], {}
    for fact in facts:
        for rule in plain_rules(edges_of(graph), fact, 3):
            expected[rule] = expected.get(rule, 0) + 1
    assert expected == mine_rules(graph, torch.tensor(facts), 3, batch_size=5)


def test_mining_by_hand() -> None:
    """0 -p-> 1 -b-> 2 and 0 -u-> 2: uncle is parent, brother; the trivial rule is not found."""
    graph = FactGraph.of(torch.tensor([[0, 0, 1], [1, 1, 2], [0, 2, 2]]), 3, 3)
    assert {Rule(2, (0, 1)): 1} == mine_rules(graph, torch.tensor([[0, 2, 2]]))


def test_best_supported_by_hand() -> None:
    """The first of each head; of equal ones the smaller."""
    mined = {Rule(0, (1,)): 2, Rule(0, (2,)): 5, Rule(1, (3,)): 1, Rule(1, (2,)): 1}
    assert [Rule(0, (2,)), Rule(1, (2,))] == best_supported(mined, 1)


def plain_count(graph: FactGraph, query: Tensor, answer: Tensor | None, body: tuple[int, ...]) -> Tensor:
    """Multiply with one adjacency matrix after the other."""
    head, asked = query.tolist()
    x = torch.eye(graph.num_entities)[head]
    for relation in body:
        M = torch.zeros(graph.num_entities, graph.num_entities)
        for h, r, t in edges_of(graph):
            is_own = answer is not None and (h, r, t) == (head, asked, int(answer))
            if r == relation and not is_own:
                M[t, h] = 1
        x = M @ x
    return x


@pytest.mark.parametrize("is_own_hidden", [False, True])
def test_groundings_equal_the_plain_count(is_own_hidden: bool) -> None:
    """Rules of the query's relation only; the own fact of each row is not walked."""
    graph = random_graph()
    queries, answers = (torch.tensor(edges_of(graph))[:12, part] for part in (slice(0, 2), 2))
    walks = RuleTree(RULES, 4).ground(graph, queries, answers if is_own_hidden else None)
    found = torch.zeros(len(queries), len(RULES), 9).index_put((walks.row, walks.rule, walks.entity), walks.count)
    for row, query in enumerate(queries):
        for number, rule in enumerate(RULES):
            count = plain_count(graph, query, answers[row] if is_own_hidden else None, rule.body)
            assert (count * (rule.head == query[1])).tolist() == found[row, number].tolist()


def chain_model() -> tuple[RulePredictor, FactGraph]:
    """0 -> 1 -> 2 and 0 -> 2 by relation 0; rules r <- r and r <- r r with weights 2 and 3, bias 10 of entity 2."""
    model = RulePredictor(3, 1, [Rule(0, (0,)), Rule(0, (0, 0))]).eval()
    with torch.no_grad():
        model.w.copy_(torch.tensor([2.0, 3.0]))
        model.bias[2] = 10.0
    return model, FactGraph.of(torch.tensor([[0, 0, 1], [1, 0, 2], [0, 0, 2]]), 3, 1)


def test_predictor_by_hand() -> None:
    """Entity 1 by r once, entity 2 by r and by r r: 2 and 10 + 2 + 3."""
    model, graph = chain_model()
    assert [0.0, 2.0, 15.0] == model.scores(graph, torch.tensor([[0, 0]]))[0].tolist()


def test_predictor_loss_by_hand() -> None:
    """Fact (0, r, 2) is not walked: logits 0, 2, 13; targets 0.2 of entity 1, 1 of entity 2, over their sum."""
    model, graph = chain_model()
    log_p = torch.log_softmax(torch.tensor([0.0, 2.0, 13.0]), 0)
    expected = -(0.2 * log_p[1] + log_p[2]) / 1.2
    found = model.loss(graph, torch.tensor([[0, 0]]), torch.tensor([2]), torch.Generator())
    assert expected.item() == pytest.approx(found.item())


def test_rule_scores_by_hand() -> None:
    """Same fact: r reaches 1 (2), r r reaches 2 (3); gains 0 - 2/2 and 3 - 3/2."""
    model, graph = chain_model()
    expected = torch.softmax(torch.tensor([-1.0, 1.5]), 0)
    found = model.rule_scores(graph, torch.tensor([[0, 0]]), torch.tensor([2]))
    assert torch.allclose(expected, found)


def plain_pna(v: Tensor, count: Tensor) -> Tensor:
    """Return mean, min, max, std of rows v [K, D] with multiplicities [K]."""
    number = 1 + count.sum()
    mean = sum(n * row for n, row in zip(count, v, strict=True)) / number
    square = sum(n * row**2 for n, row in zip(count, v, strict=True)) / number
    return torch.cat([mean, v.amin(0), v.amax(0), (square - mean**2).clamp(min=1e-6).sqrt()])


@pytest.mark.parametrize("is_pna", [False, True])
@pytest.mark.parametrize("reads_bodies", [False, True])
def test_predictor_plus_equals_the_plain_form(is_pna: bool, reads_bodies: bool) -> None:
    """Entity by entity, rule by rule: to 1e-5."""
    graph, generator = random_graph(), torch.Generator().manual_seed(0)
    model = RulePredictorPlus(9, 2, RULES, generator, width=4, is_pna=is_pna, reads_bodies=reads_bodies).eval()
    torch.nn.init.normal_(model.bias.data, generator=generator)
    vectors, found = model.vectors(), model.scores(graph, QUERIES)
    for row, query in enumerate(QUERIES):
        numbers = [i for i, rule in enumerate(RULES) if rule.head == query[1]]
        counts = torch.stack([plain_count(graph, query, None, RULES[i].body) for i in numbers])
        reached = counts.sum(0).nonzero().flatten().tolist()
        logs = [math.log(1 + counts[:, e].sum()) for e in reached]
        expected = model.bias.clone()
        for e, log in zip(reached, logs, strict=True):
            n, v = counts[:, e], vectors[numbers]
            x = (n.unsqueeze(1) * v).sum(0)
            if is_pna:
                f, s = plain_pna(v[n > 0], n[n > 0]), log / (sum(logs) / len(logs))
                x = torch.cat([f, f * s, f / s])
            x = torch.relu(model.norm(model.W(x)))
            expected[e] += model.mlp(torch.cat([x, model.relation[query[1]]]))[0]
        assert torch.allclose(expected, found[row], atol=1e-5)


def test_rules_are_read_to_their_end() -> None:
    """The vector of a short rule does not depend on the longer ones beside it."""
    long, short = (
        RulePredictorPlus(9, 2, rules, torch.Generator().manual_seed(0), reads_bodies=True).vectors()
        for rules in (RULES, RULES[:1])
    )
    assert torch.allclose(long[0], short[0], atol=1e-6)


def test_nothing_reached_is_no_error() -> None:
    """Without groundings only biases are left, and PNA of nothing is nothing."""
    empty = torch.empty(0, dtype=torch.long)
    assert (0, 12) == pna(torch.empty(0, 1), torch.empty(0), Candidates(empty, empty)).shape
    model = RulePredictorPlus(9, 2, RULES, torch.Generator().manual_seed(0)).eval()
    assert not model.scores(random_graph(), QUERIES[2:]).any()


def test_renaming_entities_permutes_scores() -> None:
    """Rules know entities by their edges; biases are at first equal."""
    graph, new = random_graph(), torch.randperm(9, generator=torch.Generator().manual_seed(3))
    asked = torch.stack([new[QUERIES[:, 0]], QUERIES[:, 1]], 1)
    model = RulePredictorPlus(9, 2, RULES, torch.Generator().manual_seed(0)).eval()
    assert torch.allclose(model.scores(graph, QUERIES), model.scores(renamed(graph, new), asked)[:, new], atol=1e-5)


def test_probabilities_of_all_bodies_add_up_to_one() -> None:
    """Bodies of 0 and 1 relations that stop, and all beginnings of length 2 whether or not they stop."""
    model = RuleGenerator(1, torch.Generator().manual_seed(0), width=4, hidden=5)
    bodies = [body for length in range(3) for body in product(range(2), repeat=length)]
    found = model.log_probability([Rule(1, body) for body in bodies])
    exact = [row[: len(body) + (len(body) < 2)].sum().exp().item() for row, body in zip(found, bodies, strict=True)]
    assert 1.0 == pytest.approx(sum(exact))


def test_beam_search_equals_the_exhaustive_one() -> None:
    """With a beam that drops nothing, the order is that of log P, sharpened by the temperature."""
    model = RuleGenerator(1, torch.Generator().manual_seed(0), width=4, hidden=5)
    bodies = [body for length in range(3) for body in product(range(2), repeat=length)]
    score = {body: 0.0 for body in bodies}
    for body in bodies:
        for end in range(len(body) + 1):
            logits, _ = model(torch.tensor([[1, *body[:end]]]), torch.tensor([1]))
            score[body] += torch.log_softmax(logits[0, -1] / 0.2, 0)[(*body, 2)[end]].item()
    expected = sorted(bodies, key=lambda body: -score[body])
    assert [Rule(1, body) for body in expected] == model.best(1, 100, 2)
    assert [Rule(1, body) for body in expected[:1]] == model.best(1, 4, 2)[:1]


def test_samples_follow_the_probabilities() -> None:
    """A generator that always writes relation 1, then stops, draws that rule alone."""
    model = RuleGenerator(1, torch.Generator().manual_seed(0), width=4, hidden=5)
    with torch.no_grad():
        model.W.weight.zero_()
        model.W.bias.copy_(torch.tensor([-50.0, 50.0, -50.0]))
    assert [Rule(0, (1, 1))] == model.sample(0, 5, 2, torch.Generator().manual_seed(0))


def test_batches_have_one_relation_and_every_fact() -> None:
    """In any order, each of the facts once."""
    graph = random_graph()
    batches = batches_of(graph, 4, torch.Generator().manual_seed(0))
    assert all(len(part) <= 4 and len(set(part[:, 1].tolist())) == 1 for part in batches)
    assert sorted(facts_of(graph).tolist()) == sorted(torch.cat(batches).tolist())


BUDGET = Budget(
    mined=20,
    pretraining_steps=300,
    iterations=1,
    sampled=10,
    max_length=2,
    maximisation_steps=5,
    final=((10, 2),),
    passes=4,
)


def test_a_search_finds_the_planted_rule() -> None:
    """All parts, small: parent, brother is among the rules for uncle, and families whose uncle is asked get theirs."""
    planted = planted_facts()
    graph = planted.graph(planted.others, planted.uncles)
    model = RNNLogic(planted.num_entities, 4, torch.Generator().manual_seed(0), width=32, hidden=64)
    with pytest.raises(ValueError, match="no rules yet"):
        model.scores(graph, planted.asked[:, :2])
    parts = list(RuleSearch(model, graph, torch.Generator().manual_seed(1), BUDGET))
    expected = ["mined rules", "pre-training", "expectation", "maximisation", *4 * ["predictor+"]]
    assert expected == [one.stage for one in parts]
    assert parts[-1].loss < parts[-4].loss
    assert Rule(UNCLE, (PARENT, BROTHER)) in model.predictor.tree.rules
    assert mean_reciprocal_rank(model, graph, planted.asked) > 0.8


def test_other_entities_are_refused() -> None:
    """A bias belongs to an entity, so a graph of others is no input."""
    with pytest.raises(ValueError, match="graph of 9 entities given, but the model has a bias for each of 3"):
        chain_model()[0].scores(random_graph(), QUERIES)
