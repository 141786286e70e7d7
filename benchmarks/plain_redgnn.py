"""Plain reference for RED-GNN: the computation of the authors' code, in its order, written anew.

Each layer multiplies the edge list by the visited pairs (SciPy), finds the pairs with two sorted `torch.unique`,
gathers three vectors for every edge, sums messages by a scatter and hands the states to a GRU of sequence length 1.
Ranks come from two sorts of a float64 matrix and dense filters. Nothing is shared between layers or grouped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse
import scipy.stats
import torch
from torch import Tensor, nn

from parsimony.data.fact_graph import FactGraph
from parsimony.methods.redgnn import REDGNN


class PlainGraph:
    """Facts, inverses and identity edges as rows (head, relation, tail), and a matrix of edges by heads."""

    def __init__(self, graph: FactGraph) -> None:
        entity = torch.arange(graph.num_entities)
        identity = torch.stack([entity, torch.full_like(entity, 2 * graph.num_relations), entity], 1)
        edges = torch.cat([torch.stack([graph.head, graph.relation, graph.tail], 1), identity])
        self.edges, self.num_entities = edges.numpy(), graph.num_entities
        self.identity = 2 * graph.num_relations
        ones, shape = np.ones(len(edges)), (len(edges), graph.num_entities)
        self.by_head = scipy.sparse.csr_matrix((ones, (np.arange(len(edges)), self.edges[:, 0])), shape=shape)

    def neighbours(self, nodes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the next pairs, the edges that reach them and where the old pairs stand among the next.

        Args:
            nodes: visited pairs (query, entity), [n, 2].

        Returns:
            Pairs [n', 2]; edges (query, head, relation, tail, head's row, tail's row) [M, 6]; rows [n].
        """
        visited, shape = nodes.numpy(), (self.num_entities, int(nodes[:, 0].max()) + 1)
        ones = np.ones(len(visited))
        pairs = scipy.sparse.csr_matrix((ones, (visited[:, 1], visited[:, 0])), shape=shape)
        edge, query = np.nonzero(self.by_head @ pairs)
        sampled = torch.from_numpy(np.concatenate([query[:, None], self.edges[edge]], 1)).long()
        _, head_row = torch.unique(sampled[:, [0, 1]], dim=0, sorted=True, return_inverse=True)
        tails, tail_row = torch.unique(sampled[:, [0, 3]], dim=0, sorted=True, return_inverse=True)
        edges = torch.cat([sampled, head_row.unsqueeze(1), tail_row.unsqueeze(1)], 1)
        old = tail_row[sampled[:, 2] == self.identity].sort()[0]
        return tails, edges, old


