"""ColdNAS: equal to its plain, user-by-user form; the theorem of the search space; invariances; wrong inputs."""

from itertools import product

import numpy as np
import pytest
import torch
from benchmarks.plain_coldnas import PlainColdNAS

from cold_start_samples import sample_data
from parsimony.data.cold_start import UserTasks
from parsimony.experiments.cold_start.training import CourseSettings, Training, draw_query_items
from parsimony.methods.coldnas import ColdNAS
from parsimony.methods.modulation_space import (
    ALL,
    FILM,
    LARGE_OPERATIONS,
    NONE,
    OPERATIONS,
    RELEASED,
    ModulationStructure,
    apply_chain,
    large_space,
    normal_form,
    operations_of,
    small_space,
)
from parsimony.nn.modulation import Modulation

STRUCTURES = {"released": RELEASED, "film": FILM, "none": NONE, "all": ALL}


def model_of(structure: ModulationStructure = ALL, *, is_gated: bool = False, seed: int = 0) -> ColdNAS:
    generator = torch.Generator().manual_seed(seed)
    return ColdNAS(sample_data(50), generator, cells=structure.cells, is_gated=is_gated, width=8, spread=0.5)


@pytest.mark.parametrize("name", [*STRUCTURES, "supernet"])
def test_losses_equal_the_plain_reference(name: str) -> None:
    """Six steps of Adam on the same users: the same losses, step by step, to 1e-5."""
    data, model = sample_data(50), model_of(STRUCTURES.get(name, ALL), is_gated=name == "supernet")
    plain = PlainColdNAS(model, data, learning_rate=1e-2)
    training = Training(model, data, CourseSettings(batch_size=6, learning_rate=1e-2), seed=0, device="cpu")
    for step in range(6):
        users = [(6 * step + k) % 18 for k in range(6)]
        expected, found = plain.step(users), float(training.step(data.train[torch.tensor(users)]))
        assert expected == pytest.approx(found, rel=1e-5)


@pytest.mark.parametrize("name", [*STRUCTURES, "supernet"])
def test_gradients_equal_the_plain_reference(name: str) -> None:
    """Every weight receives the same gradient, to 1e-4 of its largest entry."""
    data, model = sample_data(50), model_of(STRUCTURES.get(name, ALL), is_gated=name == "supernet")
    plain = PlainColdNAS(model, data, learning_rate=1e-2)
    plain.loss(list(range(8))).backward()
    model.loss(data.train[:8], torch.Generator()).backward()
    for key, parameter in model.named_parameters():
        expected = plain.weights[key].grad
        if key.startswith("parameters_of_context"):
            expected = expected[plain.used_rows]
        assert torch.allclose(expected, parameter.grad, atol=1e-4 * float(expected.abs().max()) + 1e-9), key


def test_parameters_on_last_fm() -> None:
    """3,846 items, 1,872 users: 514,689 parameters with all cells, as in the authors' code; 16 more as a supernet."""
    data = sample_data(50)
    for fields, size in ((data.item_fields, 3846), (data.user_fields, 1872)):
        object.__setattr__(fields[0], "size", size)
    last_fm = type(data)(**{**vars(data), "item_fields": data.item_fields[:1]})
    counts = [
        sum(one.numel() for one in ColdNAS(last_fm, torch.Generator(), cells=ALL.cells, is_gated=gated).parameters())
        for gated in (False, True)
    ]
    assert [514_689, 514_705] == counts


def test_predictions_of_filled_rows_are_zero_and_others_in_range() -> None:
    """Ratings lie in (0, R)."""
    data, model = sample_data(50), model_of()
    rows = model(data.test)
    assert (rows[~data.test.has_query] == 0).all()
    assert ((rows > 0) & (rows < 5))[data.test.has_query].all()


def test_order_of_support_and_of_users_does_not_matter() -> None:
    """A set encoder sees a set; users are predicted one by one."""
    tasks, model = sample_data(50).train, model_of()
    turned = UserTasks(
        tasks.user, tasks.support_item.flip(1), tasks.support_rating.flip(1), tasks.query_item, tasks.query_rating
    )
    order = torch.randperm(len(tasks), generator=torch.Generator().manual_seed(1))
    assert torch.allclose(model(tasks), model(turned), atol=1e-6)
    assert torch.allclose(model(tasks)[order], model(tasks[order]), atol=1e-6)


def test_without_modulation_the_support_set_is_not_read() -> None:
    """The baseline of no adaptation."""
    tasks, model = sample_data(50).train, model_of(NONE)
    other = UserTasks(tasks.user, tasks.support_item, 5 - tasks.support_rating, tasks.query_item, tasks.query_rating)
    assert torch.equal(model(tasks), model(other))
    assert 0 == model.adaptive_parameters


def test_modulation_by_hand() -> None:
    """max(1, 2) = 2, min(2, 1.5) = 1.5, times 2 = 3, plus -1 = 2; a negative factor counts as 0."""
    modulation = Modulation([1], [OPERATIONS])
    for factor, expected in ((2.0, 2.0), (-2.0, -1.0)):
        parts = modulation.split(torch.tensor([[2.0, 1.5, factor, -1.0]]))
        assert [[expected]] == modulation(0, torch.tensor([[1.0]]), parts[0]).tolist()


