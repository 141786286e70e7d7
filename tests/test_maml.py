"""MAML: equal to a plain step of either order; by hand; invariances; learns a planted property; wrong inputs."""

import pytest
import torch
from benchmarks.plain_molecule_encoder import encode_plainly
from benchmarks.plain_par import tasks_of
from benchmarks.synthetic_molecules import BondedMolecules, between, synthetic_episodes
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from parsimony.baselines.maml import MAML, cut
from parsimony.nn.molecule_episodes import Episodes
from planted_molecules import fit, planted_episodes, roc_auc

NONE = torch.Generator()


def build(width: int = 16, **settings) -> MAML:
    return MAML(torch.Generator().manual_seed(0), width=width, **settings)


def parts(episodes: Episodes) -> tuple[BondedMolecules, BondedMolecules]:
    """Return support and query molecules of one property."""
    support, query, _ = tasks_of(episodes)[0]
    return support, query


class PlainNetwork(nn.Module):
    """The network over the plain encoder; the names of its weights are those of the model."""

    def __init__(self, model: MAML) -> None:
        super().__init__()
        self.encoder, self.linear = model.encoder, model.linear

    def forward(self, molecules: BondedMolecules) -> Tensor:
        return encode_plainly(self.encoder, molecules) @ self.linear.weight.T + self.linear.bias


def loss_plainly(model: MAML, episodes: Episodes, is_second_order: bool) -> Tensor:
    """Property by property: a step down, then the query."""
    network, losses = PlainNetwork(model), []
    for support, query, label in tasks_of(episodes):
        y = torch.tensor([0] * episodes.shots + [1] * episodes.shots)
        theta = dict(network.named_parameters())
        error = functional.cross_entropy(network(support), y)
        slopes = torch.autograd.grad(error, list(theta.values()), create_graph=True)
        for name, slope in zip(list(theta), slopes, strict=True):
            theta[name] = theta[name] - model.inner_rate * (slope if is_second_order else slope.detach())
        losses.append(functional.cross_entropy(functional_call(network, theta, (query,)), label))
    return sum(losses) / len(losses)


@pytest.mark.parametrize("is_second_order", [False, True])
def test_loss_and_gradients_equal_a_plain_step(is_second_order: bool) -> None:
    """Loss to 1e-5, gradients to 1e-4 of their largest entry; the two orders differ by far more."""
    model = build(inner_rate=0.5, is_second_order=is_second_order).double().eval()
    episodes = synthetic_episodes(2, 2, 3, 8, torch.Generator().manual_seed(1))
    plain, ours = loss_plainly(model, episodes, is_second_order), model.loss(episodes, NONE)
    assert plain.item() == pytest.approx(ours.item(), rel=1e-5)
    other = loss_plainly(model, episodes, not is_second_order)
    expected, found, unlike = (torch.autograd.grad(loss, list(model.parameters())) for loss in (plain, ours, other))
    scale = [one.abs().max().clamp(min=1e-10) for one in expected]
    assert max(float((a - b).abs().max() / s) for a, b, s in zip(expected, found, scale, strict=True)) < 1e-4
    assert max(float((a - b).abs().max() / s) for a, b, s in zip(expected, unlike, scale, strict=True)) > 1e-2


def test_inner_step_by_hand() -> None:
    """From weights of 0 the logits are even, so the classifier moves by rho / 2 of half the difference of the means
    of g, and its bias not at all."""
    model = build(inner_rate=0.5).eval()
    with torch.no_grad():
        model.linear.weight.zero_(), model.linear.bias.zero_()
    support, _ = parts(synthetic_episodes(1, 2, 3, 8, torch.Generator().manual_seed(1)))
    known, g = model.adapt(support), model.encoder(support).detach()
    step = 0.5 / 4 * (g[2:].mean(0) - g[:2].mean(0))
    assert torch.allclose(torch.stack([-step, step]), known["linear.weight"], atol=1e-6)
    assert [0.0, 0.0] == known["linear.bias"].tolist()
    assert all(torch.equal(w, known[name]) for name, w in model.named_parameters() if "encoder" in name)


