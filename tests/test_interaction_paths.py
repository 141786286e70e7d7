"""Paths that explain a pair: scores by hand on a toy network, all walks against a search, sentences."""

import numpy as np
import pytest
import torch

from emergnn_samples import sample, sample_model
from parsimony.methods.interaction_paths import InteractionPath, Wording, best_paths, edge_label, sentence, walks
from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds

IDS = RelationIds(1, 2)  # type 0; relations 1 and 2; inverses 3, 4, 5; identity 6
TYPES = ("#Drug1 may weaken #Drug2.",)
WORDING = Wording(IDS, ("binds", "resembles"), TYPES, ("aspirin", "codeine", "morphine", "CYP2D6"))


def toy() -> AugmentedNetwork:
    """Drugs 0 and 1 bind gene 3; 0 resembles drug 2, which weakens 1."""
    triples = torch.tensor([[0, 0, 3], [1, 0, 3], [0, 1, 2]])
    return AugmentedNetwork(torch.tensor([[2, 1, 0]]), triples, 4, 3, IDS)


def toy_gates() -> np.ndarray:
    """Layer l, id r: 0.1 l + 0.01 r, so that an inverse read for its relation would show."""
    return 0.1 * np.arange(3)[:, None] + 0.01 * np.arange(7)


def test_scores_by_hand() -> None:
    """0 binds 3 (id 1 in layer 1), 1 binds 3 against its direction (id 4 in layer 2): (0.01 + 0.14) / 2.

    0 resembles 2 (id 2), 2 weakens 1 (id 0): (0.02 + 0.10) / 2. Backwards: ids 1 then 4, and 3 then 5.
    """
    forth = best_paths(toy(), toy_gates(), 0, 1, 5)
    assert [(0, 3, 1), (0, 2, 1)] == [one.entities for one in forth]
    assert [(1, 4), (2, 0)] == [one.relations for one in forth]
    assert [0.075, 0.06] == pytest.approx([one.score for one in forth])
    back = best_paths(toy(), toy_gates(), 1, 0, 5)
    assert {(1, 4): 0.075, (3, 5): 0.09} == pytest.approx({one.relations: one.score for one in back})
    assert best_paths(toy(), toy_gates(), 1, 0, 1) == back[:1]


def searched(network: AugmentedNetwork, start: int, target: int, length: int) -> set[tuple[tuple, tuple]]:
    """Return all walks by a plain search."""
    found: list[tuple[tuple, tuple]] = [((start,), ())]
    for _ in range(length):
        found = [
            ((*entities, after), (*relations, relation))
            for entities, relations in found
            if entities[-1] != target
            for after, relation in zip(*map(np.ndarray.tolist, network.outgoing.of(entities[-1])[1:3]), strict=True)
            if relation != network.ids.identity and after != start
        ]
    return {one for one in found if one[0][-1] == target}


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_walks_equal_a_search(length: int) -> None:
    """On a random multigraph, each walk once."""
    network = sample().network()
    for start, target in ((0, 1), (4, 9), (14, 2)):
        entities, relations = walks(network, start, target, length)
        rows = list(zip(map(tuple, entities.tolist()), map(tuple, relations.tolist()), strict=True))
        assert len(set(rows)) == len(rows)
        assert searched(network, start, target, length) == set(rows)


def test_a_drug_has_no_path_to_itself() -> None:
    """No edge may leave the target."""
    assert [] == best_paths(toy(), toy_gates(), 0, 0, 5)


def test_gates_are_those_of_the_ordered_pair() -> None:
    """Both directions of a flow share the gates of head and tail; another order, other gates."""
    data = sample()
    model = sample_model(data.ids)
    gates = model.gates(torch.tensor([[0, 1], [1, 0]]))
    assert (3, 2, data.ids.count) == gates.shape
    assert bool(((gates > 0) & (gates < 1)).all()) and not torch.allclose(gates[:, 0], gates[:, 1])
    assert not torch.allclose(gates[0, 0], gates[1, 0])


def test_paths_read_as_sentences() -> None:
    """Each fact in its own direction; inverse edges name the head of the fact first."""
    binding = InteractionPath((0, 3, 1), (1, 4), (0.5, 0.5), 0.5)
    assert "aspirin binds CYP2D6, and codeine binds CYP2D6" == sentence(binding, WORDING)
    weakening = InteractionPath((1, 2, 0), (3, 5), (0.5, 0.5), 0.5)
    assert "morphine may weaken codeine, and aspirin resembles morphine" == sentence(weakening, WORDING)
    beginning = WORDING._replace(types=("The effect of #Drug2 falls with #Drug1.",))
    assert "The effect of codeine falls with morphine, and aspirin" in sentence(weakening, beginning)
    ending = weakening._replace(entities=(0, 2, 1), relations=(2, 0))
    assert "aspirin resembles morphine, and the effect of codeine falls with morphine" == sentence(ending, beginning)
    shared = WORDING._replace(ids=RelationIds(200, 2, is_shared=True))
    assert "aspirin and codeine have side effects together" == sentence(InteractionPath((0, 1), (0,), (1,), 1), shared)
    assert ["#1", "binds", "binds", "identity"] == [edge_label(number, WORDING) for number in (0, 1, 4, 6)]
