"""What a reasoner is asked, and on which graph (RED-GNN, arXiv 2108.06040, and the authors' code; Table 6).

A fact must not be read off the graph on which it is asked. Two ways keep it out in training:

    apart      the graph is one part of the training triples, the other part is asked. In the first epoch the parts are
               the files facts and train; after it all training triples are shuffled anew for each epoch and the share
               `fact_ratio` becomes the graph (RED-GNN and AdaProp).
    hidden     the graph is all training triples and all are asked in shuffled order; the method hides what a batch
               asks (NBFNet, DRUM and RNNLogic).

Validation and test triples are asked in both directions on the graph of all training triples.

Inductive pairs: way "apart" trains on the triples of X/valid, asked on X/train in both directions in turn, never
shuffled; "hidden" trains on X/train. Validation asks X/test on X/train; test asks X_ind/valid and X_ind/test on
X_ind/train. Ranks are among all entities of the graph at hand, and its splits are the filter.

A question is a row (head, relation, answer); the relation may be an inverse one.
Shapes: Q questions, R relations without inverses.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from parsimony.data.cards import card
from parsimony.data.fact_graph import FactGraph
from parsimony.data.family_trees import load_family_trees
from parsimony.data.knowledge_graph import KnowledgeGraph, load_inductive_pair, load_knowledge_graph, with_inverses
from parsimony.evaluation.ranking import FilterIndex

WAYS = ("apart", "hidden")


@dataclass(frozen=True, eq=False)
class Examination:
    """Triples that are asked in both directions, the graph to answer on, and the answers known besides.

    Attributes:
        graph: facts that may be used.
        triples: head, relation, answer, without inverses, [Q / 2, 3].
        index: known answers of all splits.
    """

    graph: FactGraph
    triples: Tensor
    index: FilterIndex

    @classmethod
    def of(cls, known: KnowledgeGraph, facts: Tensor, triples: Tensor) -> Examination:
        """Ask triples [Q / 2, 3] on facts [., 3]; the filter is all that `known` holds."""
        relations = len(known.relations)
        index = FilterIndex.of(with_inverses(known.all_triples(), relations), 2 * relations)
        return cls(FactGraph.of(facts, len(known.entities), relations), triples, index)

    @property
    def questions(self) -> Tensor:
        """Both directions, tails first, [Q, 3]."""
        return with_inverses(self.triples, self.graph.num_relations)


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one epoch trains on.

    Attributes:
        graph: facts that may be used.
        questions: in the order in which they are asked, [Q, 3].
    """

    graph: FactGraph
    questions: Tensor


@dataclass(frozen=True, eq=False)
class Curriculum:
    """The lessons of every epoch, validation and test.

    Attributes:
        known: the graph that is trained on.
        way: one of `WAYS`.
        fact_ratio: share of the training triples that carry messages while the others are asked; way "apart".
        is_inductive: whether the test graph has other entities.
        valid: what chooses the epoch.
        test: measured once.
    """

    known: KnowledgeGraph
    way: str
    fact_ratio: float
    is_inductive: bool
    valid: Examination
    test: Examination

    @classmethod
    def open(cls, dataset: str, way: str, fact_ratio: float) -> Curriculum:
        """Load a data set.

        Raises:
            DataError: if it is not known or its files are not the right ones.
        """
        if card(dataset).kind == "inductive pair":
            pair = load_inductive_pair(dataset)
            known, other = pair.training, pair.inductive
            valid = Examination.of(known, known.train, known.test)
            test = Examination.of(other, other.train, torch.cat([other.valid, other.test]))
            return cls(known, way, fact_ratio, True, valid, test)
        known = load_family_trees() if card(dataset).kind == "generated graph" else load_knowledge_graph(dataset)
        facts = torch.cat([known.facts, known.train])
        valid, test = (Examination.of(known, facts, triples) for triples in (known.valid, known.test))
        return cls(known, way, fact_ratio, False, valid, test)

    @property
    def protocol(self) -> str:
        """How facts are kept out of the graph on which they are asked, in a sentence."""
        if self.is_inductive:
            asked = "X/valid" if self.way == "apart" else "X/train, with the facts of a batch hidden,"
            return (
                f"Trained on {asked} on the graph X/train, epoch chosen on X/test, tested on X_ind/valid and "
                "X_ind/test on the graph X_ind/train, ranked among all its entities."
            )
        if self.way == "hidden":
            return "All training triples are graph and questions; the facts of a batch are hidden while it is answered."
        first = "The first epoch takes the files' facts and train, later" if len(self.known.facts) else "All"
        share = f"a share {self.fact_ratio:g} of the training triples, drawn anew, as graph and ask the rest."
        return f"{first} epochs take {share}"

    def lesson(self, epoch: int, generator: torch.Generator) -> Lesson:
        """Return what an epoch, from 1, trains on.

        Args:
            epoch: its number; the first of way "apart" is that of the files, if they make the difference.
            generator: shuffles.
        """
        if self.way == "hidden":
            return self._hidden(generator)
        if self.is_inductive:
            return Lesson(self.valid.graph, in_turn(self.known.valid, len(self.known.relations)))
        facts, asked = self._parts(epoch, generator)
        relations = len(self.known.relations)
        return Lesson(FactGraph.of(facts, len(self.known.entities), relations), with_inverses(asked, relations))

    def _parts(self, epoch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return the triples that carry messages and those that are asked."""
        if epoch == 1 and len(self.known.facts):
            return self.known.facts, self.known.train
        pool = torch.cat([self.known.facts, self.known.train])
        pool = pool[torch.randperm(len(pool), generator=generator)]
        count = int(self.fact_ratio * len(pool))
        return pool[:count], pool[count:]

    def _hidden(self, generator: torch.Generator) -> Lesson:
        """Ask every training triple once in each direction; the two stand together, since one hides the other."""
        triples = torch.cat([self.known.facts, self.known.train])
        order = torch.randperm(len(triples), generator=generator)
        return Lesson(self.valid.graph, in_turn(triples[order], len(self.known.relations)))


def in_turn(triples: Tensor, num_relations: int) -> Tensor:
    """Return each triple of [N, 3] followed by its inverse, [2 N, 3]."""
    return with_inverses(triples, num_relations).view(2, -1, 3).transpose(0, 1).reshape(-1, 3)
