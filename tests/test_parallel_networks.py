"""Many small networks in step: the same as one by one, as automatic differentiation, and as a plain module."""

import pytest
import torch
from benchmarks.plain_networks import PlainModular, PlainMonolithic
from torch import Tensor

from parsimony.data.sine_waves import draw_sine_task
from parsimony.experiments.modularity.parallel_training import FitSettings, ParallelTraining, generator_for
from parsimony.nn.parallel_regressors import ModularRegressors, MonolithicRegressors, Regressors

DIMENSIONS, SAMPLES, LARGEST = (3, 5, 9), (40, 100, 70), 9


def networks_of(kind: str, chosen: list[int]) -> Regressors:
    """Small networks for some of the three problems."""
    generators = [generator_for("weights", number) for number in chosen]
    if kind == "monolithic":
        return MonolithicRegressors([DIMENSIONS[number] for number in chosen], 12, generators)
    projections = torch.zeros(len(chosen), max(DIMENSIONS[number] for number in chosen), 4)
    for place, number in enumerate(chosen):
        drawn = torch.randn(DIMENSIONS[number], 4, generator=generator_for("projections", number))
        projections[place, : DIMENSIONS[number]] = drawn
    return ModularRegressors(projections, 6, generators)


def rows_of(chosen: list[int]) -> tuple[Tensor, Tensor]:
    largest = max(DIMENSIONS[number] for number in chosen)
    x, y = torch.zeros(len(chosen), 100, largest), torch.zeros(len(chosen), 100)
    for place, number in enumerate(chosen):
        generator = generator_for("rows", number)
        task = draw_sine_task(DIMENSIONS[number], 2, generator)
        x[place, : SAMPLES[number], : DIMENSIONS[number]], y[place, : SAMPLES[number]] = task.draw(
            SAMPLES[number], generator
        )
    return x, y


def training_of(kind: str, chosen: list[int], steps: int = 150) -> ParallelTraining:
    generators = [generator_for("steps", number) for number in chosen]
    settings = FitSettings(steps=steps, batch_size=16)
    samples = [SAMPLES[number] for number in chosen]
    return ParallelTraining(networks_of(kind, chosen), *rows_of(chosen), samples, settings, generators)


def predictions(training: ParallelTraining, chosen: list[int]) -> Tensor:
    return training.networks.predict(rows_of(chosen)[0]).clone()


@pytest.mark.parametrize("kind", ["monolithic", "modular"])
def test_together_equals_one_by_one(kind: str) -> None:
    """150 steps of three networks of unlike inputs and sample sizes predict what each alone predicts, to 1e-5."""
    together = training_of(kind, [0, 1, 2])
    while together.done < together.settings.steps:
        together.run_block()
    for number in range(3):
        alone = training_of(kind, [number])
        while alone.done < alone.settings.steps:
            alone.run_block()
        expected = predictions(alone, [number])[0, : SAMPLES[number]]
        found = predictions(together, [0, 1, 2])[number, : SAMPLES[number]]
        assert torch.allclose(expected, found, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["monolithic", "modular"])
def test_gradients_equal_automatic_ones(kind: str) -> None:
    """The backward pass that is written out gives what torch derives, to 1e-5."""
    networks = networks_of(kind, [0, 1, 2])
    x, y = rows_of([0, 1, 2])
    networks.step(x, y)
    plain = PlainMonolithic if kind == "monolithic" else PlainModular
    for number in range(3):
        copy = plain(networks, number)
        (copy(x[number]) - y[number]).square().mean().backward()
        for expected, found in zip(copy.gradients(), networks.gradients, strict=True):
            part = found.view(3, -1)[number]
            assert torch.allclose(expected.flatten(), part, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["monolithic", "modular"])
def test_steps_equal_the_plain_reference(kind: str) -> None:
    """Thirty steps of Adam on the same rows: the losses of a plain module, to 1e-5."""
    networks = networks_of(kind, [2])
    plain = (PlainMonolithic if kind == "monolithic" else PlainModular)(networks, 0)
    x, y = rows_of([2])
    training = ParallelTraining(networks, x, y, [70], FitSettings(steps=30, batch_size=16), [generator_for("s")])
    generator, optimiser = generator_for("s"), torch.optim.Adam(plain.parameters(), lr=1.0)
    chosen = torch.randint(70, (30, 16), generator=generator)
    for step in range(30):
        optimiser.param_groups[0]["lr"] = training.settings.rate(step)
        optimiser.zero_grad()
        (plain(x[0, chosen[step]]) - y[0, chosen[step]]).square().mean().backward()
        optimiser.step()
    training.run_block()
    assert torch.allclose(plain(x[0, :70]), predictions(training, [2])[0, :70], rtol=1e-5, atol=1e-5)


def test_zeros_that_fill_up_stay_without_part() -> None:
    """Weights behind dimensions that a network does not have never move."""
    training = training_of("modular", [0, 2])
    training.run_block()
    assert not training.networks.projections[0, DIMENSIONS[0] :].any()
    assert training.networks.projections[1, DIMENSIONS[0] :].any()


def test_order_of_modules_does_not_matter() -> None:
    """A network is a sum over modules."""
    networks, (x, _) = networks_of("modular", [2]), rows_of([2])
    expected = networks.predict(x).clone()
    turn = torch.tensor([2, 0, 3, 1])
    networks.projections.copy_(networks.projections[:, :, turn])
    for weight in networks.body.weights:
        weight.copy_(weight[turn])
    assert torch.allclose(expected, networks.predict(x), atol=1e-6)


def test_the_rate_rises_and_falls() -> None:
    """It starts and ends at a hundredth and is highest after three tenths of the steps."""
    rates = [FitSettings(steps=100).rate(step) for step in range(101)]
    assert rates[30] == max(rates) == pytest.approx(3e-3)
    assert rates[0] == rates[100] == pytest.approx(3e-5)


def test_draws_depend_on_every_word() -> None:
    """Equal words, equal draws; any other word, others."""
    drawn = [float(torch.rand(1, generator=generator_for(*words))) for words in (("a", 1), ("a", 1), ("a", 2))]
    assert drawn[0] == drawn[1] != drawn[2]


def test_no_step_is_refused() -> None:
    """A training needs a step."""
    with pytest.raises(ValueError, match="steps 0"):
        FitSettings(steps=0)
