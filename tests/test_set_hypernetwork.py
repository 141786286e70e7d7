"""The set hypernetwork: equal to a loop over molecules; parameters; invariances; wrong inputs."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from parsimony.nn.set_hypernetwork import ResidualLayers, SetHypernetwork, class_means

RELEASED = ((300, 300, 300), (300, 300, 300))


def hypernetwork(molecule: tuple[int, ...] = (5, 5, 5), joint: tuple[int, ...] = (5, 5, 7)) -> SetHypernetwork:
    return SetHypernetwork(4, molecule, joint, torch.Generator().manual_seed(0)).double()


def support(tasks: int = 3, n: int = 6) -> Tensor:
    return torch.randn(tasks, n, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def make_plainly(model: SetHypernetwork, t: Tensor) -> Tensor:
    """Make the numbers of one task with three layers for a molecule and three for all, molecule by molecule."""
    z, half = [], len(t) // 2
    for i, row in enumerate(t):
        x = torch.cat([row, torch.tensor([1.0, 0.0] if i < half else [0.0, 1.0]).to(row)])
        x = functional.leaky_relu(model.f.layers[0](x))
        for layer in model.f.layers[1:]:
            x = x + functional.leaky_relu(layer(x))
        z.append(x)
    m = torch.cat([sum(z[:half]) / half, sum(z[half:]) / half])
    m = functional.leaky_relu(model.joint.layers[0](m))
    m = m + functional.leaky_relu(model.joint.layers[1](m))
    return model.last(m)


def test_numbers_equal_the_plain_reference() -> None:
    """Task by task."""
    model, t = hypernetwork(), support()
    assert torch.allclose(torch.stack([make_plainly(model, one) for one in t]), model(t), atol=1e-12)


@pytest.mark.parametrize(
    ("width", "widths", "expected"),
    [
        (300, RELEASED, 632_400),  # one of ten in the released PACIA
        (300, ((300, 300), (300, 600)), 542_100),  # the only one of the compact PACIA
        (128, ((128, 128, 128), (128,)), 82_688),  # in the depth controller
    ],
)
def test_parameters(width: int, widths: tuple, expected: int) -> None:
    """Configurations in use."""
    model = SetHypernetwork(width, *widths, torch.Generator())
    assert expected == sum(one.numel() for one in model.parameters())


def test_class_means_by_hand() -> None:
    """1 and 3 | 5 and 9."""
    assert [[2.0], [7.0]] == class_means(torch.tensor([[1.0], [3.0], [5.0], [9.0]])).tolist()


def test_residual_layers_by_hand() -> None:
    """Weights 1: the first layer doubles nothing, the second and third add their input: 1, 2, 4; -1 leaks."""
    layers = ResidualLayers((1, 1, 1, 1), torch.Generator())
    for layer in layers.layers:
        torch.nn.init.ones_(layer.weight), torch.nn.init.zeros_(layer.bias)
    assert [4.0] == layers(torch.tensor([1.0])).tolist()
    assert -0.01 * 1.01**2 == pytest.approx(layers(torch.tensor([-1.0])).item())


def test_order_within_a_class_does_not_matter_and_labels_do() -> None:
    """Classes are sets; exchanging them is another support set."""
    model, t = hypernetwork(), support()
    assert torch.allclose(model(t), model(t[:, [2, 0, 1, 5, 4, 3]]), atol=1e-12)
    assert not torch.allclose(model(t), model(t[:, [3, 4, 5, 0, 1, 2]]), atol=1e-3)


def test_uneven_support_sets_are_named() -> None:
    """The classes are told apart by place."""
    with pytest.raises(ValueError, match="a support set of 5 molecules given; expected K of class 0"):
        class_means(torch.zeros(2, 5, 4))
