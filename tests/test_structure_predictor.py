"""The predictor against a plain twin of its steps, and what it must be good for: ranking what it has not seen."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from parsimony.methods.structure_predictor import StructurePredictor


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny steps are slowed by threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def toy(number: int, seed: int) -> SimpleNamespace:
    """Scores that rise with two of the twenty features."""
    features = np.random.default_rng(seed).integers(0, 2, (number, 20))
    return SimpleNamespace(features=features, scores=0.3 + 0.3 * features[:, 3] + 0.2 * features[:, 11])


def share_of_pairs_in_order(predicted: np.ndarray, scores: np.ndarray) -> float:
    """Share of the pairs of unlike scores that the prediction puts in the right order; chance is one half."""
    ahead = scores[:, None] > scores[None, :]
    return float((predicted[:, None] > predicted[None, :])[ahead].mean())


@pytest.mark.parametrize("networks", [1, 5])
def test_unseen_structures_are_ranked_better_than_chance(networks: int) -> None:
    """After some rounds on 120 structures, most pairs of 200 others stand in the right order."""
    known, unseen = toy(120, seed=0), toy(200, seed=1)
    predictor = StructurePredictor(np.random.default_rng(4), networks)
    for _ in range(10 if networks == 1 else 2):
        predictor.learn(known.features, known.scores)
    assert share_of_pairs_in_order(predictor.predict(unseen.features), unseen.scores) > 0.7


def weights(predictor: StructurePredictor) -> dict[str, np.ndarray]:
    """The four arrays of the first network, in float64."""
    return {name: value.double().numpy().copy() for name, value in predictor.state_dict()["0"].items()}


def plain_steps(w: dict[str, np.ndarray], picks: np.ndarray, features: np.ndarray, scores: np.ndarray) -> None:
    """Steps of plain gradient descent on |f(x) - y|, the gradients written out; `w` is changed."""
    for batch in picks:
        gradient = {name: 0.1 * value for name, value in w.items()}  # weight decay
        for x, y in zip(features[batch].astype(float), scores[batch], strict=True):
            before = w["0.weight"] @ x + w["0.bias"]
            hidden = np.maximum(before, 0)
            slope = np.sign(w["2.weight"][0] @ hidden + w["2.bias"][0] - y) / len(batch)
            back = slope * w["2.weight"][0] * (before > 0)
            gradient["2.weight"] += slope * hidden
            gradient["2.bias"] += slope
            gradient["0.weight"] += np.outer(back, x)
            gradient["0.bias"] += back
        for name in w:
            w[name] -= 0.01 * gradient[name]


def test_steps_equal_gradient_descent_by_hand() -> None:
    """One round is 200 steps of batch 12: L1 loss, learning rate 0.01, weight decay 0.1, no restart."""
    known = toy(40, seed=2)
    predictor, twin = (StructurePredictor(np.random.default_rng(7)) for _ in range(2))
    expected = weights(predictor)
    for _ in range(2):
        predictor.learn(known.features, known.scores)
        picks = twin._generator.integers(40, size=(200, 12))
        twin._generator.random((200, 12, 20))  # what the dropout of the other kind draws
        plain_steps(expected, picks, known.features, known.scores)
    found = weights(predictor)
    for name, value in expected.items():
        assert value == pytest.approx(found[name], abs=1e-4)


def test_prediction_is_the_mean_of_the_networks() -> None:
    """Five networks are asked and their answers averaged."""
    predictor, features = StructurePredictor(np.random.default_rng(0), networks=5), toy(9, seed=3).features
    single = []
    for k in range(5):
        w = {name: value.numpy() for name, value in predictor.state_dict()[str(k)].items()}
        hidden = np.maximum(features @ w["0.weight"].T + w["0.bias"], 0)
        single.append(hidden @ w["2.weight"][0] + w["2.bias"][0])
    assert np.mean(single, 0) == pytest.approx(predictor.predict(features), abs=1e-6)


@pytest.mark.parametrize("networks", [1, 5])
def test_saved_weights_bring_back_the_prediction(networks: int) -> None:
    """A predictor of another seed that loads the weights predicts the same; the same seed learns the same."""
    known = toy(30, seed=5)
    first, second, other = (StructurePredictor(np.random.default_rng(seed), networks) for seed in (1, 1, 2))
    first.learn(known.features, known.scores)
    second.learn(known.features, known.scores)
    assert first.predict(known.features).tolist() == second.predict(known.features).tolist()
    assert first.predict(known.features).tolist() != other.predict(known.features).tolist()
    other.load_state_dict(first.state_dict())
    assert first.predict(known.features).tolist() == other.predict(known.features).tolist()
