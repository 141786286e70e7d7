"""Interstellar against its plain form, step by step; values by hand; paths; renaming of entities."""

import math

import pytest
import torch
from torch import Tensor

from parsimony.baselines.interstellar import Cell, Interstellar, sample_paths
from parsimony.baselines.interstellar_architecture import CHOICES, PUBLISHED
from parsimony.data.knowledge_graph import with_inverses

ENTITIES, RELATIONS, WIDTH = 11, 3, 6
PATHS = torch.tensor([[0, 1, 2, 4, 3, 0, 5], [7, 5, 7, 2, 8, 3, 10]])
ARCHITECTURES = {
    **PUBLISHED,
    "everything": (3, 5, 11, 2, 1, 1, 1, 1, 1, 1, 1),  # gate, x = h_{t-1}, y = o, all matrices
    "zero": (1, 12, 7, 2, 2, 0, 1, 0, 1, 0, 1),  # x = 0: the state is the relation alone
}


def random_graph() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    parts = [torch.randint(bound, (40,), generator=generator) for bound in (ENTITIES, RELATIONS, ENTITIES)]
    return with_inverses(torch.unique(torch.stack(parts, 1), dim=0), RELATIONS)


def small_model(architecture: tuple[int, ...]) -> Interstellar:
    torch.manual_seed(0)
    return Interstellar(ENTITIES, RELATIONS, WIDTH, architecture)


def plain_operator(code: int, x: Tensor, h: Tensor, cell: Cell) -> Tensor:
    """One operator on two vectors, number by number where it is a complex product."""
    if code == 2:
        half = len(x) // 2
        real = [x[i] * h[i] - x[i + half] * h[i + half] for i in range(half)]
        return torch.stack(real + [x[i] * h[i + half] + x[i + half] * h[i] for i in range(half)])
    if code == 3:
        g = 1 / (1 + torch.exp(-(cell.gate.V.weight @ torch.cat([x, h]) + cell.gate.V.bias)))
        return g * h + (1 - g) * x
    return x + h if code == 0 else x * h


