"""MAMO, users side by side, against one user at a time with plain autograd; its memories by hand."""

import pytest
import torch
from torch.nn import functional

from cold_start_samples import fit, measure_test, plain_embedding, sample_data, shuffle_support, widen
from parsimony.baselines.mamo import MAMO, write
from parsimony.data.cold_start import ColdStart, UserTasks

DATA = sample_data()
MEMORIES = ("M_P", "M_U", "M_UI")


def build(seed: int = 0, **settings) -> MAMO:
    model = MAMO(DATA, torch.Generator().manual_seed(seed), **{"spread": 0.5, "width": 6, "tau": 0.3, **settings})
    model.M_UI.mul_(0.2)  # away from the flat ends of the sigmoid, where every gradient is tiny
    return model


def encode(theta: list[torch.Tensor], p: torch.Tensor) -> torch.Tensor:
    hidden = functional.leaky_relu(p @ theta[0].T + theta[1], 0.1)
    return functional.leaky_relu(hidden @ theta[2].T + theta[3], 0.1)


def predict(theta: list[torch.Tensor], M_ui: torch.Tensor, p_u: torch.Tensor, p_i: torch.Tensor) -> torch.Tensor:
    """The network, written out: 4 weights of each encoder, 4 of the recommender, and the memory layer."""
    e_u, e_i = encode(theta[:4], p_u), encode(theta[4:8], p_i)
    h = torch.stack([M_ui @ torch.cat([e_u, row]) for row in e_i])
    logits = functional.leaky_relu(h @ theta[8].T + theta[9], 0.1) @ theta[10].T + theta[11]
    return DATA.scale * torch.sigmoid(logits.flatten())


def plain_user(model: MAMO, tasks: UserTasks, u: int) -> dict[str, torch.Tensor]:
    """One user by the equations: attention, start, inner steps, query."""
    items = [
        part[u][has[u]].tolist()
        for part, has in ((tasks.support_item, tasks.has_support), (tasks.query_item, tasks.has_query))
    ]
    p_u = plain_embedding(model.user, DATA.user_fields, int(tasks.user[u]))
    p_s, p_q = (torch.stack([plain_embedding(model.item, DATA.item_fields, i) for i in part]) for part in items)
    cosine = torch.stack([p_u.detach() @ slot / (p_u.detach().norm() * slot.norm()) for slot in model.M_P])
    a = cosine.exp() / cosine.exp().sum()
    phi, first, start = list(model.network.parameters()), 0, []
    for weight in phi[:4]:
        offset = sum(a[k] * model.M_U[k, first : first + weight.numel()] for k in range(3))
        start.append(weight - model.tau * offset.view_as(weight))
        first += weight.numel()
    theta, M_ui = start + phi[4:], sum(a[k] * model.M_UI[k] for k in range(3)).requires_grad_()
    y = tasks.support_rating[u][tasks.has_support[u]]
    for _ in range(model.inner_steps):
        error = (predict(theta, M_ui, p_u, p_s) - y).square().mean()
        *slopes, slope_M = torch.autograd.grad(error, [*theta, M_ui], retain_graph=True)
        theta = [weight - model.inner_rate * slope for weight, slope in zip(theta, slopes, strict=True)]
        M_ui = M_ui - model.inner_rate * slope_M
    return {"a": a, "p_u": p_u, "theta": theta, "M_ui": M_ui, "prediction": predict(theta, M_ui, p_u, p_q)}


