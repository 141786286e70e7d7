"""Published values and the verdict on ours."""

import pytest

from parsimony.published import Cell, published_tables, read_claims, read_table, verdict


def cell(value: float | None = 0.490, digits: int = 3, spread: float | None = None) -> Cell:
    return Cell("tab-2", "AutoBLM", "WN18RR", "MRR", value, digits, spread, "somewhere")


@pytest.mark.parametrize(
    ("values", "published", "expected"),
    [
        ([], 0.490, "not run"),
        ([0.49, 0.49], None, "not available"),
        ([0.490], 0.490, "single run"),
        ([0.4904, 0.4904], 0.490, "reproduced"),  # within half a unit of the third decimal
        ([0.4906, 0.4906], 0.490, "close"),  # just outside it, within five per cent
        ([0.45, 0.45], 0.490, "differs"),
        ([0.44, 0.50], 0.490, "reproduced"),  # the spread over seeds is wide
    ],
)
def test_verdict_by_hand(values: list[float], published: float | None, expected: str) -> None:
    """Each kind of verdict at a value worked out beforehand."""
    assert expected == verdict(cell(published), values).kind


def test_tolerance_by_hand() -> None:
    """Values 0.48 and 0.50 have deviation 0.01414; twice the joint deviation of two such spreads is 0.04."""
    assert pytest.approx(0.04) == verdict(cell(), [0.48, 0.50]).tolerance
    assert pytest.approx(2 * (0.0002 + 0.03**2) ** 0.5) == verdict(cell(spread=0.03), [0.48, 0.50]).tolerance


def test_a_difference_says_its_direction() -> None:
    """Better or worse stands in the text."""
    assert ["differs, better", "differs, worse"] == [verdict(cell(), [x, x]).text for x in (0.6, 0.4)]


@pytest.mark.parametrize(("value", "said"), [(0.4996, "equal"), (0.4994, "worse"), (0.5006, "better")])
def test_one_run_that_rounds_to_the_published_value_is_equal(value: float, said: str) -> None:
    """0.500 is printed with three decimals."""
    assert f"single run, {said}" == verdict(cell(0.5), [value]).text


@pytest.mark.parametrize("table", published_tables())
def test_every_cell_has_a_source(table: str) -> None:
    """A value names where it stands; a missing value says that the sources give none."""
    cells = read_table(table)
    assert all(one.source for one in cells)
    assert all(one.digits > 0 for one in cells if one.value is not None)
    assert len(cells) == len({(one.row, one.column, one.measure) for one in cells})


def test_published_measures_are_possible() -> None:
    """H@1 <= MRR <= H@10 wherever a row prints them, and all are fractions."""
    values = {(c.row, c.column, c.measure): c.value for c in read_table("tab-2") if c.value is not None}
    assert all(0 < value < 1 for value in values.values())
    for (row, column, measure), value in values.items():
        if measure == "MRR":
            assert values.get((row, column, "H@1"), 0) <= value <= values.get((row, column, "H@10"), 1)


def test_an_unknown_table_names_the_known_ones() -> None:
    """The message lists what there is."""
    with pytest.raises(ValueError, match=r"'tab-99'; data/published holds .*tab-2"):
        read_table("tab-99")


def test_claims_are_complete() -> None:
    """Every claim says what it holds and where the paper says so; identifiers are unique."""
    claims = read_claims()
    assert len(claims) == len({claim["id"] for claim in claims}) > 0
    assert all(claim["source"].startswith("arXiv") for claim in claims)
