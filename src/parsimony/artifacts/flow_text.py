"""The text of a flow, as records hold it, read back, such as "e1(E: R, V: V_i V_j; 1) -> u1(linear sum E; 1)"."""

from __future__ import annotations

import re
from dataclasses import dataclass

LAYER = re.compile(r"([euv])(\d+)\((.*); (\d+)\)")
READ = re.compile(r"(linear )?(?:(sum|mean|max) )?([EVU])(?:: (.*))?")


@dataclass(frozen=True)
class Read:
    """What a layer reads: a level, perhaps through an aggregator, which of its variables, and whether linearly."""

    level: str
    aggregator: str = ""
    variables: tuple[str, ...] = ()
    is_linear: bool = False


@dataclass(frozen=True)
class FlowLayer:
    """A layer as its text says: level, size, and what it reads."""

    level: str
    size: int
    reads: tuple[Read, ...]


def parse_flow(text: str) -> dict[str, FlowLayer]:
    """Read the layers of a flow by level; of two layers of a level the last one counts.

    Raises:
        ValueError: if the text is no flow.
    """
    return {layer.level: layer for layer in map(parse_layer, text.split(" -> "))}


def parse_layer(text: str) -> FlowLayer:
    """Read one layer.

    Raises:
        ValueError: if the text is no layer.
    """
    level, _, reads, size = _parts(LAYER, text, "a layer", "'e1(E: R, V: V_i V_j; 1)'")
    return FlowLayer(level.upper(), int(size), tuple(map(parse_read, reads.split(", "))))


def parse_read(text: str) -> Read:
    """Read one input of a layer.

    Raises:
        ValueError: if the text is no input.
    """
    linear, aggregator, level, names = _parts(READ, text, "an input of a layer", "'sum E' or 'V: V_i V_j'")
    return Read(level, aggregator or "", tuple((names or "").split()), bool(linear))


def _parts(pattern: re.Pattern[str], text: str, what: str, example: str) -> tuple[str, ...]:
    matched = pattern.fullmatch(text)
    if matched is None:
        raise ValueError(f"{text!r} given as {what}; expected a text such as {example}.")
    return matched.groups()