def test_adapted_scores_are_those_of_the_loss() -> None:
    """Adapting and scoring give the loss of a property, whose logits the scores tell apart."""
    model, episodes = build(inner_rate=0.5).eval(), synthetic_episodes(1, 2, 3, 8, torch.Generator().manual_seed(1))
    support, query = parts(episodes)
    found = model.scores(model.adapt(support), query)
    sign = 1 - 2 * episodes.label[0]
    assert functional.softplus(sign * found).mean().item() == pytest.approx(model.loss(episodes, NONE).item(), rel=1e-5)
    assert not found.requires_grad


def test_numbering_does_not_matter() -> None:
    """A class of the support is a set; queries may come in any order and number."""
    model = build(inner_rate=0.5).eval()
    molecules = synthetic_episodes(1, 2, 4, 8, torch.Generator().manual_seed(1)).molecules
    first, second, third, fourth, *queries = (between(molecules, i, i + 1) for i in range(8))
    known = model.adapt(joined(first, second, third, fourth))
    expected = model.scores(known, joined(*queries))
    again = model.adapt(joined(second, first, fourth, third))
    assert torch.allclose(expected, model.scores(again, joined(*queries)), atol=1e-5)
    turned = model.scores(known, joined(queries[2], queries[0], queries[3], queries[1]))
    assert torch.allclose(expected[[2, 0, 3, 1]], turned, atol=1e-5)
    assert torch.allclose(expected, torch.cat([model.scores(known, one) for one in queries]), atol=1e-5)


def joined(*parts: BondedMolecules) -> BondedMolecules:
    """Lay molecules one after the other."""
    atoms = [len(one.atom) for one in parts]
    starts = [sum(atoms[:place]) for place in range(len(parts))]
    ends = [len(one.neighbour) for one in parts]
    first = [one.first_neighbour[:-1] + sum(ends[:place]) for place, one in enumerate(parts)]
    return BondedMolecules(
        torch.cat([one.atom for one in parts]),
        torch.cat([one.molecule + place for place, one in enumerate(parts)]),
        torch.cat([*first, torch.tensor([sum(ends)])]),
        torch.cat([one.neighbour + start for one, start in zip(parts, starts, strict=True)]),
        *(torch.cat([getattr(one, name) for one in parts]) for name in ("bond_counts",)),
        len(parts),
        *(torch.cat([getattr(one, name) for one in parts]) for name in ("bond_type", "bond_direction")),
    )


def test_cutting_equals_cutting_plainly() -> None:
    """Every part is numbered from 0, with the neighbours of its own atoms."""
    molecules = synthetic_episodes(1, 2, 4, 8, torch.Generator().manual_seed(1)).molecules
    for part, (start, end) in zip(cut(molecules, (3, 1, 4)), ((0, 3), (3, 4), (4, 8)), strict=True):
        plain = between(molecules, start, end)
        assert plain.num_molecules == part.num_molecules
        assert all(torch.equal(a, b) for a, b in zip(plain[:5], part[:5], strict=True))


def test_scores_leave_the_model_as_it_was() -> None:
    """Weights and running statistics too."""
    model = build().eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    support, query = parts(synthetic_episodes(1, 2, 3, 8, torch.Generator().manual_seed(1)))
    model.scores(model.adapt(support), query)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_parameters_of_the_paper() -> None:
    """Encoder and classifier, all of them adapted."""
    model = build(300)
    assert 1_858_502 == sum(one.numel() for one in model.parameters()) == model.adaptive_parameters


@pytest.mark.parametrize("is_second_order", [False, True])
def test_learns_a_planted_property(is_second_order: bool) -> None:
    """Molecules never seen are told apart."""
    model = build(32, is_second_order=is_second_order)
    fit(model, 30)
    episodes = planted_episodes(1, 5, 100, torch.Generator().manual_seed(2))
    support, query = parts(episodes)
    assert roc_auc(model.eval().scores(model.adapt(support), query), episodes.label[0]) > 0.95


def test_wrong_requests_are_named() -> None:
    """Batches of another size; classes of unequal size; scores with dropout."""
    episodes = synthetic_episodes(2, 2, 3, 8, torch.Generator())
    with pytest.raises(ValueError, match="14 molecules given; 2 episodes of 2 x 3 support"):
        build().loss(episodes._replace(shots=3), NONE)
    with pytest.raises(ValueError, match="support set of 3 molecules given"):
        build().eval().adapt(between(episodes.molecules, 0, 3))
    with pytest.raises(ValueError, match=r"in training mode.*call eval\(\)"):
        build().adapt(between(episodes.molecules, 0, 4))
