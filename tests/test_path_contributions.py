"""Contributions of paths: exact sums, products by hand and by a plain search, renaming."""

import pytest
import torch
from torch import Tensor

from emergnn_samples import DRUGS, ENTITIES, Sample, sample, sample_model
from parsimony.methods.emergnn import EmerGNN
from parsimony.methods.path_contributions import both_flows, chain_contributions, path_contributions, read_weights
from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds

PAIRS = ((0, 1), (4, 9), (14, 2), (3, 3))


@pytest.mark.parametrize("layers", [2, 3, 4])
@pytest.mark.parametrize(("features", "is_shared"), [("M", False), ("E", False), ("M", True)])
def test_walks_add_up_to_the_logits(layers: int, features: str, is_shared: bool) -> None:
    """In float64: what walks bring is what arrives, and with the classifier and its bias it is the logit."""
    data = sample(is_shared)
    model, network = sample_model(data.ids, layers=layers, features=features), data.network()
    model.use(network)
    for pair in PAIRS:
        asked = torch.tensor([pair])
        flows = both_flows(model, network, pair)
        summed = torch.stack([one.states.sum(0) for one in flows])
        torch.testing.assert_close(model.arrivals(asked)[0], summed, rtol=0, atol=1e-12)
        logits = model.W_rel.bias + sum(w @ h for w, h in zip(read_weights(model), summed, strict=True))
        if features == "E":
            known = model.drug_features(asked[0]).flatten()
            logits = logits + model.W_rel.weight[:, : len(known)] @ known
        torch.testing.assert_close(model.scores(asked)[0], logits.detach(), rtol=0, atol=1e-12)


def plain_states(model: EmerGNN, data: Sample, start: int, f: Tensor, gates: Tensor) -> list[Tensor]:
    """Return the state of every entity after each layer, edge by edge."""
    network, h = data.network(), torch.zeros(ENTITIES, len(f), dtype=f.dtype)
    h[start] = f
    found = []
    for layer, W in enumerate(model.W):
        summed = torch.zeros_like(h)
        for s, r, t, w in zip(network.source, network.relation, network.target, network.weight, strict=True):
            summed[t] += w * gates[layer, r] * model.R[layer][r] * h[s]
        h = torch.relu(summed @ W.weight.T)
        found.append(h)
    return found


@torch.no_grad()
def test_each_walk_equals_its_product() -> None:
    """Masks from the states of the whole network; the product along each walk, one edge after the other."""
    data = sample()
    model, network, pair = sample_model(data.ids), data.network(), (4, 9)
    gates, f = model.gates(torch.tensor([pair]))[:, 0], model.drug_features(torch.tensor(pair))[0]
    states = plain_states(model, data, pair[0], f, gates)
    weight = {
        key: float(w)
        for *key, w in zip(network.source, network.relation, network.target, network.weight, strict=True)
        for key in [tuple(map(int, key))]
    }
    walks = both_flows(model, network, pair)[0]
    assert len(walks.states) > 10
    for entities, relations, state in zip(walks.entities.tolist(), walks.relations.tolist(), walks.states, strict=True):
        x = f
        for layer, (a, r, b) in enumerate(zip(entities, relations, entities[1:], strict=False)):
            x = model.W[layer].weight @ (weight[a, r, b] * gates[layer, r] * model.R[layer][r] * x)
            x = x * (states[layer][b] > 0)
        torch.testing.assert_close(x, state, rtol=0, atol=1e-12)


def test_contributions_by_hand() -> None:
    """Drugs 0 and 1 lead to entity 2, drug 1 twice; gates 1/2, as in the test of the logits: 10 * 6 and 1 * 4."""
    ids = RelationIds(1, 1)
    model = EmerGNN(torch.tensor([[3], [2]]), ids, torch.Generator(), width=1, layers=2)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.fill_(float(name == "W_ent.weight" or name.startswith("W.")))
        for layer, table in enumerate(model.R):
            table.copy_(torch.tensor([[5.0], [1.0], [7.0], [2.0], [0.0]]) * (layer + 1))
        model.W_rel.weight.copy_(torch.tensor([[1.0, 10.0]]))
    network = AugmentedNetwork(torch.zeros(0, 3).long(), torch.tensor([[0, 0, 2], [1, 0, 2], [1, 0, 2]]), 3, 2, ids)
    found = path_contributions(model, network, (0, 1), 0, contrast=False)
    assert [((0, 2, 1), (1, 3), 60.0), ((1, 2, 0), (1, 3), 4.0)] == [tuple(one) for one in found]
    assert [0.0, 0.0] == [one.value for one in path_contributions(model, network, (0, 1), 0)]  # one type has no rival


