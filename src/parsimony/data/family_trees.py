"""Family-trees: a generated graph of kin in which it is known why every derived fact holds.

Couples have children, and children of different families marry, for some generations. A fact (x, r, y) says that x is
the r of y. Parents, children and marriages are given, six relations; the other six follow by rules, chains from x to y:

    brother  <-  son father | son mother                  uncle   <-  brother father | brother mother
    sister   <-  daughter father | daughter mother        aunt    <-  sister father  | sister mother
    nephew   <-  son brother | son sister                 niece   <-  daughter brother | daughter sister

for distinct x and y. Siblings share both parents, so further chains hold: a brother's brother is a brother, an uncle of
a sibling is an uncle, a sibling of a niece is a niece or a nephew.

Given facts are known. Derived facts are known, trained on, chosen with or tested with; all facts between two people
go the same way, else a test fact (x, uncle, y) could be read from a known (y, nephew, x).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple

import torch

from parsimony.data.cards import require_counts
from parsimony.data.knowledge_graph import KnowledgeGraph

NAME = "Family-trees"
SEED = 0
COUPLES, GENERATIONS = 10, 5  # couples to begin with
CHILDREN = (2, 4)  # of a couple, least and most
SHARES = {"facts": 0.5, "train": 0.2, "valid": 0.1, "test": 0.2}  # of the pairs of people whose facts are derived

RELATIONS = (
    "father", "mother", "husband", "wife", "son", "daughter", "brother", "sister", "uncle", "aunt", "nephew", "niece",
)  # fmt: skip
DEFINITIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "brother": (("son", "father"), ("son", "mother")),
    "sister": (("daughter", "father"), ("daughter", "mother")),
    "uncle": (("brother", "father"), ("brother", "mother")),
    "aunt": (("sister", "father"), ("sister", "mother")),
    "nephew": (("son", "brother"), ("son", "sister")),
    "niece": (("daughter", "brother"), ("daughter", "sister")),
}
CONSEQUENCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "brother": (("brother", "brother"), ("brother", "sister")),
    "sister": (("sister", "brother"), ("sister", "sister")),
    "uncle": (("uncle", "brother"), ("uncle", "sister")),
    "aunt": (("aunt", "brother"), ("aunt", "sister")),
    "nephew": (("brother", "nephew"), ("brother", "niece")),
    "niece": (("sister", "nephew"), ("sister", "niece")),
}


class Kinship(NamedTuple):
    """Person x is the `relation` of person y."""

    head: int
    relation: str
    tail: int


class Person(NamedTuple):
    """Whether male, and the numbers of father and mother; None in the first generation."""

    is_male: bool
    father: int | None = None
    mother: int | None = None


class Trees(NamedTuple):
    """Everybody, and who married whom: (husband, wife)."""

    people: list[Person]
    marriages: list[tuple[int, int]]


def load_family_trees() -> KnowledgeGraph:
    """Generate the trees, derive all facts and split them; always the same graph."""
    generator = torch.Generator().manual_seed(SEED)
    trees = grow(generator)
    splits = split(given_facts(trees), generator)
    entities = tuple(f"person-{number}" for number in range(len(trees.people)))
    counts = {"entities": len(entities), "relations": len(RELATIONS)}
    require_counts(NAME, counts | {name: len(part) for name, part in splits.items()})
    tensors = {
        name: torch.tensor([[one.head, RELATIONS.index(one.relation), one.tail] for one in part])
        for name, part in splits.items()
    }
    return KnowledgeGraph(NAME, entities, RELATIONS, **tensors)


def grow(generator: torch.Generator) -> Trees:
    """Let families grow: every couple has children, who marry outside their own family."""
    people = [Person(is_male) for _ in range(COUPLES) for is_male in (True, False)]
    marriages = couples = [(2 * number, 2 * number + 1) for number in range(COUPLES)]
    for generation in range(1, GENERATIONS):
        born = []
        for father, mother in couples:
            count = int(torch.randint(CHILDREN[0], CHILDREN[1] + 1, (1,), generator=generator))
            for is_male in (torch.rand(count, generator=generator) < 0.5).tolist():
                born.append(len(people))
                people.append(Person(is_male, father, mother))
        couples = list(_marry(born, people, generator)) if generation < GENERATIONS - 1 else []
        marriages = marriages + couples
    return Trees(people, marriages)


def _marry(born: list[int], people: list[Person], generator: torch.Generator) -> Iterator[tuple[int, int]]:
    """Pair men with women of other parents, as long as there are any."""
    drawn = [born[place] for place in torch.randperm(len(born), generator=generator).tolist()]
    women = [one for one in drawn if not people[one].is_male]
    for man in [one for one in drawn if people[one].is_male]:
        wife = next((one for one in women if people[one].father != people[man].father), None)
        if wife is not None:
            women.remove(wife)
            yield man, wife


def given_facts(trees: Trees) -> list[Kinship]:
    """Return who is father, mother, son, daughter, husband or wife of whom."""
    found = []
    for child, person in enumerate(trees.people):
        for role, parent in (("father", person.father), ("mother", person.mother)):
            if parent is not None:
                found.append(Kinship(parent, role, child))
                found.append(Kinship(child, "son" if person.is_male else "daughter", parent))
    for husband, wife in trees.marriages:
        found += [Kinship(husband, "husband", wife), Kinship(wife, "wife", husband)]
    return found


def derive(given: Iterable[Kinship]) -> list[Kinship]:
    """Return what follows from the given facts by the definitions, in the order of people and relations."""
    known = KnownFacts(given)
    for relation, bodies in DEFINITIONS.items():  # siblings first: the others are defined by them
        for body in bodies:
            known.add([Kinship(walk[0].head, relation, walk[-1].tail) for walk in known.walks(body)])
    derived = [one for one in known.facts if one.relation in DEFINITIONS]
    return sorted(derived, key=lambda one: (one.head, RELATIONS.index(one.relation), one.tail))


def split(given: list[Kinship], generator: torch.Generator) -> dict[str, list[Kinship]]:
    """Part the derived facts by the pairs of people that they join; all given facts are known."""
    derived = derive(given)
    pairs = list(dict.fromkeys(frozenset((one.head, one.tail)) for one in derived))
    order = torch.randperm(len(pairs), generator=generator).tolist()
    ends = [round(share * len(pairs)) for share in accumulate(SHARES.values())]
    part_of = {
        pairs[place]: name
        for name, begin, end in zip(SHARES, [0, *ends], ends, strict=False)
        for place in order[begin:end]
    }
    parts: dict[str, list[Kinship]] = {name: [] for name in SHARES}
    parts["facts"] += given
    for one in derived:
        parts[part_of[frozenset((one.head, one.tail))]].append(one)
    return parts


class KnownFacts:
    """Facts filed by the person that they begin with.

    Args:
        facts: what is known.
    """

    def __init__(self, facts: Iterable[Kinship]) -> None:
        self.facts: dict[Kinship, None] = {}
        self._tails: dict[tuple[int, str], list[int]] = defaultdict(list)
        self.add(facts)

    def add(self, facts: Iterable[Kinship]) -> None:
        """Know more; what is known already counts once."""
        for one in facts:
            if one not in self.facts:
                self.facts[one] = None
                self._tails[one.head, one.relation].append(one.tail)

    def walks(self, body: tuple[str, ...], start: int | None = None) -> Iterator[tuple[Kinship, ...]]:
        """Yield the chains of facts with the relations of `body` that meet nobody twice.

        Args:
            body: relations in the order of the walk.
            start: where the chains begin; anywhere if None.
        """
        begins = list(dict.fromkeys(one.head for one in self.facts)) if start is None else [start]
        for begin in begins:
            yield from self._continued((), (begin,), body)

    def _continued(
        self, walk: tuple[Kinship, ...], met: tuple[int, ...], body: tuple[str, ...]
    ) -> Iterator[tuple[Kinship, ...]]:
        if not body:
            yield walk
            return
        for tail in list(self._tails.get((met[-1], body[0]), ())):
            if tail not in met:
                yield from self._continued((*walk, Kinship(met[-1], body[0], tail)), (*met, tail), body[1:])

    def proofs(self, fact: Kinship) -> list[tuple[Kinship, ...]]:
        """Return every chain of two or three known facts that proves a derived fact; it need not be known itself."""
        walks = (walk for body in BODIES[fact.relation] for walk in self.walks(body, fact.head))
        return [walk for walk in walks if walk[-1].tail == fact.tail]


def _bodies(relation: str) -> tuple[tuple[str, ...], ...]:
    """Return the chains of two and three relations from which a relation follows."""
    rules = {name: (*DEFINITIONS[name], *CONSEQUENCES[name]) for name in DEFINITIONS}
    longer = [
        (*body[:place], *inner, *body[place + 1 :])
        for body in rules[relation]
        for place, step in enumerate(body)
        for inner in rules.get(step, ())
    ]
    return tuple(dict.fromkeys((*rules[relation], *longer)))


BODIES: Mapping[str, tuple[tuple[str, ...], ...]] = {relation: _bodies(relation) for relation in DEFINITIONS}
