"""The augmented network: ids of the sheet, edges against a count by hand, tables of signatures against loops."""

from collections import Counter

import pytest
import torch

from emergnn_samples import DRUGS, ENTITIES, sample
from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds, Step
from parsimony.nn.signature_tables import SignatureTable, SignatureTables

Edge = tuple[int, int, int]


def counted(is_shared: bool) -> Counter[Edge]:
    """Return how often each edge (source, id, target) of the sample stands, written out."""
    facts, triples, ids = sample(is_shared)
    edges: Counter[Edge] = Counter((entity, ids.identity, entity) for entity in range(ENTITIES))
    for head, tail, kind in facts.tolist():
        edges[head, 0 if is_shared else kind, tail] += 1
        edges[tail, 0 if is_shared else kind + 9, head] += 1
    for head, relation, tail in triples.tolist():
        edges[head, 4 + relation, tail] += 1
        edges[tail, 4 + relation + (5 if is_shared else 9), head] += 1
    return edges


@pytest.mark.parametrize("is_shared", [False, True])
def test_edges_are_those_counted_by_hand(is_shared: bool) -> None:
    """With inverses, identities and weights, grouped by target and by source alike."""
    network, expected = sample(is_shared).network(), counted(is_shared)
    assert max(expected.values()) > 1
    for entity in range(ENTITIES):
        leaving, arriving = network.outgoing.of(entity), network.incoming.of(entity)
        outwards = zip(*(one.tolist() for one in (leaving.relation, leaving.other, leaving.weight)), strict=True)
        inwards = zip(*(one.tolist() for one in (arriving.other, arriving.relation, arriving.weight)), strict=True)
        assert {(r, t): n for (s, r, t), n in expected.items() if s == entity} == {(r, t): n for r, t, n in outwards}
        assert {(s, r): n for (s, r, t), n in expected.items() if t == entity} == {(s, r): n for s, r, n in inwards}


def test_edges_that_end_in_an_entity_are_counted_by_id() -> None:
    """The background of the form with a bias reads these counts."""
    network, expected = sample().network(), Counter()
    for (_, relation, target), weight in counted(False).items():
        expected[target, relation] += weight
    counts = network.incoming_counts
    rows = zip(*(one.tolist() for one in (counts.other, counts.relation, counts.weight)), strict=True)
    assert dict(expected) == {(entity, relation): weight for entity, relation, weight in rows}


def test_ids_of_drugbank_and_twosides() -> None:
    """K = 219 and 247; inverses of DrugBank + 109, of TWOSIDES + 23 and for biomedical relations only."""
    drugbank, twosides = RelationIds(86, 23), RelationIds(200, 23, is_shared=True)
    assert (219, 218, 247, 246) == (drugbank.count, drugbank.identity, twosides.count, twosides.identity)
    assert Step("type", 5, False) == drugbank.step(5) and Step("type", 5, True) == drugbank.step(114)
    assert Step("relation", 6, False) == drugbank.step(92) and Step("relation", 6, True) == drugbank.step(201)
    assert Step("relation", 0, False) == twosides.step(200) and Step("relation", 22, True) == twosides.step(245)
    assert Step("identity", 0, False) == drugbank.step(218) == twosides.step(246)


def test_facts_of_a_pair_with_twenty_types_are_one_edge_of_weight_twenty() -> None:
    """With shared ids, in both directions."""
    facts = torch.tensor([[0, 1, kind] for kind in range(20)])
    network = AugmentedNetwork(facts, torch.zeros(0, 3, dtype=torch.long), 3, 2, RelationIds(200, 23, True))
    assert [20, 1] == network.outgoing.of(0).weight[[1, 0]].tolist()
    assert [20, 1] == network.outgoing.of(1).weight.tolist()


def written_out(drug: int, edges: Counter[Edge], rows: set[int]) -> dict[int, Counter]:
    """Return for each row how often each (id, signature) arrives after two steps from a drug, edge by edge."""
    signature: dict[int, tuple] = {}
    for (source, relation, target), weight in sorted(edges.items()):
        if source == drug:
            signature[target] = (*signature.get(target, ()), (relation, weight))
    found: dict[int, Counter] = {}
    for (source, relation, target), weight in edges.items():
        if source in signature and target in rows:
            found.setdefault(target, Counter())[relation, signature[source]] += weight
    return found


def read_out(table: SignatureTable) -> dict[int, Counter]:
    """Return the same from a table."""
    edges = list(zip(table.edge_relation.tolist(), table.edge_weight.tolist(), strict=True))
    classes = [tuple(edges[a:b]) for a, b in zip(table.first_edge, table.first_edge[1:], strict=False)]
    found: dict[int, Counter] = {}
    for place, row in enumerate(table.rows.tolist()):
        for entry in range(table.first[place], table.first[place + 1]):
            relation, kind = divmod(int(table.code[entry]), table.num_classes)
            found.setdefault(row, Counter())[relation, classes[kind]] += int(table.count[entry])
    return found


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_tables_equal_loops(layers: int) -> None:
    """For every drug; rows are the entities from which some drug lies within L - 2 steps."""
    network, edges = sample().network(), counted(False)
    rows = set(range(DRUGS))
    for _ in range(layers - 2):
        rows |= {source for source, _, target in edges if target in rows}
    tables = SignatureTables(network, layers)
    for drug in range(DRUGS):
        assert written_out(drug, edges, rows) == read_out(tables.of(drug))
    assert tables.of(3) is tables.of(3)
