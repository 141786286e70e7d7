"""TIGER: interactions from molecules and subgraphs by relation-aware transformers (Su et al., AAAI 2024; Figure 11).

Each drug has two graphs (`data.attention_graphs`): its molecule, with 67 features an atom, and the part of the
biomedical network that a random walk of 32 steps meets. Both go through a transformer of their own; x begins as W times
features, or a row of the entity, plus a row of the degree:

    attention   a_ij = ((q_i + e_r) . (k_j + e_r) / H^(1/4) + b(steps)) / (q_i . sum over j of k_j)       each head
    block       x <- x + drop(W_o  sum over j of a_ij v_j),  with q, k, v of norm(x);   x <- x + drop(ffn(norm(x)))
    drug        z = ffn [ mean of the atoms ; node of the drug ]
    logits      ffn [z_u ; z_v]
    loss        cross-entropy + 0.1 MI(z, atoms) + 0.1 MI(z, nodes)

MI is the binary cross-entropy of a bilinear form that shall tell a drug's own atoms or nodes from those of another drug
of the batch. Two departures: the authors' sum over j runs over all nodes of the batch, so that samples mix; here over
those of the graph. And it has no lower bound: here |q_i . sum k_j| is at least the number of nodes times `LEAST`, for a
quotient by nearly zero diverges. Drugs are encoded once a step, and once in a call of `scores`, whatever number of
pairs they are in; the numerator of a_ij is multiplied out, so that no pair of nodes has a vector of its own.

Shapes: B pairs, G drugs of a batch, n nodes, E pairs of nodes, H heads, d width, C types.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.data.attention_graphs import MOST_STEPS, AttentionGraphs
from parsimony.nn.dense import dense
from parsimony.nn.effect_loss import effect_loss
from parsimony.nn.pair_blocks import PairBlocks
from parsimony.nn.seeded import normal_table

HEADS, WIDTH, DROPOUT = 4, 64, 0.2
MOST_DEGREE = 99
LEAST = 0.1
INFORMATION = 0.1  # weight of each of the two further losses
START = 0.02  # deviation of the first rows of nodes and degrees
PAIRS_AT_ONCE, DRUGS_AT_ONCE = 512, 128  # scored together


class RelationTransformer(nn.Module):
    """One block; the authors' setting "layer = 2" makes one.

    Args:
        num_relations: of edges; behind them stand the numbers of steps.
        generator: draws all weights.
        width: d.
    """

    def __init__(self, num_relations: int, generator: torch.Generator, width: int) -> None:
        super().__init__()
        self.e = normal_table(num_relations + MOST_STEPS + 1, width, generator)
        self.q, self.k, self.v, self.o = (dense(width, width, generator) for _ in range(4))
        self.b = _stack((1, width, 1), generator)
        self.ffn = _stack((width, 2 * width, width), generator)
        self.before, self.between = (nn.LayerNorm(width, eps=1e-6) for _ in range(2))

    def forward(self, x: Tensor, graphs: AttentionGraphs) -> Tensor:
        """Return the states of nodes x [n, d] after attention and feed-forward."""
        x = x + F.dropout(self.attend(self.before(x), graphs), DROPOUT, self.training)
        return x + F.dropout(_through(self.ffn, self.between(x)), DROPOUT, self.training)

    def attend(self, x: Tensor, graphs: AttentionGraphs) -> Tensor:
        """Return W_o of what each node gathers from all nodes of its graph, [n, d]."""
        q, k, v = (W(x).view(len(x), HEADS, -1) for W in (self.q, self.k, self.v))
        blocks = PairBlocks(graphs.first_node, graphs.target, graphs.source)
        weight = self._numerator(q, k, graphs, blocks) / self._denominator(q, k, graphs).index_select(0, graphs.target)
        return self.o(blocks.gathered(weight, v).flatten(1))

    def _numerator(self, q: Tensor, k: Tensor, graphs: AttentionGraphs, blocks: PairBlocks) -> Tensor:
        """Return the numerator [E, H]: q k + q e + k e + e e, where q e and k e are found once for all relations."""
        e = self.e.view(len(self.e), HEADS, -1)
        steps = torch.arange(MOST_STEPS + 1, dtype=q.dtype).unsqueeze(1)
        bias = torch.relu(_through(self.b, steps)).index_select(0, graphs.steps)
        squared = e.square().sum(2).index_select(0, graphs.relation)
        of_target = _by_relation(q, e, graphs.target, graphs.relation)
        of_source = _by_relation(k, e, graphs.source, graphs.relation)
        return (blocks.products(q, k) + of_target + of_source + squared) * HEADS**-0.25 + bias

    def _denominator(self, q: Tensor, k: Tensor, graphs: AttentionGraphs) -> Tensor:
        graph, sizes = graphs.graph_of_node, graphs.first_node.diff()
        summed = k.new_zeros(len(sizes), *k.shape[1:]).index_add(0, graph, k).index_select(0, graph)
        found = (q * summed).sum(2)
        least = LEAST * sizes[graph].unsqueeze(1).to(q.dtype)
        return torch.where(found >= 0, 1.0, -1.0) * torch.maximum(found.abs(), least)


class TIGER(nn.Module):
    """The whole model; give it subgraphs with `use` before anything else.

    Args:
        molecules: of every drug, with features of atoms.
        num_bonds: kinds of bonds.
        num_entities: of the biomedical network.
        num_relations: of its edges, inverses included.
        num_types: C.
        generator: draws all weights.
        width: d.
    """

    def __init__(
        self,
        molecules: AttentionGraphs,
        num_bonds: int,
        num_entities: int,
        num_relations: int,
        num_types: int,
        generator: torch.Generator,
        *,
        width: int = WIDTH,
    ) -> None:
        super().__init__()
        self.molecules = molecules
        self.W_atom = dense(molecules.node.shape[1], width, generator)
        self.entity = normal_table(num_entities, width, generator)
        self.degrees = nn.ParameterList(normal_table(MOST_DEGREE + 1, width, generator) for _ in range(2))
        with torch.no_grad():
            for table in (self.entity, *self.degrees):
                table.mul_(START)
        self.molecule = RelationTransformer(num_bonds, generator, width)
        self.subgraph = RelationTransformer(num_relations, generator, width)
        self.drug = _stack((2 * width, 256, 128, width), generator)
        self.pair = _stack((2 * width, 256, 512, num_types), generator)
        self.form = dense(width, width, generator, has_bias=False)
        self.form_bias = nn.Parameter(torch.zeros(()))
        self._subgraphs: AttentionGraphs | None = None

    def use(self, subgraphs: AttentionGraphs) -> None:
        """Read these subgraphs of the drugs, each with the drug as its first node, from now on."""
        self._subgraphs = subgraphs

    def loss(self, batch: Tensor) -> Tensor:
        """Return the loss of head drug, tail drug, type [B, 3]; dropout reads torch's own generator."""
        logits, information = self._read(batch[:, :2])
        return F.cross_entropy(logits, batch[:, 2]) + information

    def multilabel_loss(self, pairs: Tensor, labels: Tensor, negatives: Tensor) -> Tensor:
        """Return `nn.effect_loss` and the information terms of pairs [B, 2], labels [B, C] and negatives [B, 2]."""
        logits, information = self._read(torch.cat([pairs, negatives]))
        return effect_loss(*logits.chunk(2), labels) + information

    @torch.no_grad()
    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [P, 2], some at a time, [P, C].

        Raises:
            ValueError: in training mode, where dropout would change them.
        """
        if self.training:
            raise ValueError("scores asked in training mode; call eval() first, so that dropout rests.")
        drugs, place = pairs.unique(return_inverse=True)
        z = torch.cat([self._encode(part)[0] for part in drugs.split(DRUGS_AT_ONCE)])
        return torch.cat([self._decode(z, part) for part in place.split(PAIRS_AT_ONCE)])

    def _read(self, pairs: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [B, C] and the weighted information terms."""
        drugs, place = pairs.unique(return_inverse=True)
        z, information = self._encode(drugs)
        return self._decode(z, place), INFORMATION * information

    def _encode(self, drugs: Tensor) -> tuple[Tensor, Tensor]:
        """Return z of different drugs [G], [G, d], and the sum of their information terms."""
        if self._subgraphs is None:
            raise ValueError("no subgraphs given; call use(subgraphs) first.")
        molecules, subgraphs = self.molecules.of(drugs), self._subgraphs.of(drugs)
        atoms = self.molecule(self.W_atom(molecules.node) + self._degree(0, molecules), molecules)
        nodes = self.entity.index_select(0, subgraphs.node) + self._degree(1, subgraphs)
        nodes = self.subgraph(nodes, subgraphs)
        sizes = molecules.first_node.diff().unsqueeze(1)
        mean = atoms.new_zeros(len(drugs), atoms.shape[1]).index_add(0, molecules.graph_of_node, atoms) / sizes
        z = self._dropped(self.drug, torch.cat([mean, nodes.index_select(0, subgraphs.first_node[:-1])], dim=1))
        return z, self.information(z, atoms, molecules) + self.information(z, nodes, subgraphs)

    def _decode(self, z: Tensor, place: Tensor) -> Tensor:
        """Return the logits of pairs [B, 2] of rows of z, [B, C]."""
        return self._dropped(self.pair, z.index_select(0, place.flatten()).view(len(place), -1))

    def _degree(self, which: int, graphs: AttentionGraphs) -> Tensor:
        return self.degrees[which].index_select(0, graphs.degree.clamp(max=MOST_DEGREE))

    def information(self, z: Tensor, nodes: Tensor, graphs: AttentionGraphs) -> Tensor:
        """Return how badly nodes [n, d] are told from those of other drugs by vectors z [G, d]."""
        graph = graphs.graph_of_node
        shaped = self.form(nodes)
        own, other = ((z.index_select(0, one) * shaped).sum(1) + self.form_bias for one in (graph, len(z) - 1 - graph))
        middle = graph == len(z) - 1 - graph  # of an odd number of drugs one stands before itself
        other = torch.where(middle, (z.roll(1, 0).index_select(0, graph) * shaped).sum(1) + self.form_bias, other)
        return F.softplus(torch.cat([-own, other])).mean()

    def _dropped(self, stack: nn.ModuleList, x: Tensor) -> Tensor:
        for W in stack[:-1]:
            x = F.dropout(torch.relu(W(x)), DROPOUT, self.training)
        return stack[-1](x)


def _by_relation(x: Tensor, e: Tensor, node: Tensor, relation: Tensor) -> Tensor:
    """Return x [n, H, d] of a node times e [R, H, d] of a relation, for pairs of both [E], as [E, H]."""
    products = torch.einsum("nhd,rhd->nrh", x, e).flatten(0, 1)
    return products.index_select(0, node * len(e) + relation)


def _stack(widths: Sequence[int], generator: torch.Generator) -> nn.ModuleList:
    return nn.ModuleList(dense(a, b, generator) for a, b in itertools.pairwise(widths))


def _through(stack: nn.ModuleList, x: Tensor) -> Tensor:
    for W in stack[:-1]:
        x = torch.relu(W(x))
    return stack[-1](x)
