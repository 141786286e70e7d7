"""Every run of the book, with its expected result, minutes and machine. Computing it imports no torch."""

from __future__ import annotations

from collections.abc import Mapping

from parsimony.experiments.catalogue import (
    bilinear,
    cold_start,
    few_shot,
    graph_laws,
    interactions,
    modularity,
    networks,
    reasoning,
)
from parsimony.experiments.catalogue.expectation import Expectation
from parsimony.records import Specification

FAMILIES = (bilinear, networks, cold_start, few_shot, reasoning, graph_laws, interactions, modularity)

SPECIFICATIONS: tuple[Specification, ...] = tuple(one for family in FAMILIES for one in family.SPECIFICATIONS)

EXPECTED: Mapping[str, Expectation] = {
    one.name: family.expectation(one) for family in FAMILIES for one in family.SPECIFICATIONS
}
