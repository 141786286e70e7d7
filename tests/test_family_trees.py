"""Generated family trees: facts by hand, every rule holds, every tested fact has a proof among what is known."""

import os

import pytest
import torch

from parsimony.data.family_trees import (
    BODIES,
    DEFINITIONS,
    RELATIONS,
    Kinship,
    KnownFacts,
    Person,
    Trees,
    derive,
    given_facts,
    grow,
    load_family_trees,
    split,
)
from parsimony.data.knowledge_graph import KnowledgeGraph, load_knowledge_graph

# 0 and 1 have a son 2 and a daughter 3; 2 and 4 have a daughter 5.
SMALL = Trees(
    [Person(True), Person(False), Person(True, 0, 1), Person(False, 0, 1), Person(False), Person(False, 2, 4)],
    [(0, 1), (2, 4)],
)


def facts_of(graph: KnowledgeGraph, *names: str) -> list[Kinship]:
    triples = torch.cat([getattr(graph, name) for name in names]).tolist()
    return [Kinship(head, RELATIONS[relation], tail) for head, relation, tail in triples]


def test_a_small_tree_by_hand() -> None:
    """A brother and a sister, whose sister is an aunt; her niece has no other kin to derive."""
    assert [
        Kinship(2, "brother", 3), Kinship(3, "sister", 2), Kinship(3, "aunt", 5), Kinship(5, "niece", 3),
    ] == derive(given_facts(SMALL))  # fmt: skip
    assert 2 * 3 + 2 * 3 + 2 * 2 == len(given_facts(SMALL))
    assert Kinship(2, "father", 5) in given_facts(SMALL)


def test_proofs_by_hand() -> None:
    """3 is the aunt of 5 by either grandparent, and by her brother once that fact is known."""
    known = KnownFacts(given_facts(SMALL))
    asked = Kinship(3, "aunt", 5)
    long = {tuple(one.relation for one in walk) for walk in known.proofs(asked)}
    assert {("daughter", "father", "father"), ("daughter", "mother", "father")} == long
    known.add([Kinship(3, "sister", 2)])
    assert (Kinship(3, "sister", 2), Kinship(2, "father", 5)) in known.proofs(asked)
    assert [] == known.proofs(Kinship(2, "uncle", 5))


@pytest.mark.parametrize("seed", range(3))
def test_every_rule_holds(seed: int) -> None:
    """Whatever the trees, no chain of a body leads to anybody who is not that kin."""
    given = given_facts(grow(torch.Generator().manual_seed(seed)))
    known = KnownFacts([*given, *derive(given)])
    for relation, bodies in BODIES.items():
        for body in bodies:
            assert all(Kinship(walk[0].head, relation, walk[-1].tail) in known.facts for walk in known.walks(body))


def test_every_tested_fact_has_a_proof() -> None:
    """It is derived, and chains of known facts give the reason, though nothing known joins the two people."""
    graph = load_family_trees()
    known = KnownFacts(facts_of(graph, "facts", "train"))
    joined = {frozenset((one.head, one.tail)) for one in known.facts}
    for one in facts_of(graph, "valid", "test"):
        assert one.relation in DEFINITIONS and known.proofs(one)
        assert frozenset((one.head, one.tail)) not in joined


def test_the_splits_are_all_there_is() -> None:
    """Nothing is lost or twice; another call gives the same graph."""
    graph, again = load_family_trees(), load_family_trees()
    assert len(graph.all_triples()) == len(graph.all_triples().unique(dim=0))
    assert torch.equal(graph.all_triples(), again.all_triples())
    given = given_facts(grow(torch.Generator().manual_seed(1)))
    parts = split(given, torch.Generator().manual_seed(1))
    assert {*given, *derive(given)} == {one for part in parts.values() for one in part}


@pytest.mark.skipif(not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set")
def test_relations_are_those_of_family() -> None:
    """The generated graph speaks of the same kinds of kin as the graph of the paper's example."""
    assert set(RELATIONS) == set(load_knowledge_graph("family").relations)