def plain_batch(model: MAMO, tasks: UserTasks) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Mean query error of some users, and the memories after all have written, one after the other."""
    memories, errors = {name: getattr(model, name).clone() for name in MEMORIES}, []
    for u in range(len(tasks)):
        user = plain_user(model, tasks, u)
        errors.append((user["prediction"] - tasks.query_rating[u][tasks.has_query[u]]).square().mean())
        slopes = torch.autograd.grad(errors[-1], user["theta"][:4], retain_graph=True)
        written = (user["p_u"], torch.cat([slope.flatten() for slope in slopes]), user["M_ui"])
        for name, value, rate in zip(MEMORIES, written, (model.alpha, model.beta, model.gamma), strict=True):
            spread = torch.stack([weight * value for weight in user["a"]])
            memories[name] = rate * spread.detach() + (1 - rate) * memories[name]
    return torch.stack(errors).mean(), memories


@pytest.mark.parametrize("inner_steps", [1, 3])
def test_predictions_equal_one_user_at_a_time(inner_steps: int) -> None:
    """Filled-up rows of many users give what plain code gives for one, also where no gradient is kept."""
    model = build(inner_steps=inner_steps).eval()
    with torch.no_grad():
        found = model(DATA.test)
    for u in range(len(DATA.test)):
        expected = plain_user(model, DATA.test, u)["prediction"]
        assert torch.allclose(expected, found[u][DATA.test.has_query[u]], atol=1e-5)


def test_gradients_and_memories_equal_one_user_at_a_time() -> None:
    """Loss, every gradient and what is written agree with the plain loop."""
    model, tasks = build(inner_steps=2), DATA.train[:12]
    expected, memories = plain_batch(model, tasks)
    gradients = torch.autograd.grad(expected, list(model.parameters()))
    found = model.loss(tasks, torch.Generator())
    found.backward()
    assert expected.item() == pytest.approx(found.item(), rel=1e-5)
    for (name, parameter), gradient in zip(model.named_parameters(), gradients, strict=True):
        assert (gradient - parameter.grad).norm() <= 1e-4 * gradient.norm() + 1e-7, name
    for name, memory in memories.items():
        assert torch.allclose(memory, getattr(model, name), atol=1e-5), name


def test_writing_by_hand() -> None:
    """Two slots hold (8, 8); rate 1/2; the first user writes 4 with a = (1, 0), the second 2 with a = (0, 1).

    After the first (4 + 2, 4), after the second (3, 2 + 1).
    """
    memory = torch.tensor([[8.0], [8.0]])
    write(memory, torch.eye(2), torch.tensor([[4.0], [2.0]]), 0.5)
    assert [[3.0], [3.0]] == memory.tolist()


def test_preferences_fade() -> None:
    """As the equation has it, attention of 1/K fades M_UI by 1 - gamma (1 - 1/K) with each user who adapts little."""
    M_UI, a = torch.ones(3, 4, 4), torch.full((1, 3), 1 / 3)
    for _ in range(10):
        write(M_UI, a, torch.einsum("uk,kij->uij", a, M_UI), 0.1)
    assert (1 - 0.1 * 2 / 3) ** 10 == pytest.approx(M_UI[0, 0, 0].item(), rel=1e-5)


def test_profiles_become_alike() -> None:
    """As the equation has it, all slots move towards the same users: soon attention tells no user from another."""
    model = build()
    for _ in range(3):
        model.loss(DATA.train[:32], torch.Generator())
    p_u = model.user(DATA.test.user)
    cosine = functional.cosine_similarity(p_u.unsqueeze(1), model.M_P, dim=-1)
    assert torch.allclose(torch.full_like(cosine, 1 / 3), cosine.softmax(-1), atol=1e-3)


def test_memories_only_change_in_training() -> None:
    """Predictions, and the loss in evaluation, leave the memories alone; no gradient reaches them."""
    model = build().eval()
    before = {name: getattr(model, name).clone() for name in MEMORIES}
    model(DATA.test)
    model.loss(DATA.test, torch.Generator()).backward()
    assert all(torch.equal(memory, getattr(model, name)) for name, memory in before.items())
    model.train().loss(DATA.train[:4], torch.Generator()).backward()
    assert not any(torch.equal(memory, getattr(model, name)) for name, memory in before.items())
    assert not any(getattr(model, name).requires_grad for name in MEMORIES)


def test_memories_are_saved() -> None:
    """A state that is loaded again brings the memories back, as choosing the best epoch needs."""
    model = build()
    model.loss(DATA.train[:8], torch.Generator())
    other = build(seed=7)
    other.load_state_dict(model.state_dict())
    assert torch.equal(model.eval()(DATA.test), other.eval()(DATA.test))


def test_slots_start_unlike() -> None:
    """Every slot has numbers of its own, and all come from the generator."""
    model, again = build(), build()
    for name in MEMORIES:
        memory = getattr(model, name)
        assert not torch.allclose(memory[0], memory[1]) and not torch.allclose(memory[1], memory[2])
        assert torch.equal(memory, getattr(again, name))


def test_unchanged_by_order_and_filling() -> None:
    """The order of support rows and more filling change nothing; permuting users permutes predictions."""
    model, tasks = build().eval(), DATA.test
    expected, order = model(tasks), torch.randperm(len(tasks), generator=torch.Generator().manual_seed(0))
    assert torch.allclose(expected, model(shuffle_support(tasks)), atol=1e-5)
    assert torch.allclose(expected, model(widen(tasks, 5))[:, : expected.shape[1]], atol=1e-5)
    assert torch.allclose(expected[order], model(tasks[order]), atol=1e-5)


def test_many_users_equal_few() -> None:
    """More users than stand side by side are predicted like any."""
    model = build().eval()
    tasks = DATA.train[torch.arange(64).repeat(2)]
    assert torch.allclose(model(DATA.train[:64]).repeat(2, 1), model(tasks), atol=1e-5)


def test_predictions_lie_on_the_scale() -> None:
    """Between 0 and R, whatever the weights."""
    found = build(spread=20.0).eval()(DATA.test)
    assert found.min() >= 0 and found.max() <= DATA.scale


def test_adaptive_parameters_by_hand() -> None:
    """e = 6, one user field, two item fields: 6-3-6, 12-6-6, memory 12 x 12, 12-6-1."""
    encoders = (6 * 3 + 3 + 3 * 6 + 6) + (12 * 6 + 6 + 6 * 6 + 6)
    assert encoders + 144 + (12 * 6 + 6 + 6 + 1) == build().adaptive_parameters


@pytest.mark.parametrize(
    ("setting", "said"),
    [({"inner_steps": 0}, "0 inner steps given"), ({"alpha": 1.5}, "alpha 1.5"), ({"gamma": -0.1}, "gamma -0.1")],
)
def test_wrong_settings_are_named(setting: dict, said: str) -> None:
    """A setting out of range is refused with its name and value."""
    with pytest.raises(ValueError, match=said):
        build(**setting)


def test_learns_from_the_support_set() -> None:
    """After a short training, users never seen are predicted far better than by a constant."""
    data: ColdStart = sample_data(users=288)
    model = MAMO(data, torch.Generator().manual_seed(0), width=16)
    fit(model, data, epochs=20, rate=3e-3)
    error, constant = measure_test(model, data)
    assert error < 0.4 * constant