class PlainREDGNN(nn.Module):
    """The model with weights copied from ours.

    Args:
        model: gives weights and options; its own gradients stay untouched.
        dtype: of the copy.
    """

    def __init__(self, model: REDGNN, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        width = model.width
        self.names = [name for name, _ in model.named_parameters()]
        self.weights = nn.ParameterList(one.detach().clone().to(dtype) for one in model.parameters())
        self.gru = nn.GRU(width, width).to(dtype)
        for own, name in (
            ("weight_ih_l0", "gru.weight_ih"),
            ("weight_hh_l0", "gru.weight_hh"),
            ("bias_ih_l0", "gru.bias_ih"),
            ("bias_hh_l0", "gru.bias_hh"),
        ):
            setattr(self.gru, own, self.weights[self.names.index(name)])
        self.drop, self.depth, self.width = nn.Dropout(model.dropout), len(model.layers), width
        self.act = {"relu": torch.relu, "tanh": torch.tanh, "identity": lambda x: x}[model.activation]

    def weight(self, name: str) -> Tensor:
        """Return the copy of a parameter by its name in our model."""
        return self.weights[self.names.index(name)]

    def forward(self, graph: PlainGraph, queries: Tensor) -> Tensor:
        """Return the scores of all entities, [B, N]."""
        q, count = queries[:, 1], len(queries)
        nodes = torch.stack([torch.arange(count), queries[:, 0]], 1)
        hidden = self.weights[0].new_zeros(count, self.width)
        state = hidden.unsqueeze(0)
        for layer in range(self.depth):
            nodes, edges, old = graph.neighbours(nodes)
            hidden = self.drop(self._layer(layer, hidden, q, edges, len(nodes)))
            padded = hidden.new_zeros(1, len(nodes), self.width).index_copy_(1, old, state)
            hidden, state = self.gru(hidden.unsqueeze(0), padded)
            hidden = hidden.squeeze(0)
        scores = hidden.new_zeros(count, graph.num_entities)
        scores[nodes[:, 0], nodes[:, 1]] = (hidden @ self.weight("v.weight").T).squeeze(1)
        return scores

    def _layer(self, layer: int, hidden: Tensor, q: Tensor, edges: Tensor, num_nodes: int) -> Tensor:
        query, _, relation, _, head, tail = edges.T
        own = {key: self.weight(f"layers.{layer}.{key}") for key in LAYER}
        h_s, h_r, h_q = hidden[head], nn.functional.embedding(relation, own["R"]), own["R"][q][query]
        logits = h_s @ own["W_s.weight"].T + h_r @ own["W_r.weight"].T + h_q @ own["W_q.weight"].T
        gate = torch.relu(logits + own["W_q.bias"]) @ own["w.weight"].T + own["w.bias"]
        message = torch.sigmoid(gate) * (h_s + h_r)
        summed = message.new_zeros(num_nodes, self.width)
        summed = summed.scatter_add(0, tail.unsqueeze(1).expand_as(message), message)
        return self.act(summed @ own["W_h.weight"].T)

    def loss(self, graph: PlainGraph, queries: Tensor, answers: Tensor) -> Tensor:
        """Return B times the summed loss, as the authors' addition of a column to a row makes it."""
        scores = self(graph, queries)
        truth = scores[torch.arange(len(queries)), answers]
        top = scores.max(1, keepdim=True)[0]
        return (-truth + top + torch.log(torch.exp(scores - top).sum(1))).sum()


LAYER = ("R", "W_s.weight", "W_r.weight", "W_q.weight", "W_q.bias", "w.weight", "w.bias", "W_h.weight")


@torch.no_grad()
def plain_ranks(
    model: PlainREDGNN, graph: PlainGraph, questions: Sequence[tuple[int, int, int]], known: Mapping, batch: int = 50
) -> np.ndarray:
    """Rank every answer as the authors do: two `rankdata` for each batch, filters as dense rows.

    Args:
        model: scores.
        graph: to answer on.
        questions: head, relation, answer.
        known: all answers of every (head, relation).
        batch: distinct queries scored at a time.
    """
    answers: dict[tuple[int, int], list[int]] = {}
    for head, relation, answer in questions:
        answers.setdefault((head, relation), []).append(answer)
    distinct, ranks = list(answers), []
    for begin in range(0, len(distinct), batch):
        part = distinct[begin : begin + batch]
        scores = model(graph, torch.tensor(part)).numpy()
        labels, filters = (_dense(source, part, scores.shape[1]) for source in (answers, known))
        ranks.append(_ranks(scores, labels, filters))
    return np.concatenate(ranks)


def _dense(answers: Mapping, queries: Sequence[tuple[int, int]], width: int) -> np.ndarray:
    rows = []
    for query in queries:
        row = np.zeros(width)
        row[np.array(list(answers[query]))] = 1
        rows.append(row)
    return np.array(rows)


def _ranks(scores: np.ndarray, labels: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Return full rank minus the places of known answers, averaged over ties in the first, [answers]."""
    scores = scores - np.min(scores, axis=1, keepdims=True) + 1e-8
    full = scipy.stats.rankdata(-scores, method="average", axis=1)
    among_known = scipy.stats.rankdata(-scores * filters, method="min", axis=1)
    ranks = (full - among_known + 1) * labels
    return ranks[np.nonzero(ranks)]
