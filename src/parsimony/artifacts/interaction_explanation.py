"""What a record of EmerGNN says for one pair of drugs: names instead of identifiers, layers of a flow, best paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from parsimony.artifacts.interaction_drawing import is_interaction, verb_of
from parsimony.artifacts.interaction_runs import FLOW, TASK
from parsimony.artifacts.reasoning_digraph import IDENTITY, Edge, Layers, is_inverse, name_of_relation
from parsimony.records import Archive, Filed

CASE = ("Compound::DB06204", "Compound::DB00757", "Gene::1565")  # Tapentadol, Dolasetron, CYP2D6: Figure 11a


class NamedPath(NamedTuple):
    """A path between both drugs.

    Attributes:
        edges: as a message flows.
        gate: mean of their gates, the score of the paper.
        added: what the path adds to the logit of the true type beyond the mean of all types.
        alike: how many paths have the same chain of relations, this one among them.
        together: what all of these add.
    """

    edges: tuple[Edge, ...]
    gate: float
    added: float
    alike: int
    together: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """A prediction and what speaks for it.

    Attributes:
        raw: as the record holds it.
        labels: of each entity, by its number; names that several entities share say which is meant.
        kinds: by label.
    """

    raw: Mapping[str, Any]
    labels: Mapping[int, str]
    kinds: Mapping[str, str]

    @property
    def pair(self) -> tuple[str, str]:
        """Head and tail."""
        return self.labels[self.raw["head"]], self.labels[self.raw["tail"]]

    @property
    def layers(self) -> Layers:
        """The flow from head to tail."""
        return tuple(
            tuple(Edge(self.labels[head], relation, self.labels[tail], gate) for head, relation, tail, gate in layer)
            for layer in self.raw["layers"]
        )

    @property
    def paths(self) -> tuple[NamedPath, ...]:
        """The paths of both flows that add most to the logit, best first; one for each chain of relations."""
        return tuple(map(self._path, self.raw["paths"]))

    def _path(self, raw: Mapping[str, Any]) -> NamedPath:
        names, chain = [self.labels[entity] for entity in raw["entities"]], raw["chain"]
        edges = tuple(map(Edge, names, raw["relations"], names[1:]))
        return NamedPath(edges, raw["score"], raw["contribution"], chain["paths"], chain["contribution"])

    def place_through(self, identifier: str) -> int | None:
        """Return the place, from 1, of the first of these paths that runs through an entity."""
        for place, path in enumerate(self.raw["paths"], start=1):
            if identifier in {self.raw["entities"][str(number)][0] for number in path["entities"][1:-1]}:
                return place
        return None


def read_explanation(raw: Mapping[str, Any]) -> Explanation:
    """Read one explanation of a record."""
    named = {int(number): (name, kind) for number, (_, name, kind) in raw["entities"].items()}
    count = Counter(name for name, _ in named.values())
    labels = {number: name if count[name] == 1 else f"{name} ({kind.lower()}) {number}"
              for number, (name, kind) in named.items()}  # fmt: skip
    return Explanation(raw, labels, {labels[number]: kind for number, (_, kind) in named.items()})


def explaining_runs(archive: Archive) -> list[Filed]:
    """Return the first run of EmerGNN that holds explanations of each data set: archived before quick."""
    every = [one for profile in ("paper", "quick") for one in archive.find(FLOW, profile=profile, task=TASK)]
    found = [one for one in every if one.record.measurements.get("explanations")]
    return list({one.record.specification.dataset: one for one in reversed(found)}.values())[::-1]


def explanations_of(one: Filed) -> list[Explanation]:
    """Return the explanations of a run, that of the paper's case first."""
    found = [read_explanation(raw) for raw in one.record.measurements["explanations"]]
    return sorted(found, key=lambda each: not is_case(each))


def is_case(one: Explanation) -> bool:
    """Tell whether an explanation is of the pair of Figure 11a."""
    ends = (one.raw["head"], one.raw["tail"])
    return tuple(one.raw["entities"][str(number)][0] for number in ends) == CASE[:2]


def said(edge: Edge) -> str:
    """Read one step aloud, one that is walked backwards from its tail."""
    if edge.relation == IDENTITY:
        return f"the message waits at {edge.head}"
    head, tail = (edge.tail, edge.head) if is_inverse(edge) else (edge.head, edge.tail)
    relation = name_of_relation(edge)
    if is_interaction(edge):
        return f"{head} has interaction {relation} with {tail}"
    return f"{head} {verb_of(relation)} {tail}"


def sentence(path: NamedPath) -> str:
    """Read a path aloud as the facts that it strings together."""
    facts = [said(edge) for edge in path.edges if edge.relation != IDENTITY]
    return ", and ".join(facts)


def prediction_text(one: Explanation) -> str:
    """Say what is predicted for the pair, in words of its data set."""
    head, tail = one.pair
    return str(one.raw["type_text"]).rstrip(".").replace("#Drug1", head).replace("#Drug2", tail)


def label_of(edge: Edge) -> str:
    """Write a relation on an edge: what it says, or the number of an interaction."""
    return verb_of(name_of_relation(edge))
