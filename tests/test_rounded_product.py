"""Products in bfloat16: near those in float32, gradients in the type of the parameters; wrong inputs.

Tolerances: a product of rounded factors is within 2 % of the length of the exact result, values and gradients; so are
whole encoders, similarities and losses. Neighbours may differ where similarities nearly tie, so graphs keep them all.
"""

import pytest
import torch
from benchmarks.synthetic_molecules import synthetic_episodes, synthetic_molecules
from torch import Tensor

from parsimony.methods.pacia import COMPACT, PACIA
from parsimony.methods.par import PAR
from parsimony.nn.dense import dense
from parsimony.nn.molecule_encoder import MoleculeEncoder
from parsimony.nn.relation_graph import RelationGraph
from parsimony.nn.rounded_product import apply_linear

NEAR = 0.02  # of the length of the exact result


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def difference(exact: Tensor, rounded: Tensor) -> float:
    """Return the length of the error in units of the length of the exact result."""
    return float((exact - rounded).detach().norm() / exact.detach().norm())


@pytest.mark.parametrize("has_bias", [True, False])
def test_product_and_gradients_are_near(has_bias: bool) -> None:
    """The result is bfloat16, gradients are of the type of what they belong to; 'float32' is the layer itself."""
    layer, x = dense(30, 20, seeded(), has_bias=has_bias), torch.randn(8, 30, generator=seeded(), requires_grad=True)
    inputs = [x, *layer.parameters()]
    exact, rounded = layer(x), apply_linear(layer, x, "bfloat16")
    assert torch.equal(exact, apply_linear(layer, x, "float32"))
    assert torch.bfloat16 == rounded.dtype
    assert 0 < difference(exact, rounded.float()) < NEAR
    gradients = [torch.autograd.grad(y.float().square().sum(), inputs) for y in (exact, rounded)]
    for a, b in zip(*gradients, strict=True):
        assert a.dtype == b.dtype
        assert difference(a, b) < NEAR


def test_encoder_is_near_in_either_mode() -> None:
    """Same weights from the same seed; statistics of the normalisation are float32."""
    batch = synthetic_molecules([5, 9, 7, 12], seeded())
    exact, rounded = (MoleculeEncoder(seeded(), precision=one) for one in ("float32", "bfloat16"))
    assert all(torch.equal(a, b) for a, b in zip(exact.parameters(), rounded.parameters(), strict=True))
    assert {torch.float32} == {one.dtype for one in rounded.state_dict().values() if one.is_floating_point()}
    g = []
    for model in (exact, rounded):
        torch.manual_seed(0)  # the same dropout
        g.append(model(batch))
        g.append(model.eval()(batch))
    assert torch.float32 == g[2].dtype
    assert 0 < difference(g[0], g[2]) < 3 * NEAR  # statistics of 33 atoms, half of whose numbers are dropped
    assert 0 < difference(g[1], g[3]) < 3 * NEAR


def test_similarities_are_near_and_do_not_tie() -> None:
    """Rows of A that keep all neighbours; initial ones differ in the third digit, which rounding would merge."""
    graphs = [RelationGraph(seeded(), 2, precision=one).eval() for one in ("float32", "bfloat16")]
    support, query = torch.randn(1, 6, 128, generator=seeded(1)), torch.randn(1, 4, 128, generator=seeded(2))
    (exact, A), (rounded, B) = (graph.queries(support, query, 6) for graph in graphs)
    assert 0 < difference(A, B) < 0.1 * NEAR
    assert difference(exact, rounded) < NEAR
    assert B.numel() == len(B.unique())


@pytest.mark.parametrize("method", ["PAR", "PACIA"])
def test_methods_are_near(method: str) -> None:
    """Losses of one shot, with gradients in float32 for every parameter."""
    batch, losses = synthetic_episodes(2, 1, 3, 8, seeded(1)), []
    for precision in ("float32", "bfloat16"):
        model = PAR(seeded(), precision=precision)
        if method == "PACIA":
            model = PACIA(seeded(), hypernetworks=COMPACT, precision=precision)
        losses.append(model.eval().loss(batch, seeded()))
    losses[1].backward()
    assert losses[0].item() == pytest.approx(losses[1].item(), rel=NEAR)
    assert all(one.grad.dtype == torch.float32 and one.grad.isfinite().all() for one in model.parameters())


def test_unknown_precisions_are_named() -> None:
    for make in (MoleculeEncoder, PAR, PACIA):
        with pytest.raises(ValueError, match="precision 'half' given; choose 'float32' or 'bfloat16'"):
            make(seeded(), precision="half")
