"""Filtered ranks of RED-GNN on family: 500 test questions of both directions, scored and ranked."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks.pairs import compare
from benchmarks.plain_redgnn import PlainGraph, PlainREDGNN, plain_ranks
from benchmarks.redgnn_steps import OFFICIAL

from parsimony.data.fact_graph import FactGraph
from parsimony.data.knowledge_graph import load_knowledge_graph, with_inverses
from parsimony.evaluation.ranking import FilterIndex, filtered_ranks
from parsimony.methods.redgnn import REDGNN

NAME = "redgnn-ranking-family"
TARGET = 10.0


def run(pairs: int) -> dict[str, Any]:
    """Return the ratio of plain to our seconds, pair by pair; both answer on all training facts."""
    data = load_knowledge_graph("family")
    relations = len(data.relations)
    graph = FactGraph.of(torch.cat([data.facts, data.train]), len(data.entities), relations)
    model = REDGNN(relations, torch.Generator().manual_seed(0), **OFFICIAL["family"].options).eval()
    plain, plain_graph = PlainREDGNN(model).eval(), PlainGraph(graph)
    known, questions = with_inverses(data.all_triples(), relations), with_inverses(data.test, relations)
    questions = questions[torch.randperm(len(questions), generator=torch.Generator().manual_seed(1))[:500]]
    index, asked, answers = FilterIndex.of(known, 2 * relations), [tuple(one) for one in questions.tolist()], {}
    for head, relation, answer in known.tolist():
        answers.setdefault((head, relation), set()).add(answer)
    return compare(
        NAME,
        TARGET,
        lambda: plain_ranks(plain, plain_graph, asked, answers),
        lambda: filtered_ranks(lambda queries: model.scores(graph, queries), questions, index),
        pairs,
    )
