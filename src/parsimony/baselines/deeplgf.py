"""DeepLGF: interactions from three views of each drug (Ren et al., 2022; GitHub MrPhil/DeepLGF; section 6, Figure 11).

    structure   mean of the vectors of all three letters in a row of the SMILES
    function    relu(W  mean over biomedical facts (u, r, e) of  e_e * r)        a layer of a graph network
    graph       ComplEx embedding of the drug in the biomedical network

    each of the 6 inputs    drop(relu(W 64 relu(W 512 x)))
    logits                  W relu(32) of drop relu(128) of drop relu(256) of all six, drop behind each
    loss                    cross-entropy + 0.001 times the squares of all hidden numbers, both means over pairs

The authors compute the views beforehand and keep them fixed. Here ComplEx is trained beforehand as theirs, while the
vectors of letters, which are word2vec there, and the layer of the graph network, on entities of ComplEx, are trained
along. Facts of emerging drugs must be among those that ComplEx embeds.

Shapes: B pairs, D drugs, N entities, R relations, C types, w complex numbers an embedding.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.baselines.text_ddi_lite import WordWeights
from parsimony.nn.complex_embedding import ComplExEmbedding
from parsimony.nn.compressed_sum import Entries, compressed_sum
from parsimony.nn.dense import dense
from parsimony.nn.effect_loss import effect_loss
from parsimony.nn.seeded import normal_table

LETTERS = 3  # of a word of a SMILES
VIEW, JOINT = (512, 64), (256, 128, 32)
DROPOUT, PENALTY = 0.3, 1e-3
PAIRS_AT_ONCE = 512  # scored together


def smiles_words(smiles: Sequence[str], known: Tensor) -> WordWeights:
    """Return the shares of three letters in a row; the vocabulary is that of known drugs [.]."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer="char", ngram_range=(LETTERS, LETTERS), lowercase=False)
    counter.fit([smiles[drug] for drug in known.tolist()])
    matrix = counter.transform(smiles)
    matrix.sort_indices()
    first, word = torch.from_numpy(matrix.indptr).long(), torch.from_numpy(matrix.indices).long()
    count = torch.from_numpy(matrix.data).float()
    row = torch.arange(len(smiles)).repeat_interleave(first.diff())
    total = torch.zeros(len(smiles)).index_add(0, row, count)
    return WordWeights(first, word, count / total[row], matrix.shape[1])


