"""The plot of a search: candidates by complexity and loss on logarithmic axes, with their front."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Candidate = Mapping[str, Any]
WIDTH, HEIGHT = 480, 330
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 14, 50
COMPLEXITIES = (1, 2, 3, 5, 10, 20, 40, 80, 160)
LOSSES = (1e-5, 1e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1)


class Scale:
    """A logarithmic axis.

    Args:
        values: what it must hold, all above zero.
        start: where it begins in the drawing.
        end: where it ends.
    """

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        low, high = math.log(min(values)), math.log(max(values))
        pad = 0.06 * (high - low) or 0.5
        self.low, self.high, self.start, self.end = low - pad, high + pad, start, end

    def __call__(self, value: float) -> float:
        """Return where a value stands."""
        return self.start + (math.log(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, offered: Sequence[float]) -> list[float]:
        """Return which of some values lie on the axis."""
        return [one for one in offered if self.low <= math.log(one) <= self.high]


def search_plot(candidates: Sequence[Candidate], label: str) -> str:
    """Return the SVG; the ring and the two lines of the chosen point are moved by the script."""
    across = Scale([one["complexity"] for one in candidates], LEFT, WIDTH - RIGHT)
    down = Scale([max(one["loss"], LOSSES[0]) for one in candidates], HEIGHT - BOTTOM, TOP)
    points = "".join(point(one, across, down) for one in candidates)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(axes(across, down))}'
        f'<path class="front" d="{front(candidates, across, down)}" />{points}<circle class="ring" r="11" /></svg>'
    )


def axes(across: Scale, down: Scale) -> Iterator[str]:
    """Yield frame, ticks and names of both axes."""
    floor = HEIGHT - BOTTOM
    yield f'<path class="frame" d="M{LEFT} {TOP} V{floor} H{WIDTH - RIGHT}" />'
    for value in across.ticks(COMPLEXITIES):
        yield f'<text x="{across(value):.1f}" y="{floor + 18}" text-anchor="middle">{value}</text>'
    for value in down.ticks(LOSSES):
        yield f'<text x="{LEFT - 7}" y="{down(value) + 5:.1f}" text-anchor="end">{value:g}</text>'
    yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 9}" text-anchor="middle">complexity of the flow</text>'
    yield (
        f'<text transform="translate(15 {(TOP + floor) / 2}) rotate(-90)" text-anchor="middle">'
        "loss (RMSE / deviation)</text>"
    )


def point(one: Candidate, across: Scale, down: Scale) -> str:
    """Return one candidate, filled where the search went on from it."""
    kind = "kept" if one["kept"] else "dropped"
    x, y = across(one["complexity"]), down(max(one["loss"], LOSSES[0]))
    words = f"{one['number']}: {one['step']}, complexity {one['complexity']}, loss {one['loss']:.4f}"
    return (
        f'<circle class="point {kind}" data-number="{one["number"]}" cx="{x:.1f}" cy="{y:.1f}" r="6">'
        f"<title>{words}</title></circle>"
    )


def front(candidates: Sequence[Candidate], across: Scale, down: Scale) -> str:
    """Return the steps of the Pareto front, from the simplest flow to the best."""
    members = sorted((one for one in candidates if one["front"]), key=lambda one: one["complexity"])
    places = [(across(one["complexity"]), down(max(one["loss"], LOSSES[0]))) for one in members]
    return "M" + " ".join(f"{'H' * bool(n)}{x:.1f} {'V' * bool(n)}{y:.1f}" for n, (x, y) in enumerate(places))
