"""What EmerGNN bases its answers on, for a few test pairs as records keep them (section 6, Figures 10a and 11a).

Which pairs, by rules that know nothing of how well an explanation looks:

    the paper's    Tapentadol and Dolasetron, where the data have them
    CYP2D6         the first pair, in the order of the file, of two drugs that bind this gene whose type is found and
                   whose best path leads through it; the first two hundred such pairs are looked at
    types          of the four most frequent types of the test the first pair that is found
    a mistake      the first pair that is not

Paths stand in the order of what they add to the logit (`methods.path_contributions`), the best of each chain of
relations, since hundreds of paths of one chain add the same; with them what the whole chain adds, and the paper's
score, the mean gate. The layers are the edges of the walks from head to tail that add most.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch

from parsimony.experiments.interactions.measures import Answers
from parsimony.experiments.interactions.names import edge_name
from parsimony.experiments.interactions.problem import Problem
from parsimony.methods.emergnn import EmerGNN
from parsimony.methods.interaction_paths import best_paths
from parsimony.methods.path_contributions import Chain, both_flows, chain_contributions, read_weights
from parsimony.nn.augmented_network import AugmentedNetwork

EXEMPLAR, GENE = ("Compound::DB06204", "Compound::DB00757"), "Gene::1565"  # Tapentadol and Dolasetron; CYP2D6
TYPES_SHOWN, LOOKED_AT = 4, 200
PATHS, GATED_PATHS, WALKS = 10, 5, 15


class Explainer:
    """Says what a model bases its answers on.

    Args:
        model: trained, without a bias, in evaluation mode; it uses the network.
        problem: what it was asked.
        network: that messages flow in.
        answers: of the model to the test pairs.
    """

    def __init__(self, model: EmerGNN, problem: Problem, network: AugmentedNetwork, answers: Answers) -> None:
        self.model, self.problem, self.network, self.answers = model, problem, network, answers
        self.is_found = answers.scores.argmax(1) == answers.truth

    def explanations(self) -> list[dict[str, Any]]:
        """Return the explanation of each chosen pair, with the rule that chose it; each pair once."""
        chosen: dict[int, str] = {}
        for rule, row in self._chosen():
            chosen.setdefault(row, rule)
        return [{"rule": rule, **self.explanation(row)} for row, rule in chosen.items()]

    def explanation(self, row: int) -> dict[str, Any]:
        """Return why the model says what it says of the true type of a test pair."""
        (head, tail), kind = self.answers.pairs[row].tolist(), int(self.answers.truth[row])
        scores = self.answers.scores[row].double()
        paths = self.paths(row)
        gated = self._gated((head, tail))
        layers = self._layers((head, tail), kind)
        named = {head, tail, *(entity for one in (*paths, *gated) for entity in one["entities"])}
        named |= {entity for layer in layers for edge in layer for entity in (edge[0], edge[2])}
        return {
            "head": head, "tail": tail, "type": kind, "type_text": self.problem.pairs.type_texts[kind],
            "probability": round(float(scores.softmax(0)[kind]), 6),
            "rank_of_type": 1 + int((scores > scores[kind]).sum()),
            "entities": {str(entity): self._named(entity) for entity in sorted(named)},
            "layers": layers, "paths": paths, "paths_by_gates": gated,
        }  # fmt: skip

    def paths(self, row: int) -> list[dict[str, Any]]:
        """Return for the ten chains whose best paths add most to the true type of a test pair that path, best first."""
        pair, kind = tuple(self.answers.pairs[row].tolist()), int(self.answers.truth[row])
        gates = self.model.gates(torch.tensor([pair]))[:, 0]
        return [self._written(one, gates) for one in chain_contributions(self.model, self.network, pair, kind)[:PATHS]]

    def _written(self, chain: Chain, gates: torch.Tensor) -> dict[str, Any]:
        along = [float(gates[layer, relation]) for layer, relation in enumerate(chain.relations)]
        return {
            "entities": list(chain.entities),
            "relations": [self._edge(one) for one in chain.relations],
            "score": round(statistics.fmean(along), 6),
            "contribution": round(chain.value, 6),
            "chain": {"paths": chain.count, "contribution": round(chain.total, 6)},
        }

    def _gated(self, pair: tuple[int, int]) -> list[dict[str, Any]]:
        """Return the paths with the largest mean gate, as the paper has them: five of each flow, best first."""
        gates = self.model.gates(torch.tensor([pair]))[:, 0].numpy()
        found = [one for end in (pair, pair[::-1]) for one in best_paths(self.network, gates, *end, GATED_PATHS)]
        return [
            {"entities": list(one.entities), "relations": [self._edge(r) for r in one.relations],
             "score": round(one.score, 6)}
            for one in sorted(found, key=lambda one: -one.score)
        ]  # fmt: skip

    def _layers(self, pair: tuple[int, int], kind: int) -> list[list[list[Any]]]:
        """Return the edges of the walks from head to tail that add most, by layers: head, relation, tail, gate."""
        walks, weight = both_flows(self.model, self.network, pair)[0], read_weights(self.model)[0]
        values = walks.states @ (weight - weight.mean(0))[kind]
        best = values.argsort(descending=True, stable=True)[:WALKS]
        gates = self.model.gates(torch.tensor([pair]))[:, 0]
        layers = []
        for layer in range(self.model.num_layers):
            ends, relations = walks.entities[best, layer : layer + 2].tolist(), walks.relations[best, layer].tolist()
            edges = dict.fromkeys((a, relation, b) for (a, b), relation in zip(ends, relations, strict=True))
            layers.append([[a, self._edge(r), b, round(float(gates[layer, r]), 6)] for a, r, b in edges])
        return layers

    def _edge(self, relation: int) -> str:
        return edge_name(relation, self.problem.ids, self.problem.network.relations)

    def _named(self, entity: int) -> list[str]:
        network = self.problem.network
        return [network.identifiers[entity], network.names[entity], network.kind(entity)]

    def _chosen(self) -> Iterator[tuple[str, int]]:
        """Yield rules and the rows that they choose."""
        for row in self._rows_of_exemplar():
            yield "the pair of the paper's figure", row
        for row in self._rows_through_gene():
            yield "first found pair whose best path leads through CYP2D6", row
        counts = Counter(self.answers.truth.tolist())
        for kind, _ in counts.most_common(TYPES_SHOWN):
            for row in (self.is_found & (self.answers.truth == kind)).nonzero().flatten().tolist()[:1]:
                yield f"first found pair of a frequent type, #{kind + 1}", row
        for row in (~self.is_found).nonzero().flatten().tolist()[:1]:
            yield "first pair that is not found", row

    def _rows_of_exemplar(self) -> list[int]:
        number = {name: place for place, name in enumerate(self.problem.network.identifiers)}
        pair = torch.tensor([number.get(name, -1) for name in EXEMPLAR])
        return (self.answers.pairs == pair).all(1).nonzero().flatten().tolist()[:1]

    def _rows_through_gene(self) -> list[int]:
        identifiers, triples = self.problem.network.identifiers, self.problem.network.triples
        if GENE not in identifiers:
            return []
        gene = identifiers.index(GENE)
        relation = self.problem.network.relations.index("CbG")
        binding = triples[(triples[:, 2] == gene) & (triples[:, 1] == relation), 0]
        candidates = torch.isin(self.answers.pairs, binding).all(1) & self.is_found
        rows = candidates.nonzero().flatten().tolist()[:LOOKED_AT]
        return next(([row] for row in rows if gene in self.paths(row)[0]["entities"]), [])
