"""TextDDI-lite (no pretraining): interactions from what is written about two drugs (stand-in of Figures 10 and 11).

TextDDI (Zhu et al., EMNLP 2023, arXiv 2403.08377) tunes RoBERTa, 125 million pretrained weights, on chosen sentences of
the descriptions of both drugs. Those weights cannot be had offline and nothing replaces them; this is what the words
alone say, with no knowledge from elsewhere, and no result of it stands for TextDDI:

    t         weights of the words and pairs of words of name and description, by frequency (TF-IDF), at most 20,000
    logits    W2 relu(W1 [t_u ; t_v ; t_u * t_v] + b1) + b2          width 256
    loss      mean over pairs of the cross-entropy; with several types a pair, as `nn.effect_loss`

Frequencies are those of the known drugs. A drug has about a hundred of the words, so W1 is a sum of that many rows.

Shapes: B pairs, D drugs, V words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from parsimony.nn.compressed_sum import Entries, compressed_sum
from parsimony.nn.dense import dense
from parsimony.nn.effect_loss import effect_loss

WORDS, WIDTH = 20_000, 256


class WordWeights(NamedTuple):
    """TF-IDF of texts: where the words of each drug begin [D + 1], the words in order, their weights, and V."""

    first: Tensor
    word: Tensor
    weight: Tensor
    num_words: int


def word_weights(texts: Sequence[str], known: Tensor) -> WordWeights:
    """Return the weights of words and pairs of words; vocabulary and frequencies are those of known drugs [.]."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(ngram_range=(1, 2), max_features=WORDS)
    counter.fit([texts[drug] for drug in known.tolist()])
    matrix = counter.transform(texts)
    matrix.sort_indices()
    first, word = torch.from_numpy(matrix.indptr).long(), torch.from_numpy(matrix.indices).long()
    return WordWeights(first, word, torch.from_numpy(matrix.data).float(), matrix.shape[1])


class TextDDILite(nn.Module):
    """The whole model.

    Args:
        words: of every drug.
        num_types: of interaction.
        generator: draws all weights.
        width: of the hidden layer.
    """

    def __init__(self, words: WordWeights, num_types: int, generator: torch.Generator, *, width: int = WIDTH) -> None:
        super().__init__()
        self.words = words
        bound = (3 * words.num_words) ** -0.5
        self.W1 = nn.Parameter(bound * (2 * torch.rand(3 * words.num_words, width, generator=generator) - 1))
        self.b1 = nn.Parameter(torch.zeros(width))
        self.W2 = dense(width, num_types, generator)

    def forward(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [B, 2], [B, C]."""
        return self.W2(torch.relu(compressed_sum(self.W1, pair_words(self.words, pairs)) + self.b1))

    def loss(self, batch: Tensor) -> Tensor:
        """Return the mean cross-entropy of head drug, tail drug, type [B, 3]."""
        return F.cross_entropy(self(batch[:, :2]), batch[:, 2])

    def multilabel_loss(self, pairs: Tensor, labels: Tensor, negatives: Tensor) -> Tensor:
        """Return `nn.effect_loss` of pairs [B, 2], the types that they have [B, C], and their negatives [B, 2]."""
        return effect_loss(self(pairs), self(negatives), labels)

    @torch.no_grad()
    def scores(self, pairs: Tensor) -> Tensor:
        """Return the logits of pairs (head, tail) [P, 2], [P, C]."""
        return self(pairs)


def pair_words(words: WordWeights, pairs: Tensor) -> Entries:
    """Return [t_u ; t_v ; t_u * t_v] of pairs [B, 2] as a sparse matrix, [B x 3 V]."""
    (row, word, weight), (other_row, other_word, other_weight) = (_of(words, drug) for drug in pairs.unbind(1))
    key, other_key = row * words.num_words + word, other_row * words.num_words + other_word
    place = torch.searchsorted(other_key, key).clamp(max=len(other_key) - 1)
    is_shared = other_key[place] == key if len(other_key) else torch.zeros_like(key, dtype=torch.bool)
    rows = torch.cat([row, other_row, row[is_shared]])
    columns = [word, other_word + words.num_words, word[is_shared] + 2 * words.num_words]
    weights = torch.cat([weight, other_weight, weight[is_shared] * other_weight[place[is_shared]]])
    order = torch.argsort(rows, stable=True)
    ends = torch.bincount(rows, minlength=len(pairs)).cumsum(0)
    first = torch.cat([ends.new_zeros(1), ends])
    return Entries(first, torch.cat(columns)[order], weights[order], 3 * words.num_words)


def _of(words: WordWeights, drug: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return row, word and weight of all words of drugs [B], in the order of rows and words."""
    first = words.first[drug]
    sizes = words.first[drug + 1] - first
    row = torch.arange(len(drug)).repeat_interleave(sizes)
    place = torch.arange(len(row)) + (first - (sizes.cumsum(0) - sizes))[row]
    return row, words.word[place], words.weight[place]
