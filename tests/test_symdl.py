"""SymDL: messages and loss by loops, augmentation, variants, linear messages, a formula from planted messages."""

from collections.abc import Iterator

import pytest
import torch

from parsimony.baselines.symdl import (
    VARIANTS,
    NoisyMessage,
    SymDL,
    _loss,
    formulas_of_symdl,
    linearity,
    shifted,
    steepest,
    strongest_messages,
    symdl_network,
    train_symdl,
    with_positions,
)
from parsimony.data.physical_laws import LAWS
from parsimony.nn.dense_graph_block import rows_of, target_rows
from parsimony.nn.one_cycle import OneCycle
from parsimony.symbolic.engine import Engine, Fitted
from parsimony.symbolic.formula import parse

SAMPLES = LAWS["springs"].sample(40, 0)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small matrices are fastest so."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def settings(variant: str = "standard", **changed: object) -> SymDL:
    cycle = OneCycle(steps=6, batch_size=20, peak=1e-3)
    return SymDL(variant=variant, messages=6, hidden=(12, 12), cycle=cycle, **changed)


@pytest.mark.parametrize("variant", VARIANTS)
def test_loss_equals_a_loop(variant: str) -> None:
    """Absolute error of every node plus what the variant adds for every edge, one by one."""
    samples = with_positions(SAMPLES.take(slice(0, 3)))
    network = symdl_network(samples, settings(variant), torch.Generator().manual_seed(0)).eval()
    spread = target_rows(samples).std(0)
    message, output = network.functions["e1"], network.functions["v1"]
    errors, extra = [], []
    with torch.no_grad():
        for s in range(3):
            for i in range(5):
                total = torch.zeros(1, 2 if variant == "bottleneck" else 6)
                for j in samples.adjacency[s, i].nonzero()[:, 0]:
                    x = torch.cat([samples.edge[s, i, j], samples.node[s, i], samples.node[s, j]]).unsqueeze(0)
                    m = message(x)
                    total += m
                    added = {"l1": lambda m=m: m.abs().sum(), "kl": lambda: message.divergence()}
                    extra.append(float(added[variant]()) if variant in added else 0.0)
                y = output(torch.cat([total, samples.node[s, i].unsqueeze(0)], dim=1))[0]
                errors.append(float(((y - samples.target[s, i]) / spread).abs().sum()))
        weight = {"l1": 0.01, "kl": 1.0}.get(variant, 0.0)
        expected = sum(errors) / len(errors) + weight * sum(extra) / len(extra)
        assert expected == pytest.approx(float(_loss(network, samples, spread, variant)), rel=1e-4)


def test_divergence_by_hand() -> None:
    """Mean 1 and variance 1 cost 1/2, mean 0 and variance e cost (e - 2) / 2."""
    noisy = NoisyMessage(torch.nn.Identity()).eval()
    noisy(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    assert [0.5, (torch.e - 2) / 2] == pytest.approx(noisy.divergence().tolist(), rel=1e-6)


def test_noise_leaves_the_mean_alone() -> None:
    """While training messages differ from their mean, and the mean is kept."""
    noisy = NoisyMessage(torch.nn.Identity())
    values = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert not torch.equal(values[:, :1], noisy(values))
    assert torch.equal(values[:, :1], noisy.mean)


def test_all_positions_of_a_graph_are_shifted_alike() -> None:
    """Differences stay; masses and edges too; geometry is no variable of an edge any more."""
    before = with_positions(SAMPLES)
    after = shifted(before, 3.0, torch.Generator().manual_seed(0))
    shift = (after.node - before.node)[..., -2:]
    assert torch.allclose(shift, shift[:, :1].expand_as(shift), atol=1e-5)
    assert 2.0 < float(shift.std()) < 4.0
    assert torch.equal(before.node[..., 0], after.node[..., 0]) and torch.equal(before.edge, after.edge)
    assert (("k",), ("mass", "place_x", "place_y")) == (before.edge_names, before.node_names)


@pytest.mark.parametrize("variant", VARIANTS)
def test_training_is_a_function_of_its_seed(variant: str) -> None:
    """Equal seeds give equal messages."""
    first, second = (strongest_messages(train_symdl(SAMPLES, settings(variant), 3), SAMPLES, 2) for _ in range(2))
    assert torch.equal(first, second)
    assert float(first[:, 0].std()) >= float(first[:, 1].std())


def test_linearity_tells_linear_messages() -> None:
    """1 for a linear map of the forces, far below for something else."""
    forces = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
    linear = forces @ torch.tensor([[1.0], [2.0]]) + 3
    first, second = linearity(torch.cat([linear, forces[:, :1] ** 2], dim=1), forces)
    assert first == pytest.approx(1.0) and second < 0.1


def test_steepest_by_hand() -> None:
    """The error falls by a factor of 100 from size 3 to 5, by 2 elsewhere."""
    front = [Fitted(parse("x"), size, error) for size, error in [(1, 1.0), (3, 0.5), (5, 0.005), (9, 0.0025)]]
    assert 5 == steepest(front).complexity
    assert 1 == steepest(front[:1]).complexity


def test_what_is_refused() -> None:
    """Targets of the whole, and unknown variants."""
    with pytest.raises(ValueError, match="outputs of nodes only"):
        train_symdl(LAWS["circuit"].sample(5, 0), settings(), 0)
    with pytest.raises(ValueError, match="known are standard"):
        SymDL(variant="other")


def test_formulas_come_from_the_strongest_messages() -> None:
    """With true forces as messages the law of springs is found."""
    pytest.importorskip("pyoperon")
    asked = settings("bottleneck", engine=Engine(functions=("",), runs=1, evaluations=40_000), graphs=40, pairs=400)
    network = symdl_network(with_positions(SAMPLES), asked, torch.Generator().manual_seed(0))
    network.functions["e1"] = Force()
    law, error = formulas_of_symdl(network, SAMPLES, asked, 0)
    assert error < 1e-6, law.describe()


class Force(torch.nn.Module):
    """The force of a spring, from k, mass and place of both ends; its y component is the larger."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        k, place, other = x[:, :1], x[:, 2:4], x[:, 5:7]
        away = other - place
        return k * (1 - 1 / away.norm(dim=1, keepdim=True)) * away * torch.tensor([1.0, 1.5])


def test_rows_of_both_views_agree() -> None:
    """Edges stand in one order with and without positions among the variables."""
    assert torch.equal(rows_of(SAMPLES).sender, rows_of(with_positions(SAMPLES)).sender)
