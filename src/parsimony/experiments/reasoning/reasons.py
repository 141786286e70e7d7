"""What a trained reasoner bases its answers on, as records keep it (section 5.1, Figure 7).

RED-GNN: the relational digraph of the exemplar on family, and strong parts of the digraphs of one test query for each
relation; on family trees, how well its attention finds the known reasons. DRUM: its heaviest rules, and its rank of the
exemplar's answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from parsimony.baselines.chain_rules import Rule, RuleTree
from parsimony.baselines.drum import DRUM, chain_rules
from parsimony.data.fact_graph import FactGraph
from parsimony.data.family_trees import NAME as FAMILY_TREES
from parsimony.data.knowledge_graph import KnowledgeGraph
from parsimony.evaluation.ranking import filtered_ranks
from parsimony.experiments.reasoning.evidence import measure_evidence
from parsimony.experiments.reasoning.names import relation_name
from parsimony.experiments.reasoning.questions import Curriculum
from parsimony.methods.redgnn import REDGNN, AttendedEdges
from parsimony.methods.relational_digraph import RelationalDigraph, RelationalPath, extract

EXEMPLAR = ("1482", "son", "1480")  # of the paper's Figure 7, a validation triple
THRESHOLD, MOST_EDGES = 0.3, 15  # of gates that are drawn; the papers state none
PATHS = 5
EXAMPLE_THRESHOLD, MOST_OF_EXAMPLE = 0.1, 40  # of the digraphs that a reader browses, so that they can be drawn
RULES, CANDIDATES, HEADS = 5, 30, 64  # rules shown of a relation, rules tried, heads from which they are walked


def reasons_of(model: nn.Module, curriculum: Curriculum) -> dict[str, Any]:
    """Return what a model bases its answers on; nothing if it or the data have nothing to show.

    Args:
        model: trained, in evaluation mode, on the CPU.
        curriculum: what it was asked.
    """
    known, graph = curriculum.known, curriculum.test.graph
    if isinstance(model, REDGNN) and known.name == FAMILY_TREES:
        return {**measure_evidence(model, known, curriculum.test), "digraphs": example_digraphs(model, curriculum)}
    if isinstance(model, REDGNN) and known.name == "family":
        return {"digraph": _exemplar_digraph(model, curriculum), "digraphs": example_digraphs(model, curriculum)}
    if isinstance(model, DRUM) and not curriculum.is_inductive:
        exemplar = {"exemplar": _exemplar(model, curriculum)} if known.name == "family" else {}
        return {"rules": walkable_rules(model, graph, known.relations), **exemplar}
    return {}


def _exemplar(model: nn.Module, curriculum: Curriculum) -> dict[str, Any]:
    """Return query, answer and filtered rank of the exemplar."""
    return _answered(model, curriculum, _indices(curriculum.known))


def _answered(model: nn.Module, curriculum: Curriculum, triple: tuple[int, int, int]) -> dict[str, Any]:
    """Return query, answer and filtered rank of a triple."""
    known, test = curriculum.known, curriculum.test
    rank = filtered_ranks(lambda queries: model.scores(test.graph, queries), torch.tensor([triple]), test.index).item()
    head, relation, answer = triple
    query = [known.entities[head], relation_name(relation, known.relations)]
    return {"query": query, "answer": known.entities[answer], "rank": rank}


def _indices(known: KnowledgeGraph) -> tuple[int, int, int]:
    head, relation, answer = EXEMPLAR
    return known.entities.index(head), known.relations.index(relation), known.entities.index(answer)


def _exemplar_digraph(model: REDGNN, curriculum: Curriculum) -> dict[str, Any]:
    """Return the whole relational digraph of the exemplar, the threshold of what is drawn, and the best paths."""
    head, relation, answer = triple = _indices(curriculum.known)
    digraph = extract(model, curriculum.test.graph, (head, relation), answer)
    return {
        **_described(digraph, curriculum.known),
        **_answered(model, curriculum, triple),
        "edges kept": threshold_used(digraph),
    }


def example_digraphs(model: REDGNN, curriculum: Curriculum) -> list[dict[str, Any]]:
    """Return the strong part of the digraph of the first test triple of each relation whose answer is reached.

    Taking the first keeps the choice away from what the model makes of it.
    """
    graph, found = curriculum.test.graph, {}
    for head, relation, answer in curriculum.test.triples.tolist():
        if relation in found:
            continue
        layers = tuple(AttendedEdges(*(field.cpu() for field in one)) for one in model.attended(graph, head, relation))
        digraph = RelationalDigraph.of(head, answer, layers)
        if digraph.num_paths:
            part = digraph.strongest(EXAMPLE_THRESHOLD, MOST_OF_EXAMPLE)
            said = _described(part, curriculum.known) | _answered(model, curriculum, (head, relation, answer))
            found[relation] = {**said, "edges in all": sum(digraph.num_edges)}
    return [found[relation] for relation in sorted(found)]


def _described(digraph: RelationalDigraph, known: KnowledgeGraph) -> dict[str, Any]:
    """Return the edges of every layer and the best paths."""
    return {
        "layers": [_edges(layer, known) for layer in digraph.layers],
        "paths": [_path(path, known) for path in digraph.best_paths(PATHS)],
    }


def threshold_used(digraph: RelationalDigraph) -> float:
    """Return the gate from which on edges are drawn: raised until few enough remain."""
    if sum(digraph.strongest(THRESHOLD).num_edges) <= MOST_EDGES:
        return THRESHOLD
    return min(one.alpha.min().item() for one in digraph.strongest(THRESHOLD, MOST_EDGES).layers)


def _edges(layer: AttendedEdges, known: KnowledgeGraph) -> list[dict[str, Any]]:
    rows = zip(*(field.tolist() for field in layer), strict=True)
    return [{**_edge(*ends, known), "attention": alpha} for *ends, alpha in rows]


def _edge(head: int, relation: int, tail: int, known: KnowledgeGraph) -> dict[str, str]:
    name = relation_name(relation, known.relations)
    return {"head": known.entities[head], "relation": name, "tail": known.entities[tail]}


def _path(path: RelationalPath, known: KnowledgeGraph) -> dict[str, Any]:
    ends = zip(path.entities, path.relations, path.entities[1:], strict=False)
    return {"steps": [_edge(*step, known) for step in ends], "attention": path.weight}


def walkable_rules(model: DRUM, graph: FactGraph, relations: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the heaviest rules of each relation that some head of the relation can walk, heaviest first.

    Args:
        model: trained.
        graph: facts that may be walked.
        relations: names.
    """
    found = {}
    for relation, name in enumerate(relations):
        weights = {body: weight for body, weight in chain_rules(model, relation, CANDIDATES) if body}
        heads = graph.head[graph.relation == relation].unique()[:HEADS]
        tree = RuleTree(tuple(Rule(relation, body) for body in weights), 2 * len(relations))
        queries = torch.stack([heads, torch.full_like(heads, relation)], 1)
        walked = sorted(tree.ground(graph, queries).rule.unique().tolist()) if len(heads) and weights else []
        bodies = [tree.rules[number].body for number in walked[:RULES]]
        found[name] = [
            {"body": [relation_name(one, relations) for one in body], "weight": weights[body]} for body in bodies
        ]
    return found
