"""The learning rule for images, the tasks it works on, and the classifiers."""

import numpy as np
import pytest
import torch
from torch import Tensor

from parsimony.data.compositional_images import DIGITS, ImagePool, is_for_training, load_pool
from parsimony.data.registry import DataError
from parsimony.experiments.modularity.image_classification import ImageClassification, projections_for, sample
from parsimony.methods.modularity_images import (
    ImageRuleSettings,
    kernel_objective,
    on_one_image,
    orthogonal_start,
    shares,
    standardised,
)
from parsimony.nn.modular_classifier import ModularClassifier


@pytest.fixture(scope="module")
def pool() -> ImagePool:
    return load_pool(DIGITS)


def drawn(modules: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(41, 6, generator=generator, dtype=torch.float64)
    y = standardised(torch.randn(modules, 41, generator=generator, dtype=torch.float64))
    return x, y, orthogonal_start(modules, 6, 2, generator).double()


def plain_objective(x: Tensor, y: Tensor, projection: Tensor, variance: float) -> float:
    """The kernel number by number."""
    z = x @ projection
    kernel = torch.tensor([[float((a - b) @ (a - b)) for b in z] for a in z], dtype=x.dtype)
    kernel = torch.exp(-kernel / (2 * variance)) + 3.0 * torch.eye(len(x), dtype=x.dtype)
    return float(y @ torch.linalg.inv(kernel) @ y / len(x))


def half_median(x: Tensor, projection: Tensor) -> float:
    z = x @ projection
    distances = sorted(float((a - b) @ (a - b)) for a in z for b in z)
    return distances[(len(distances) - 1) // 2] / 2


def test_objective_agrees_with_its_plain_form() -> None:
    """Median, kernel and inverse, module by module."""
    x, y, projections = drawn()
    value, _ = kernel_objective(x, y, projections, 3.0)
    expected = [plain_objective(x, y[j], u, half_median(x, u)) for j, u in enumerate(projections)]
    assert expected == pytest.approx(value.tolist(), rel=1e-9)


def test_gradient_agrees_with_finite_differences() -> None:
    """With the kernel's length held fast, to 1e-6."""
    x, y, projections = drawn()
    _, gradient = kernel_objective(x, y, projections, 3.0)
    for j, row, column in ((0, 0, 0), (0, 3, 1), (1, 5, 0)):
        step = torch.zeros_like(projections[j])
        step[row, column] = 1e-5
        variance = half_median(x, projections[j])
        up, down = (plain_objective(x, y[j], projections[j] + sign * step, variance) for sign in (1, -1))
        assert (up - down) / 2e-5 == pytest.approx(float(gradient[j, row, column]), abs=1e-6)


def test_scale_does_not_matter() -> None:
    """The median makes the kernel blind to the length of the projection."""
    x, y, projections = drawn()
    assert torch.allclose(kernel_objective(x, y, projections, 3.0)[0], kernel_objective(x, y, 5 * projections, 3.0)[0])


def test_the_rule_focuses_modules_on_one_image(pool: ImagePool) -> None:
    """k = 4, n = 1000: after 150 steps 0.6 of a module's weight lies on one image; at random it is 0.3 at most."""
    data = pool.compose(4, 1000, 10, torch.Generator().manual_seed(0))
    settings = ImageClassification(network="modular", projections="rule", grid=[[4, 1000]], reference=[4, 1000])
    start, learnt = projections_for(data, 4, settings, seed=0)
    assert shares(start, 4).max(1).values.mean() < 0.3
    assert shares(learnt, 4).max(1).values.mean() > 0.6
    assert torch.allclose(start.flatten(1).norm(dim=1), learnt.flatten(1).norm(dim=1), rtol=1e-4)


def test_true_projections_see_one_image() -> None:
    """Module j lies on image j mod k alone, with orthonormal columns."""
    projections = on_one_image(4, 2, 5, 3, torch.Generator().manual_seed(0))
    assert [[1.0, 0.0], [0.0, 1.0]] * 2 == shares(projections, 2).tolist()
    assert torch.allclose(torch.eye(3).expand(4, 3, 3), projections.mT @ projections, atol=1e-5)


def test_shares_by_hand() -> None:
    """Weights 1 and 3 on two images of one pixel: a tenth and nine tenths."""
    assert torch.allclose(torch.tensor([[0.1, 0.9]]), shares(torch.tensor([[[1.0], [3.0]]]), 2))


def test_combinations_of_training_and_test_are_apart(pool: ImagePool) -> None:
    """Training and test share combinations but no image; the others share neither, and are two fifths of all."""
    data = pool.compose(3, 200, 300, torch.Generator().manual_seed(0))
    known = {tuple(one) for one in data.train.classes(torch.arange(200)).tolist()}
    unseen = {tuple(one) for one in data.unseen.classes(torch.arange(300)).tolist()}
    assert known.isdisjoint(unseen)
    assert data.test.images is data.unseen.images is not data.train.images
    assert is_for_training(data.test.classes(torch.arange(300))).all()
    every = torch.cartesian_prod(*[torch.arange(10)] * 3)
    assert 0.6 == pytest.approx(float(is_for_training(every).float().mean()), abs=0.02)
    assert pool.compose(1, 5, 5, torch.Generator()).unseen is None


def test_inputs_are_images_side_by_side(pool: ImagePool) -> None:
    """The second slot of a tuple is its second image, pixel by pixel, with that image's class."""
    data = pool.compose(2, 5, 5, torch.Generator().manual_seed(0)).train
    second = data.chosen[3, 1]
    assert torch.equal(data.images[second], data.inputs(torch.tensor([3]))[0, 64:])
    assert data.labels[second] == data.classes(torch.tensor([3]))[0, 1]


def test_training_images_are_centred_and_scaled(pool: ImagePool) -> None:
    """Mean image zero and deviation one, by training images alone."""
    images, labels = pool.train
    assert (1200, 64) == tuple(images.shape) and 597 == len(pool.test[1])
    assert torch.allclose(torch.zeros(64), images.mean(0), atol=1e-5)
    assert 1 == pytest.approx(float(images.std()), abs=1e-5)
    assert np.unique(labels).tolist() == list(range(10))


def test_output_columns_are_standardised(pool: ImagePool) -> None:
    """Each module's output has mean 0 and deviation 1, and belongs to the class of its slot."""
    data = pool.compose(2, 400, 5, torch.Generator().manual_seed(0)).train
    x, y = sample(data, torch.tensor([3, 17]), 200, torch.Generator().manual_seed(1))
    assert torch.allclose(torch.zeros(2), y.mean(1), atol=1e-5) and torch.allclose(torch.ones(2), y.std(1))
    chosen = torch.randint(400, (200,), generator=torch.Generator().manual_seed(1))
    assert torch.equal(x, data.inputs(chosen))
    assert torch.equal(data.classes(chosen)[:, 1] == 7, y[1] > 0)


def test_classifier_is_a_sum_over_modules() -> None:
    """Module by module, in the words of the docstring."""
    generator = torch.Generator().manual_seed(0)
    network = ModularClassifier(torch.randn(3, 8, 2, generator=generator), 2, 5, generator)
    x = torch.randn(4, 8, generator=generator)
    parts = [
        (x @ network.projections[j] @ network.inner[j] + network.inner_bias[j]).relu() @ network.outer[j]
        for j in range(3)
    ]
    expected = (sum(parts) / 3**0.5 + network.constant).view(4, 2, 10)
    assert torch.allclose(expected, network(x), atol=1e-5)


@pytest.mark.parametrize("name", ["penalty", "steps", "rate"])
def test_wrong_settings_are_named(name: str) -> None:
    """Zero of what must be above it."""
    with pytest.raises(ValueError, match=f"{name} 0"):
        ImageRuleSettings(**{name: 0})


def test_an_unknown_set_names_the_known_ones() -> None:
    """And tuples without images are refused."""
    with pytest.raises(DataError, match="known are Compositional-digits"):
        load_pool("MNIST")
    with pytest.raises(ValueError, match="0 slots"):
        load_pool(DIGITS).compose(0, 1, 1, torch.Generator())
