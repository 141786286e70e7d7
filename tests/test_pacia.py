"""PACIA: equal to its plain, property-by-property form; parameters; by hand; invariances; wrong inputs."""

import pytest
import torch
from benchmarks.plain_pacia import PlainPACIA
from benchmarks.plain_par import tasks_of
from benchmarks.synthetic_molecules import BondedMolecules, between, synthetic_episodes, synthetic_molecules
from torch import Tensor

from parsimony.methods.pacia import COMPACT, PACIA, RELEASED, AdaptiveClassifier, Hypernetworks
from parsimony.nn.molecule_episodes import Episodes


@pytest.fixture(scope="module")
def model() -> PACIA:
    """In evaluation mode and double precision: rounding then does not decide which of two near nodes is kept."""
    return PACIA(torch.Generator().manual_seed(0), hypernetworks=COMPACT).double().eval()


def episodes(shots: int = 2, seed: int = 1) -> Episodes:
    return synthetic_episodes(2, shots, 3, 8, torch.Generator().manual_seed(seed))


def support_and_query() -> tuple[BondedMolecules, BondedMolecules]:
    """Two shots and five queries."""
    drawn = synthetic_molecules([5, 9, 7, 6, 8, 4, 12, 1, 6], torch.Generator().manual_seed(2))
    return between(drawn, 0, 4), between(drawn, 4, 9)


def reordered(molecules: BondedMolecules, order: list[int]) -> BondedMolecules:
    """Put whole molecules in another order."""
    parts = [between(molecules, one, one + 1) for one in order]
    starts = torch.tensor([0, *(len(part.atom) for part in parts[:-1])]).cumsum(0).tolist()
    ends = torch.tensor([0, *(len(part.neighbour) for part in parts[:-1])]).cumsum(0).tolist()
    fields = {name: torch.cat([getattr(part, name) for part in parts]) for name in ("atom", "bond_counts")}
    kinds = {name: torch.cat([getattr(part, name) for part in parts]) for name in ("bond_type", "bond_direction")}
    first = [part.first_neighbour[:-1] + end for part, end in zip(parts, ends, strict=True)]
    return BondedMolecules(
        **fields,
        **kinds,
        molecule=torch.cat([part.molecule + number for number, part in enumerate(parts)]),
        first_neighbour=torch.cat([*first, molecules.first_neighbour[-1:]]),
        neighbour=torch.cat([part.neighbour + start for part, start in zip(parts, starts, strict=True)]),
        num_molecules=len(order),
    )


def largest_difference(plain: Tensor, ours: Tensor) -> float:
    """Return the largest error of a gradient, in units of its largest entry; some vanish, as with one neighbour."""
    return float((plain - ours).abs().max() / plain.abs().max().clamp(min=1e-10))


@pytest.mark.parametrize(("shots", "shape"), [(1, RELEASED), (2, RELEASED), (2, COMPACT)])
def test_loss_and_gradients_equal_the_plain_reference(shots: int, shape: Hypernetworks) -> None:
    """Loss to 1e-5, gradients to 1e-4 of their largest entry."""
    model = PACIA(torch.Generator().manual_seed(0), hypernetworks=shape).double().eval()
    batch = episodes(shots)
    plain, ours = PlainPACIA(model).loss(tasks_of(batch)), model.loss(batch, torch.Generator())
    assert plain.item() == pytest.approx(ours.item(), rel=1e-5)
    gradients = [torch.autograd.grad(loss, list(model.parameters())) for loss in (plain, ours)]
    assert max(map(largest_difference, *gradients)) < 1e-4


@pytest.mark.parametrize(
    ("shape", "adapter", "total"), [(RELEASED, 6_324_000, 9_059_347), (COMPACT, 542_100, 3_277_447)]
)
def test_parameters(shape: Hypernetworks, adapter: int, total: int) -> None:
    """What the authors' code uses, and the 3.28M of the paper; 3,000 numbers for each property in both."""
    model = PACIA(torch.Generator(), hypernetworks=shape)
    parts = {
        "encoder": 1_857_900,
        "adapter": adapter,
        "embedding": 55_040,
        "relations": 492_165,
        "classifier": 115_713,
        "controller": 214_529,
    }
    assert parts == {name: sum(one.numel() for one in model.get_submodule(name).parameters()) for name in parts}
    assert total == sum(one.numel() for one in model.parameters())
    assert 3_000 == model.adaptive_parameters


def test_scores_equal_the_plain_reference(model: PACIA) -> None:
    """Adapted once, scored at the depth that suits each query best."""
    support, query = support_and_query()
    u, o = PlainPACIA(model).predict(support, query)
    found, depth = model.scores(model.adapt(support), query)
    assert (u.argmax(1) + 1).tolist() == depth.tolist()
    expected = torch.stack([o[k, best - 1].softmax(0)[1] for k, best in enumerate(depth.tolist())])
    assert torch.allclose(expected, found, atol=1e-9)


def test_vectors_have_length_one(model: PACIA) -> None:
    """Gamma and beta of every layer; 3,000 numbers."""
    made = model.adapt(support_and_query()[0]).modulation
    assert (5, 2, 300) == made.shape
    assert torch.allclose(made.norm(dim=-1), torch.ones(5, 2, dtype=torch.float64))


def test_classifier_by_hand() -> None:
    """All layers 0 but the last biases: w = (3, 0, ...), b = 2, so a query that starts with 5 has 17 for each class."""
    classifier = AdaptiveClassifier(torch.Generator())
    with torch.no_grad():
        for parameter in classifier.parameters():
            parameter.zero_()
        classifier.w[1].bias[0], classifier.b[1].bias[0] = 3.0, 2.0
    query = torch.zeros(1, 128)
    query[0, 0] = 5.0
    assert [[17.0, 17.0]] == classifier(torch.zeros(1, 4, 128), query).tolist()


def test_order_within_a_class_does_not_matter(model: PACIA) -> None:
    """A class of the support is a set; permuted queries have permuted scores and depths."""
    support, query = support_and_query()
    expected, depth = model.scores(model.adapt(support), query)
    found, _ = model.scores(model.adapt(reordered(support, [1, 0, 3, 2])), query)
    assert torch.allclose(expected, found, atol=1e-9)
    turn = [4, 2, 0, 3, 1]
    turned, turned_depth = model.scores(model.adapt(support), reordered(query, turn))
    assert torch.allclose(expected[turn], turned, atol=1e-9)
    assert torch.equal(depth[turn], turned_depth)


def test_queries_do_not_see_each_other(model: PACIA) -> None:
    """Scored together or alone."""
    support, query = support_and_query()
    known = model.adapt(support)
    alone = [model.scores(known, between(query, k, k + 1))[0] for k in range(5)]
    assert torch.allclose(torch.cat(alone), model.scores(known, query)[0], atol=1e-9)


def test_test_properties_leave_the_model_as_it_was(model: PACIA) -> None:
    """Weights and running statistics."""
    before = {name: value.clone() for name, value in model.state_dict().items()}
    support, query = support_and_query()
    assert not model.scores(model.adapt(support), query)[0].requires_grad
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_wrong_requests_are_named() -> None:
    """Hypernetworks of another size; a test property with dropout."""
    with pytest.raises(ValueError, match=r"make 400 numbers given; expected 300 .* or 600"):
        PACIA(torch.Generator(), hypernetworks=Hypernetworks((300,), (400,), is_shared=True))
    ours = PACIA(torch.Generator(), hypernetworks=COMPACT)
    with pytest.raises(ValueError, match=r"in training mode.*call eval\(\)"):
        ours.adapt(support_and_query()[0])
