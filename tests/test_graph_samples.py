"""Samples of graphs: what may not be put together, and what is made of samples."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
import torch

from parsimony.data.graph_samples import GraphSamples, unit_text

KILOGRAM, METRE, ACCELERATION = (1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 1, -2, 0, 0)


def samples(**changed: Any) -> GraphSamples:
    """Three graphs of four places, the last of them empty; every pair present is joined."""
    generator = torch.Generator().manual_seed(0)
    present = torch.tensor([True, True, True, False]).repeat(3, 1)
    pairs = present.unsqueeze(1) & present.unsqueeze(2) & ~torch.eye(4, dtype=torch.bool)
    given = {
        "name": "small",
        "adjacency": pairs,
        "present": present,
        "node": torch.randn(3, 4, 1, generator=generator),
        "edge": torch.randn(3, 4, 4, 2, generator=generator),
        "whole": torch.empty(3, 0),
        "node_names": ("mass",),
        "edge_names": ("dx", "dy"),
        "whole_names": (),
        "target": torch.randn(3, 4, 2, generator=generator),
        "level": "node",
        "target_names": ("ax", "ay"),
        "units": {"mass": KILOGRAM, "dx": METRE, "dy": METRE, "ax": ACCELERATION, "ay": ACCELERATION},
    }
    return GraphSamples(**{**given, **changed})


def test_units_are_written_as_text() -> None:
    """A power of one is not written; a pure number is 1."""
    assert ["m s^-2", "kg m^2 s^-3 A^-1", "1"] == [
        unit_text(unit) for unit in (ACCELERATION, (1, 2, -3, -1, 0), (0,) * 5)
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"level": "edge"}, r"level 'edge' given; known are node, whole"),
        ({"level": "whole"}, r"target of shape \[3, 4, 2\] given; expected \[3, 2\]"),
        (
            {"node_names": ("mass", "k")},
            r"node of shape \[3, 4, 1\] given; expected \[3, 4, 2\] .* name every variable",
        ),
        ({"units": {"mass": KILOGRAM}}, r"unit None given for 'dx'; expected 5 exponents"),
        ({"present": torch.ones(3, 4)}, r"\['present', 'has_target'\] given as numbers; expected True and False"),
        ({"adjacency": torch.eye(4, dtype=torch.bool).repeat(3, 1, 1)}, r"an edge to itself given; leave the diagonal"),
        ({"adjacency": ~torch.eye(4, dtype=torch.bool).repeat(3, 1, 1)}, r"an absent node with an edge"),
        ({"has_target": torch.ones(3, 4, dtype=torch.bool)}, r"an absent node with an edge or a target"),
        ({"edge": torch.full((3, 4, 4, 2), torch.nan)}, r"edge of torch.float32 with 96 values that are not finite"),
        ({"target": torch.zeros(3, 4, 2).double()}, r"target of torch.float64 .* expected finite float32"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Any], message: str) -> None:
    """Each message says what was given, what was expected and what to do."""
    with pytest.raises(ValueError, match=message):
        samples(**changed)


def test_samples_are_frozen() -> None:
    """Neither a field nor a unit can be set."""
    one = samples()
    with pytest.raises(FrozenInstanceError):
        one.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        one.units["mass"] = METRE  # type: ignore[index]


def test_rows_are_taken_together() -> None:
    """Every tensor follows, also an optional one; the original stays."""
    whole = samples(positions=torch.rand(3, 4, 2), has_target=samples().present)
    part = whole.take(torch.tensor([2, 0]))
    assert (2, 3) == (part.num_samples, whole.num_samples)
    for name in ("adjacency", "node", "edge", "target", "positions", "has_target"):
        assert torch.equal(getattr(whole, name)[[2, 0]], getattr(part, name))
    assert 1 == whole.take(slice(1)).num_samples


def test_kept_variables_stay_in_order() -> None:
    """Columns follow their names."""
    part = samples().keep(("dy", "mass"))
    assert (("mass",), ("dy",)) == (part.node_names, part.edge_names)
    assert torch.equal(samples().edge[..., 1:], part.edge)
    replace(part)  # and all fits together
    with pytest.raises(ValueError, match=r"variables \['k'\] asked of small; it has mass, dx, dy"):
        samples().keep(("k",))


def test_fewer_targets_may_count() -> None:
    """A part of the targets counts; one that is not known cannot."""
    part = samples().counting(samples().present & torch.tensor([True, False, False, False]))
    assert 3 == part.counted.sum() and 9 == samples().counted.sum()
    with pytest.raises(ValueError, match=r"targets asked that are not known; ask for some of those that count now"):
        part.counting(part.present)


def test_noise_has_the_share_asked_for() -> None:
    """Each dimension gets noise in the measure of its own deviation, and only where a target counts."""
    target = torch.randn(4000, 4, 2, generator=torch.Generator().manual_seed(1)) * torch.tensor([1.0, 100.0])
    many = samples().take(torch.zeros(4000, dtype=torch.long))._with(target=target)
    noise = many.noisy(0.1, torch.Generator().manual_seed(2)).target - target
    share = noise[many.present].std(0) / target[many.present].std(0)
    assert torch.allclose(torch.full((2,), 0.1), share, rtol=0.03)
    assert 0 == noise[~many.present].abs().max()
    assert torch.equal(noise, many.noisy(0.1, torch.Generator().manual_seed(2)).target - target)
    with pytest.raises(ValueError, match=r"share -0.1 asked; give 0 for none"):
        many.noisy(-0.1, torch.Generator())
