"""The relation graph: equal to its plain form with all pairs, and to loops; by hand; invariances; wrong inputs."""

import math

import pytest
import torch
from benchmarks.plain_relation_graph import nodes_of, refine_plainly
from torch import Tensor

from parsimony.nn.relation_graph import Nodes, RelationGraph, RelationLayer, keep_largest, symmetric_matrix


def graph(num_layers: int = 3) -> RelationGraph:
    """Return a graph whose similarities differ more than those of initial weights do."""
    made = RelationGraph(torch.Generator().manual_seed(0), num_layers, width=6).double().eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(3)
    return made


def features(tasks: int = 2, n: int = 6, queries: int = 4, seed: int = 1) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(tasks, size, 6, generator=generator, dtype=torch.float64) for size in (n, queries))


@pytest.mark.parametrize("k", [1, 3, 6])
def test_nodes_relations_and_gradients_equal_the_plain_reference(k: int) -> None:
    """Of every layer, task by task."""
    model, (support, query) = graph(), features()
    gradients = []
    ours = model(support, query, k)
    for task in range(2):
        plain = refine_plainly(model, nodes_of(support[task], query[task]), k)
        for (x, A), (nodes, relations) in zip(plain, ours, strict=True):
            assert torch.allclose(x, nodes.every()[task], atol=1e-10)
            assert torch.allclose(A[:, :-1], relations.support[task], atol=1e-10)
            assert torch.allclose(A[:, -1, :-1], relations.query[task], atol=1e-10)
    plain = sum(refine_plainly(model, nodes_of(support[t], query[t]), k)[-1][0].square().sum() for t in range(2))
    for loss in (plain, ours[-1][0].every().square().sum()):
        gradients.append(torch.autograd.grad(loss, list(model.parameters())))
    assert all(torch.allclose(a, b, atol=1e-10) for a, b in zip(*gradients, strict=True))


def test_queries_alone_equal_the_whole_graph() -> None:
    """The last layer leaves out what nobody asks for."""
    model, (support, query) = graph(), features()
    nodes, relations = model(support, query, 3)[-1]
    found, rows = model.queries(support, query, 3)
    assert torch.allclose(nodes.query, found, atol=1e-12)
    assert torch.allclose(relations.query, rows, atol=1e-12)


def test_similarity_equals_a_loop() -> None:
    """Pair by pair and number by number."""
    layer, (support, query) = graph().layers[0], features(tasks=1, n=3, queries=1)
    first, second, last = (layer.similarity[k] for k in (0, 2, 4))

    def leaky(values: list[float]) -> list[float]:
        return [value if value > 0 else 0.01 * value for value in values]

    def product(matrix: Tensor, values: list[float]) -> list[float]:
        return [sum(w * v for w, v in zip(row, values, strict=True)) for row in matrix.tolist()]

    def compare(x: list[float], y: list[float]) -> float:
        near = [math.exp(-abs(a - b)) for a, b in zip(x, y, strict=True)]
        hidden = leaky(product(second.weight, leaky(product(first.weight, near))))
        return 1 / (1 + math.exp(-product(last.weight, hidden)[0] - last.bias.item()))

    rows = [*support[0].tolist(), *query[0].tolist()]
    expected = [[0.0 if i == j else compare(rows[i], rows[j]) for j in range(4)] for i in range(3)]
    _, A = layer(Nodes(support, query[0]), 3)
    assert torch.allclose(torch.tensor(expected, dtype=torch.float64), A.support[0], atol=1e-12)


def test_node_update_by_hand() -> None:
    """Support 2 and 4, query 8, all similarities 1/2, two neighbours: each node plus the mean of the others."""
    layer = RelationLayer(1, torch.Generator())
    with torch.no_grad():
        for parameter in layer.similarity.parameters():
            parameter.zero_()
        layer.W_r.weight.fill_(1.0)
    nodes, A = layer(Nodes(torch.tensor([[[2.0], [4.0]]]), torch.tensor([[8.0]])), 2)
    assert [[8.0], [9.0], [11.0]] == nodes.every()[0].tolist()
    assert [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5]] == A.support[0].tolist()
    assert [[0.5, 0.5]] == A.query.tolist()


def test_largest_entries_by_hand() -> None:
    """Kept entries keep their value; of three equal ones the first two stay."""
    assert [[0.0, 0.75, 0.0, 0.5]] == keep_largest(torch.tensor([[0.1, 0.75, 0.3, 0.5]]), 2).tolist()
    assert [[0.5, 0.5, 0.0, 0.0]] == keep_largest(torch.tensor([[0.5, 0.5, 0.5, 0.1]]), 2).tolist()


def test_symmetric_matrix_by_hand() -> None:
    """Pairs 01, 02, 12."""
    assert [[0, 1, 2], [1, 0, 3], [2, 3, 0]] == symmetric_matrix(torch.tensor([1, 2, 3]), 3).tolist()


def test_order_of_nodes_does_not_matter() -> None:
    """A support node in another place stays the same node; queries do not see each other."""
    model, (support, query) = graph(), features()
    order, turn = torch.tensor([2, 0, 5, 1, 4, 3]), torch.tensor([3, 1, 0, 2])
    expected, found = model(support, query, 3)[-1][0], model(support[:, order], query[:, turn], 3)[-1][0]
    assert torch.allclose(expected.query[:, turn], found.query, atol=1e-12)
    assert torch.allclose(expected.support[:, turn][:, :, order], found.support, atol=1e-12)
    assert torch.allclose(expected.query[:, :1], model.queries(support, query[:, :1], 3)[0], atol=1e-12)


def test_parameters_of_the_paper() -> None:
    """65,665 for the similarity, 32,768 for the node update."""
    layer = RelationGraph(torch.Generator(), 1).layers[0]
    assert 65_665 == sum(one.numel() for one in layer.similarity.parameters())
    assert 32_768 == layer.W_r.weight.numel()


def test_dropout_is_for_training_only() -> None:
    """Every call of a training model differs."""
    model, (support, query) = graph().train(), features()
    assert not torch.equal(model.queries(support, query, 3)[0], model.queries(support, query, 3)[0])
    assert torch.equal(model.eval().queries(support, query, 3)[0], model.queries(support, query, 3)[0])


@pytest.mark.parametrize("k", [0, 7])
def test_impossible_neighbours_are_named(k: int) -> None:
    """A node of a graph with six support nodes has six others."""
    with pytest.raises(ValueError, match=f"{k} neighbours asked; a node has 6 others. Ask for 1 to 6"):
        graph()(*features(), k)