def test_paths_are_sums_of_their_walks() -> None:
    """By a plain search over walks: those that differ in where they wait add up, those that visit twice stay out."""
    data = sample()
    model, network = sample_model(data.ids), data.network()
    for pair in PAIRS[:3]:
        found, summed = path_contributions(model, network, pair, 2, contrast=False), {}
        for walks, weight in zip(both_flows(model, network, pair), read_weights(model), strict=True):
            rows = zip(
                walks.entities.tolist(), walks.relations.tolist(), (walks.states @ weight[2]).tolist(), strict=True
            )
            for entities, relations, value in rows:
                moves = [place for place, relation in enumerate(relations) if relation != data.ids.identity]
                key = (entities[0], *(entities[one + 1] for one in moves)), tuple(relations[one] for one in moves)
                if len(set(key[0])) == len(key[0]):
                    summed[key] = summed.get(key, 0.0) + value
        assert summed == pytest.approx({one[:2]: one.value for one in found}, abs=1e-12)


def test_chains_gather_paths_of_the_same_relations() -> None:
    """Number, sum and best of each chain are those of its paths, from head to tail and back apart."""
    data = sample()
    model, network = sample_model(data.ids), data.network()
    for pair in PAIRS[:3]:
        groups: dict[tuple, list[float]] = {}
        for one in path_contributions(model, network, pair, 2):
            groups.setdefault((one.entities[0], one.relations), []).append(one.value)
        found = chain_contributions(model, network, pair, 2)
        values = {one[:2]: one.value for one in path_contributions(model, network, pair, 2)}
        assert len(groups) == len(found) and found == sorted(found, key=lambda one: -one.value)
        for one in found:
            group = groups[one.entities[0], one.relations]
            assert (len(group), sum(group)) == (one.count, pytest.approx(one.total))
            assert max(group) == pytest.approx(one.value) == pytest.approx(values[one[:2]])
    assert any(one.count > 1 for one in found)


def test_drugs_without_a_path_have_no_contribution() -> None:
    """Nothing leads from one to the other."""
    ids = RelationIds(4, 5)
    network = AugmentedNetwork(torch.zeros(0, 3).long(), torch.tensor([[0, 0, 20]]), ENTITIES, DRUGS, ids)
    assert [] == path_contributions(sample_model(ids), network, (0, 1), 0)
    assert [] == chain_contributions(sample_model(ids), network, (0, 1), 0)


def test_contrasts_of_all_types_cancel() -> None:
    """What a path adds beside the mean sums to zero over the types; each path stands once and visits nothing twice."""
    data = sample()
    model, network = sample_model(data.ids), data.network()
    found = [path_contributions(model, network, (4, 9), kind) for kind in range(data.ids.num_types)]
    values = [{one[:2]: one.value for one in paths} for paths in found]
    assert len(values[0]) == len(found[0]) > 10
    assert all(abs(sum(one[path] for one in values)) < 1e-12 for path in values[0])
    assert all(len(set(one.entities)) == len(one.entities) == len(one.relations) + 1 for one in found[0])
    assert all(a.value >= b.value for a, b in zip(found[0], found[0][1:], strict=False))


def test_renaming_entities_renames_paths() -> None:
    """Drugs keep their fingerprints under new numbers."""
    data, generator = sample(), torch.Generator().manual_seed(3)
    new = torch.cat([torch.randperm(DRUGS, generator=generator),
                     DRUGS + torch.randperm(ENTITIES - DRUGS, generator=generator)])  # fmt: skip
    facts = torch.stack([new[data.facts[:, 0]], new[data.facts[:, 1]], data.facts[:, 2]], 1)
    triples = torch.stack([new[data.triples[:, 0]], data.triples[:, 1], new[data.triples[:, 2]]], 1)
    model, other = sample_model(data.ids), sample_model(data.ids)
    other.fingerprints[new[:DRUGS]] = model.fingerprints
    before = path_contributions(model, data.network(), (4, 9), 1)
    pair = tuple(new[[4, 9]].tolist())
    after = path_contributions(other, Sample(facts, triples, data.ids).network(), pair, 1)
    renamed = {(tuple(new[list(one.entities)].tolist()), one.relations): one.value for one in before}
    assert renamed == pytest.approx({(one.entities, one.relations): one.value for one in after}, abs=1e-12)


def test_a_bias_of_states_is_refused() -> None:
    """With it, a logit is no sum over walks."""
    data = sample()
    with pytest.raises(ValueError, match="has a bias of states"):
        both_flows(sample_model(data.ids, has_bias=True), data.network(), (0, 1))