class DeepLGF(nn.Module):
    """The whole model; give it facts with `use` before anything else.

    Args:
        words: of the SMILES of every drug.
        num_entities: N; the drugs come first.
        num_relations: R.
        num_types: C.
        generator: draws all weights.
        width: w; the vectors of letters have 2 w numbers too.
    """

    def __init__(
        self,
        words: WordWeights,
        num_entities: int,
        num_relations: int,
        num_types: int,
        generator: torch.Generator,
        *,
        width: int = 50,
    ) -> None:
        super().__init__()
        self.words, self.num_relations = words, num_relations
        self.graph = ComplExEmbedding(num_entities, num_relations, generator, width)
        self.letters = normal_table(words.num_words, 2 * width, generator)
        self.r = normal_table(2 * num_relations, 2 * width, generator)
        self.W = dense(2 * width, 2 * width, generator)
        self.views = nn.ModuleList(_stack((2 * width, *VIEW), generator) for _ in range(6))
        self.joint = _stack((6 * VIEW[-1], *JOINT), generator)
        self.out = dense(JOINT[-1], num_types, generator)
        self._facts: tuple[Tensor, Tensor, Tensor] | None = None

    def use(self, triples: Tensor) -> None:
        """Let drugs be described by biomedical facts (head, relation, tail) [T, 3] from now on."""
        drugs = len(self.words.first) - 1
        head, relation, tail = triples.unbind(1)
        drug, other = torch.cat([head, tail]), torch.cat([tail, head])
        kind = torch.cat([relation, relation + self.num_relations])
        kept = (drug < drugs).nonzero().squeeze(1)
        kept = kept[drug[kept].argsort(stable=True)]
        ends = torch.bincount(drug[kept], minlength=drugs).cumsum(0)
        self._facts = torch.cat([ends.new_zeros(1), ends]), kind[kept], other[kept]

    def embedding_loss(self, triples: Tensor, generator: torch.Generator) -> Tensor:
        """Return the loss of ComplEx on biomedical facts [B, 3]."""
        return self.graph.loss(triples, generator)

    def loss(self, batch: Tensor) -> Tensor:
        """Return cross-entropy and penalty of head drug, tail drug, type [B, 3]; dropout reads torch's generator."""
        logits, penalty = self._read(batch[:, :2])
        return F.cross_entropy(logits, batch[:, 2]) + penalty

    def multilabel_loss(self, pairs: Tensor, labels: Tensor, negatives: Tensor) -> Tensor:
        """Return `nn.effect_loss` and the penalty of pairs [B, 2], their labels [B, C] and negatives [B, 2]."""
        (positive, penalty), (negative, other) = self._read(pairs), self._read(negatives)
        return effect_loss(positive, negative, labels) + (penalty + other) / 2

    @torch.no_grad()
    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [P, 2], some at a time, [P, C].

        Raises:
            ValueError: in training mode, where dropout would change them.
        """
        if self.training:
            raise ValueError("scores asked in training mode; call eval() first, so that dropout rests.")
        return torch.cat([self._read(part)[0] for part in pairs.split(PAIRS_AT_ONCE)])

    def described(self, drugs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the three views of drugs [n], [n, 2 w] each.

        Raises:
            ValueError: if no facts were given.
        """
        if self._facts is None:
            raise ValueError("no facts given; call use(triples) first.")
        structure = compressed_sum(self.letters, _part(self.words.first, drugs, self.words.word, self.words.weight,
                                                       self.words.num_words))  # fmt: skip
        first, kind, other = self._facts
        size = (first[1:] - first[:-1])[drugs]
        edge = _part(first, drugs, torch.arange(len(kind)), torch.ones(len(kind)), len(kind))
        messages = self.graph.entity.index_select(0, other[edge.column]) * self.r.index_select(0, kind[edge.column])
        summed = compressed_sum(messages, Entries(edge.first, torch.arange(len(messages)), edge.weight, len(messages)))
        function = torch.relu(self.W(summed / size.clamp(min=1).unsqueeze(1)))
        return structure, function, self.graph.entity.index_select(0, drugs)

    def _read(self, pairs: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [B, C] and the penalty."""
        drugs, place = pairs.unique(return_inverse=True)
        views = self.described(drugs)
        inputs = [view.index_select(0, side) for side in place.unbind(1) for view in views]
        hidden, squares = [], []
        for stack, x in zip(self.views, inputs, strict=True):
            for W in stack:
                x = torch.relu(W(x))
                squares.append(x.square().sum())
            hidden.append(self._drop(x))
        x = torch.cat(hidden, dim=1)
        for W in self.joint:
            x = torch.relu(W(x))
            squares.append(x.square().sum())
            x = self._drop(x)
        return self.out(x), PENALTY * sum(squares) / len(pairs)

    def _drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, DROPOUT, self.training)


def _stack(widths: Sequence[int], generator: torch.Generator) -> nn.ModuleList:
    return nn.ModuleList(dense(a, b, generator) for a, b in itertools.pairwise(widths))


def _part(first: Tensor, rows: Tensor, column: Tensor, weight: Tensor, num_columns: int) -> Entries:
    """Return some rows of a sparse matrix."""
    sizes = first[rows + 1] - first[rows]
    ends = sizes.cumsum(0)
    place = torch.arange(int(sizes.sum())) + (first[rows] - (ends - sizes)).repeat_interleave(sizes)
    return Entries(torch.cat([ends.new_zeros(1), ends]), column[place], weight[place], num_columns)