def test_gates_start_at_one_half() -> None:
    """x = 1, max with 3: half of each; then plus 4: half of each."""
    modulation = Modulation([1], [["max", "plus"]], is_gated=True)
    parts = modulation.split(torch.tensor([[3.0, 4.0]]))
    assert [[4.0]] == modulation(0, torch.tensor([[1.0]]), parts[0]).tolist()


def random_chain(generator: np.random.Generator) -> list[tuple[str, np.ndarray]]:
    """Return 1 to 12 operations; factors and divisors are positive."""
    names = generator.choice(LARGE_OPERATIONS, generator.integers(1, 13))
    return [
        (str(name), np.exp(generator.normal(size=64)) if name in ("times", "divide") else generator.normal(size=64))
        for name in names
    ]


def test_both_spaces_express_the_same_functions() -> None:
    """20,000 random chains equal their normal form, which needs the operations of their groups only."""
    generator = np.random.default_rng(0)
    largest = 0.0
    for _ in range(20_000):
        chain, h = random_chain(generator), 3 * generator.normal(size=64)
        form, expected = normal_form(chain, h.shape), apply_chain(h, chain)
        largest = max(largest, float(np.max(abs(form(h) - expected) / np.maximum(1, abs(expected)))))
        needed = operations_of([name for name, _ in chain])
        assert ("max" in needed) or np.isneginf(form.low).all()
        assert ("min" in needed) or np.isposinf(form.high).all()
        assert ("times" in needed) or (form.factor == 1).all()
        assert ("plus" in needed) or (form.shift == 0).all()
    assert largest < 1e-12


def test_small_space_lies_in_the_large_one() -> None:
    """Each of the 16 subsets is a chain of at most four operations, so both spaces hold the same functions."""
    generator = np.random.default_rng(1)
    for keep in product([False, True], repeat=4):
        chosen = [name for name, kept in zip(OPERATIONS, keep, strict=True) if kept]
        chain = [(name, np.exp(generator.normal(size=8))) for name in chosen]
        h = generator.normal(size=8)
        modulation = Modulation([8], [chosen])
        p = torch.tensor(np.concatenate([phi for _, phi in chain] or [np.zeros(0)])).unsqueeze(0)
        found = modulation(0, torch.tensor(h).unsqueeze(0), modulation.split(p)[0])
        assert apply_chain(h, chain) == pytest.approx(found[0].numpy())


def test_conditions_of_the_theorem() -> None:
    """With a negative factor max becomes min; with factor 0 a max needs plus. Both are refused."""
    h = np.linspace(-2, 2, 9)
    assert (np.maximum(-h, 1) == -np.minimum(h, -1)).all()
    assert (np.maximum(0 * h, 1) == np.zeros(9) * h + 1).all()
    for factor in (-1.0, 0.0):
        with pytest.raises(ValueError, match="positive factors"):
            normal_form([("times", np.full(3, factor))], (3,))


def test_sizes_of_the_spaces() -> None:
    """With chains of four operations the reduction is 3^16."""
    assert 65_536 == small_space()
    assert 3**16 == large_space(4) // small_space()


def test_top_operations_by_hand() -> None:
    """The largest gates of all positions together; ties go to the earlier cell."""
    gates = [[0.5, 0.5, 0.5, 0.9], [0.4, 0.8, 0.5, 0.5], [0.1, 0.1, 0.1, 0.7], [0.0, 0.0, 0.0, 0.0]]
    assert "plus | min | plus | none" == str(ModulationStructure.top(gates, 3))
    assert "max+plus | min | plus | none" == str(ModulationStructure.top(gates, 4))


def test_drawn_query_items_are_a_user_s_own() -> None:
    """At most two each, no filling where items are left, ratings stay with their items."""
    tasks = sample_data(50).train
    drawn = draw_query_items(tasks, 2, torch.Generator().manual_seed(0))
    assert torch.equal(drawn.has_query.sum(1), tasks.has_query.sum(1).clamp(max=2))
    pairs = [
        set(zip(i, r, strict=True)) for i, r in zip(tasks.query_item.tolist(), tasks.query_rating.tolist(), strict=True)
    ]
    for own, item, rating in zip(pairs, drawn.query_item.tolist(), drawn.query_rating.tolist(), strict=True):
        assert set(zip(item, rating, strict=True)) <= own


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ((("plus", "max"), (), (), ()), "in this order"),
        ((("divide",), (), (), ()), "expected some of max, min, times, plus"),
        ((("plus", "plus"), (), (), ()), "each once"),
    ],
)
def test_impossible_structures_are_named(cells: tuple, said: str) -> None:
    """Operations out of order, unknown or twice."""
    with pytest.raises(ValueError, match=said):
        ModulationStructure(cells)


def test_wrong_requests_are_named() -> None:
    """Too many operations, positions that do not exist, a batch larger than the data."""
    with pytest.raises(ValueError, match="17 operations asked of 16"):
        ModulationStructure.top(np.zeros((4, 4)), 17)
    with pytest.raises(ValueError, match="operations for 3 positions given; the predictor has 4"):
        ColdNAS(sample_data(50), torch.Generator(), cells=ALL.cells[:3])
    with pytest.raises(ValueError, match="has 18 training users"):
        Training(model_of(), sample_data(50), CourseSettings(batch_size=19), seed=0, device="cpu")