def plain_pass(
    model: Interstellar, code: tuple[int, ...], path: list[int], tables: tuple[Tensor, Tensor], turn: bool
) -> list[Tensor]:
    """Scores of all entities at each of the three steps of one path, by the equations."""
    cell, (source, target) = model.cell, tables
    activations = (lambda x: x, torch.tanh, torch.sigmoid)
    h, scores = source[path[0]], []
    for step in range(3):
        s, relation = source[path[2 * step]], path[2 * step + 1]
        r = model.R.weight[(relation + RELATIONS) % (2 * RELATIONS) if turn else relation]
        W = cell.W
        o = activations[code[3]](plain_operator(code[0], W[0](s), W[1](h), cell))
        x, y = ((s, h, o, torch.zeros(WIDTH))[one // 4] for one in code[1:3])
        h = activations[code[4]](plain_operator(code[1] % 4, W[2](x), W[3](r), cell))
        scores.append(target @ plain_operator(code[2] % 4, W[4](y), W[5](h), cell))
    return scores


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_scores_equal_the_plain_form(name: str) -> None:
    """Both passes, step by step: same scores to 1e-5, same gradients of the softmax loss to 1e-4."""
    code, model = ARCHITECTURES[name], small_model(ARCHITECTURES[name])
    tables = model.S.weight, model.O.weight
    both = [
        (plain_pass(model, code, p, tables, False), plain_pass(model, code, p, tables[::-1], True))
        for p in PATHS.tolist()
    ]
    expected = torch.stack([one[step] + other[step] for step in range(3) for one, other in both])
    outputs, candidates = model(PATHS)
    found = outputs @ candidates.T
    assert torch.allclose(expected, found, atol=1e-5)
    answers = PATHS[:, 2::2].T.flatten()
    gradients = [
        torch.autograd.grad(
            torch.nn.functional.cross_entropy(one, answers), list(model.parameters()), allow_unused=True
        )
        for one in (expected, found)
    ]
    for one, other in zip(*gradients, strict=True):
        assert (one is None and other is None) or torch.allclose(one, other, atol=1e-4)


def test_published_cells_by_hand() -> None:
    """s = (1, 2), r = (3, -1), h = (2, 1): WN18RR gives s (x) (s + r); FB15k-237 a gate of two tanh."""
    s, r, h = torch.tensor([[1.0, 2]]), torch.tensor([[3.0, -1]]), torch.tensor([[2.0, 1]])
    v, state = Cell(PUBLISHED["WN18RR"], 2)(s, r, h)
    assert ([4.0, 1.0], [2.0, 9.0]) == (state[0].tolist(), v[0].tolist())
    cell = Cell(PUBLISHED["FB15k-237"], 2)
    torch.nn.init.zeros_(cell.gate.V.weight)
    torch.nn.init.zeros_(cell.gate.V.bias)
    v, state = cell(s, r, h)
    assert [math.tanh(3), math.tanh(-2)] == pytest.approx(state[0].tolist())
    assert [math.tanh(3) / 2, (math.tanh(5) + math.tanh(-2)) / 2] == pytest.approx(v[0].tolist())


def test_a_query_is_a_path_of_one_step() -> None:
    """The scores of (s, r, ?) are those of the first step of any path that begins so."""
    model = small_model(PUBLISHED["FB15k-237"])
    assert torch.allclose(model(PATHS)[0][:2], model(PATHS[:, :2])[0])


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_renaming_entities_permutes_scores(name: str) -> None:
    """The cell knows entities by their rows only."""
    new = torch.randperm(ENTITIES, generator=torch.Generator().manual_seed(3))
    one, other = (small_model(ARCHITECTURES[name]) for _ in range(2))
    with torch.no_grad():
        other.S.weight[new], other.O.weight[new] = one.S.weight, one.O.weight
    renamed = PATHS.clone()
    renamed[:, 0::2] = new[PATHS[:, 0::2]]
    expected, found = (q @ t.T for q, t in (one(PATHS), other(renamed)))
    assert torch.allclose(expected, found[:, new], atol=1e-5)


def test_paths_are_chains_of_edges() -> None:
    """Two from each edge; each of the three triples is an edge and begins where the one before ends."""
    edges = random_graph()
    paths, known = sample_paths(edges, torch.Generator().manual_seed(0)), set(map(tuple, edges.tolist()))
    assert torch.equal(edges.repeat_interleave(2, 0), paths[:, :3])
    for first in (2, 4):
        assert {tuple(one) for one in paths[:, first : first + 3].tolist()} <= known


def test_third_edges_follow_their_weights() -> None:
    """Behind 0, 1, 2 come two edges: one to 1, which leaves 0 as well, has weight .3, the other, to 3, has .7."""
    edges = torch.tensor([[0, 0, 1], [1, 0, 2], [2, 1, 1], [2, 0, 3], [0, 1, 1], [3, 0, 3]])
    paths = sample_paths(edges, torch.Generator().manual_seed(0), each=4000)
    thirds = paths[(paths[:, 0] == 0) & (paths[:, 1] == 0)][:, 5:]
    assert 0.3 == pytest.approx((thirds == torch.tensor([1, 1])).all(1).double().mean().item(), abs=0.03)


def test_projection_keeps_short_rows() -> None:
    """Rows longer than one become unit vectors, the others stay."""
    model = small_model(PUBLISHED["WN18RR"])
    with torch.no_grad():
        model.S.weight[0], model.O.weight[1] = 5.0, 0.01
    model.project()
    assert 1.0 == pytest.approx(model.S.weight[0].norm().item())
    assert [pytest.approx(0.01)] * WIDTH == model.O.weight[1].tolist()


@pytest.mark.parametrize("code", [(0,) * 10, (4, *[0] * 10), (0, 13, *[0] * 9), (0, 0, 0, 0, 0, 2, *[0] * 5)])
def test_wrong_architectures_are_named(code: tuple[int, ...]) -> None:
    """An architecture outside the space is refused with what was given."""
    assert 11 == len(CHOICES)
    with pytest.raises(ValueError, match=r"architecture .* expected 11 integers"):
        Cell(code, 4)


def test_wrong_inputs_are_named() -> None:
    """An odd width, and edges that lead where no edge leaves."""
    with pytest.raises(ValueError, match="width 5 given"):
        Interstellar(ENTITIES, RELATIONS, 5, PUBLISHED["WN18RR"])
    with pytest.raises(ValueError, match="with their inverses"):
        sample_paths(torch.tensor([[0, 0, 1]]), torch.Generator())
