"""PAR: equal to its plain, property-by-property form; parameters; by hand; invariances; wrong inputs."""

import pytest
import torch
from benchmarks.plain_par import PlainPAR, tasks_of
from benchmarks.property_tests import PlainTest, known_plainly, scores_plainly
from benchmarks.synthetic_molecules import between, synthetic_episodes, synthetic_molecules
from torch import Tensor

from parsimony.methods.par import PAR
from parsimony.nn.molecule_episodes import Episodes


@pytest.fixture(scope="module")
def model() -> PAR:
    """In evaluation mode and double precision: rounding then does not decide which of two near nodes is kept."""
    return PAR(torch.Generator().manual_seed(0)).double().eval()


def episodes(shots: int = 2, seed: int = 1) -> Episodes:
    return synthetic_episodes(2, shots, 3, 8, torch.Generator().manual_seed(seed))


def embedded(shots: int = 2, queries: int = 5) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    return tuple(torch.randn(size, 300, generator=generator, dtype=torch.float64) for size in (2 * shots, queries))


def scores(model: PAR, support: Tensor, query: Tensor) -> Tensor:
    return model.scores(support, query, torch.Generator().manual_seed(0))


def largest_difference(plain: Tensor, ours: Tensor) -> float:
    """Return the largest error of a gradient, in units of its largest entry; some vanish, as with one neighbour."""
    return float((plain - ours).abs().max() / plain.abs().max().clamp(min=1e-10))


@pytest.mark.parametrize("shots", [1, 2])
def test_loss_and_gradients_equal_the_plain_reference(model: PAR, shots: int) -> None:
    """Loss to 1e-5, gradients, of second order, to 1e-4 of their largest entry."""
    batch = episodes(shots)
    plain, ours = PlainPAR(model).loss(tasks_of(batch)), model.loss(batch, torch.Generator())
    assert plain.item() == pytest.approx(ours.item(), rel=1e-5)
    gradients = [torch.autograd.grad(loss, list(model.parameters())) for loss in (plain, ours)]
    assert max(map(largest_difference, *gradients)) < 1e-4


def test_scores_equal_the_plain_reference(model: PAR) -> None:
    """Sixteen queries are the context in either, in whatever order; the plain reference embeds them in two batches."""
    drawn = synthetic_molecules([6] * 20, torch.Generator().manual_seed(3))
    support, query = between(drawn, 0, 4), between(drawn, 4, 20)
    batches = [between(drawn, start, start + 8) for start in (4, 12)]
    plain = PlainPAR(model)
    expected = scores_plainly(plain, *known_plainly(plain, PlainTest(support, query, batches, 2)), batches)
    with torch.no_grad():
        g = model.encoder(drawn)
    assert torch.allclose(expected, scores(model, g[:4], g[4:]), atol=1e-9)


def test_parameters_of_the_paper(model: PAR) -> None:
    """The authors' code has 2,434,976, of which 380,210 are adapted (published: 0.38M)."""
    parts = {
        "encoder": 1_857_900,
        "Phi.W_p": 363_440,
        "relations": 196_866,
        "Phi.W_c": 16_770,
    }
    assert parts == {name: sum(one.numel() for one in model.get_submodule(name).parameters()) for name in parts}
    assert 2_434_976 == sum(one.numel() for one in model.parameters())
    assert 380_210 == model.adaptive_parameters


def test_context_by_hand() -> None:
    """Keys are 0, so the attention is even: the context is the mean of the values of g and both prototypes."""
    layer = PAR(torch.Generator().manual_seed(0)).eval().Phi["W_p"]
    with torch.no_grad():
        layer.W_qkv.weight.zero_()
        layer.W_qkv.weight[600:] = torch.eye(300)  # values are the tokens themselves
        layer.W_a.weight.zero_(), layer.W_b.weight.zero_(), layer.W_a.bias.zero_(), layer.W_b.bias.zero_()
        layer.W_a.weight[0, 0] = layer.W_b.weight[0, 0] = 1.0
    support, query = torch.zeros(4, 300), torch.zeros(1, 300)
    support[:, 0] = torch.tensor([1.0, 2.0, 5.0, 7.0])  # prototypes 1.5 and 6
    query[0, 0] = 4.5
    p, p_q = layer(support, query)
    assert p_q[0, 0].item() == pytest.approx((4.5 + 1.5 + 6) / 3)
    assert p[:, 0].tolist() == pytest.approx([8.5 / 3, 9.5 / 3, 12.5 / 3, 14.5 / 3])


def test_loss_by_hand(model: PAR) -> None:
    """Even logits cost log 2; relations of 1/2 that should be 1, 1, 0, 0 cost 1/4."""
    y, is_same = torch.tensor([[0]]), torch.tensor([[[True, True, False, False]]])
    found = model._disagreement(torch.zeros(1, 1, 2), y, torch.full((1, 1, 4), 0.5), is_same)
    assert float(found) == pytest.approx(0.6931472 + 0.25)


def test_numbering_of_molecules_within_a_class_does_not_matter(model: PAR) -> None:
    """A class of the support is a set; permuted queries have permuted scores."""
    support, query = embedded()
    expected, turn = scores(model, support, query), torch.tensor([4, 2, 0, 3, 1])
    assert torch.allclose(expected, scores(model, support[[1, 0, 3, 2]], query), atol=1e-10)
    assert torch.allclose(expected[turn], scores(model, support, query[turn]), atol=1e-10)
    assert ((expected > 0) & (expected < 1)).all()


def test_properties_do_not_see_each_other(model: PAR) -> None:
    """In evaluation mode the loss of a meta-iteration is the mean over the losses of its properties."""
    batch = episodes()
    size = batch.molecules.num_molecules // 2
    parts = [
        Episodes(between(batch.molecules, start, start + size), batch.shots, label[None])
        for start, label in zip((0, size), batch.label, strict=True)
    ]
    alone = [model.loss(one, torch.Generator()).item() for one in parts]
    assert sum(alone) / 2 == pytest.approx(model.loss(batch, torch.Generator()).item())


def test_inner_step_lowers_the_support_loss(model: PAR) -> None:
    """It is a step down: Phi' fits the support better than Phi; only Phi is adapted, property by property."""
    support, query = (x.expand(3, *x.shape) for x in embedded())
    before = {name: w.expand(3, *w.shape) for name, w in model.Phi.named_parameters()}
    after = model._adapt(support, query)
    assert {name: w.shape for name, w in before.items()} == {name: w.shape for name, w in after.items()}
    assert (model._support_loss(after, support, query) < model._support_loss(before, support, query)).item()


def test_scores_leave_the_model_as_it_was(model: PAR) -> None:
    """Weights and running statistics too; the scores of many queries do not depend on how they are cut up."""
    before = {name: value.clone() for name, value in model.state_dict().items()}
    support, query = embedded(queries=12)
    expected = scores(model, support, query.repeat(50, 1))
    assert 600 == len(expected)
    assert torch.allclose(expected[:12], expected[-12:], atol=1e-10)
    assert not expected.requires_grad
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_relations_are_what_the_scores_were_made_with(model: PAR) -> None:
    """The last row of A is that of the query; every row keeps at most K neighbours, none of them itself."""
    support, query = embedded()
    weights = model.adapt(support, query, torch.Generator().manual_seed(0))
    A, probability = model.relate(weights, support, query)
    _, row = model._queries(weights, support[None], query[None])
    assert (len(query), len(support) + 1, len(support) + 1) == A.shape
    assert torch.allclose(row[0], A[:, -1, :-1], atol=1e-10)
    assert torch.allclose(probability, scores(model, support, query), atol=1e-10)
    assert ((A > 0).sum(-1) <= len(support) // 2).all() and not A.diagonal(dim1=1, dim2=2).any()


def test_wrong_requests_are_named(model: PAR) -> None:
    """Batches of another size; scores with dropout."""
    batch = episodes()
    with pytest.raises(
        ValueError, match="14 molecules given; 2 episodes of 2 x 3 support and 3 query molecules have 18"
    ):
        model.loss(batch._replace(shots=3), torch.Generator())
    ours = PAR(torch.Generator())
    with pytest.raises(ValueError, match=r"in training mode.*call eval\(\)"):
        scores(ours, *(x.float() for x in embedded()))
