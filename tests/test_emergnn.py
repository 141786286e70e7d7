"""EmerGNN against the whole network; values by hand; renaming; parameters; what it can learn."""

import os

import pytest
import torch
import torch.nn.functional as F
from benchmarks.plain_emergnn import PlainEmerGNN, PlainNetwork
from torch import Tensor

from emergnn_samples import DRUGS, ENTITIES, TYPES, Sample, random_rows, sample, sample_model
from parsimony.data.drug_interactions import load_drugbank
from parsimony.data.emerging_split import draw_epoch, drugs_to_hold_out, without_drugs
from parsimony.data.planted_drugs import PlantedDrugs, load_planted_drugs
from parsimony.evaluation.interactions import type_measures
from parsimony.methods.emergnn import EmerGNN
from parsimony.nn.augmented_network import AugmentedNetwork, RelationIds

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
GOLDEN = [1.77581, 1.78713, 1.74518]  # mean losses of three batches
SAME_DRUG = torch.tensor([[3, 3], [8, 8]])


def gaps(model: EmerGNN, plain: PlainEmerGNN, ours: Tensor, theirs: Tensor, kinds: Tensor) -> tuple[float, float]:
    """Return the largest difference of logits and the largest difference of a gradient relative to its norm."""
    for logits in (ours, theirs):
        F.cross_entropy(logits, kinds, reduction="sum").backward()
    pairs = zip((one.grad for one in model.parameters()), (one.grad for one in plain.weights), strict=True)
    apart = [((a - b).norm() / b.norm()).item() for a, b in pairs if b is not None and b.norm() > 0]
    assert len(apart) > 10
    return (ours - theirs).abs().max().item(), max(apart)


@pytest.mark.parametrize("layers", [2, 3, 4])
@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize(("features", "is_shared"), [("M", False), ("E", False), ("M", True)])
def test_random_multigraphs_equal_the_whole_network(
    layers: int, has_bias: bool, features: str, is_shared: bool
) -> None:
    """In float64, with repeated edges and pairs of one drug with itself: logits and all gradients to 1e-12."""
    data = sample(is_shared)
    model = sample_model(data.ids, layers=layers, has_bias=has_bias, features=features)
    plain, generator = PlainEmerGNN(model, torch.float64), torch.Generator().manual_seed(2)
    pairs = torch.cat([random_rows(9, (DRUGS, DRUGS), generator), SAME_DRUG])
    kinds = torch.randint(TYPES, (len(pairs),), generator=generator)
    model.use(data.network())
    theirs = plain(PlainNetwork(data.facts, data.triples, ENTITIES, data.ids), pairs)
    assert (theirs - theirs[0]).abs().max() > 1e-3  # the flows say something
    assert max(gaps(model, plain, model(model.flows(pairs)), theirs, kinds)) < 1e-12


@needs_mirror
@pytest.mark.parametrize("has_bias", [False, True])
def test_a_sample_of_the_assembled_network_equals_the_whole(has_bias: bool) -> None:
    """In float32 with official width and depth: logits to 1e-5, gradients to 1e-4 relative."""
    from parsimony.data.biomedical_network import load_assembled_network

    network, data = load_assembled_network(), load_drugbank()
    ids, train = RelationIds(data.num_types, len(network.relations)), data.triples("train")
    triples, facts, batch = network.triples[::10], train[::5], train[1:200:50]
    model = EmerGNN(data.fingerprints, ids, torch.Generator().manual_seed(0), has_bias=has_bias)
    plain = PlainEmerGNN(model)
    model.use(AugmentedNetwork(facts, triples, network.num_entities, data.num_drugs, ids))
    theirs = plain(PlainNetwork(facts, triples, network.num_entities, ids), batch[:, :2])
    ours = model(model.flows(batch[:, :2]))
    logits, gradients = gaps(model, plain, ours, theirs, batch[:, 2])
    assert logits < 1e-5
    assert gradients < 1e-4


def by_hand(has_bias: bool) -> EmerGNN:
    """Width 1, two layers, all gates 1/2; W_ent takes the one bit, W is 1 and c is 1."""
    ids = RelationIds(1, 1)
    model = EmerGNN(torch.tensor([[3], [2]]), ids, torch.Generator(), width=1, layers=2, has_bias=has_bias)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.fill_(float(name == "W_ent.weight" or name.startswith("W.")))
        for layer, table in enumerate(model.R):
            table.copy_(torch.tensor([[5.0], [1.0], [7.0], [2.0], [0.0]]) * (layer + 1))  # identity carries nothing
        model.W_rel.weight.copy_(torch.tensor([[1.0, 10.0]]))
    model.use(AugmentedNetwork(torch.zeros(0, 3).long(), torch.tensor([[0, 0, 2], [1, 0, 2], [1, 0, 2]]), 3, 2, ids))
    return model


def test_logits_by_hand() -> None:
    """Drugs 0 and 1 both lead to entity 2 by relation id 1 (R = 1, 2), inverse id 3 (R = 2, 4); 1 does so twice.

    0 -> 1: h_2 = 3 * 1/2 * 1, then 2 * h_2 * 1/2 * 4 = 6. 1 -> 0: h_2 = 2 * 2 * 1/2 * 1, then h_2 * 1/2 * 4 = 4.
    With c = 1, h_2 is 1 more, and entities 0 and 1 hold 1: 2 (1.5 + 1) * 2 + 1 = 11 and (2 + 1) * 2 + 1 = 7.
    """
    pair = torch.tensor([[0, 1]])
    assert [[4.0 + 10 * 6]] == by_hand(False).scores(pair).tolist()
    assert [[[6.0], [4.0]]] == by_hand(False).arrivals(pair).tolist()
    assert [[7.0 + 10 * 11]] == by_hand(True).scores(pair).tolist()


def test_drugs_without_a_path_get_the_bias_of_the_classifier() -> None:
    """Without a bias of the states their flows are zero, exactly."""
    ids = RelationIds(TYPES, 5)
    model = sample_model(ids)
    model.use(AugmentedNetwork(torch.zeros(0, 3).long(), torch.tensor([[0, 0, 20]]), ENTITIES, DRUGS, ids))
    assert torch.equal(model.W_rel.bias.detach(), model.scores(torch.tensor([[0, 1]]))[0])
    assert not model.arrivals(torch.tensor([[0, 1]])).any()


def renamed(data: Sample, new: Tensor) -> Sample:
    facts = torch.stack([new[data.facts[:, 0]], new[data.facts[:, 1]], data.facts[:, 2]], 1)
    triples = torch.stack([new[data.triples[:, 0]], data.triples[:, 1], new[data.triples[:, 2]]], 1)
    return Sample(facts, triples, data.ids)


@pytest.mark.parametrize("has_bias", [False, True])
def test_renaming_entities_changes_nothing(has_bias: bool) -> None:
    """Drugs keep their fingerprints under new numbers; genes and the like have none to keep."""
    data, generator = sample(), torch.Generator().manual_seed(3)
    new = torch.cat([torch.randperm(DRUGS, generator=generator),
                     DRUGS + torch.randperm(ENTITIES - DRUGS, generator=generator)])  # fmt: skip
    pairs = random_rows(9, (DRUGS, DRUGS), generator)
    model, other = (sample_model(data.ids, has_bias=has_bias) for _ in range(2))
    other.fingerprints[new[:DRUGS]] = model.fingerprints
    model.use(data.network())
    other.use(renamed(data, new).network())
    torch.testing.assert_close(model.scores(pairs), other.scores(new[pairs]))


def test_a_batch_equals_its_pairs_one_by_one() -> None:
    """Pairs do not see one another."""
    data = sample()
    model, pairs = (
        sample_model(data.ids, has_bias=True),
        random_rows(7, (DRUGS, DRUGS), torch.Generator().manual_seed(4)),
    )
    model.use(data.network())
    torch.testing.assert_close(torch.cat([model.scores(pair) for pair in pairs.split(1)]), model.scores(pairs))


@pytest.mark.parametrize(
    ("types", "is_shared", "has_bias", "count"),
    [(86, False, True, 137_099), (86, False, False, 136_907), (200, True, True, 157_685)],
)
def test_parameters_are_those_published(types: int, is_shared: bool, has_bias: bool, count: int) -> None:
    """With biases 65 fewer than 137,164: the layer d -> 1 that the authors' code never reads is not here."""
    ids = RelationIds(types, 23, is_shared)
    model = EmerGNN(torch.zeros(3, 1024), ids, torch.Generator(), has_bias=has_bias)
    assert count == sum(one.numel() for one in model.parameters())


def test_multilabel_loss_by_hand() -> None:
    """Mean over the types of the pair, of it and of its negative: logits 0 give log 2; others are not read."""
    data = sample(is_shared=True)
    model = sample_model(data.ids)
    model.use(data.network())
    pairs, negatives = torch.tensor([[0, 1], [2, 3]]), torch.tensor([[0, 4], [5, 3]])
    labels = torch.tensor([[1, 0, 0, 1], [0, 1, 0, 0]])
    up, down = model(model.flows(pairs)).detach(), model(model.flows(negatives)).detach()
    terms = [F.softplus(-up[p, c]) for p, c in labels.nonzero()] + [F.softplus(down[p, c]) for p, c in labels.nonzero()]
    torch.testing.assert_close(torch.stack(terms).mean(), model.multilabel_loss(pairs, labels, negatives).detach())


def test_options_are_checked() -> None:
    """The message says what is expected; a model without a network says so."""
    with pytest.raises(ValueError, match="5 layers given"):
        sample_model(RelationIds(1, 1), layers=5)
    with pytest.raises(ValueError, match="features 'X' given"):
        sample_model(RelationIds(1, 1), features="X")
    with pytest.raises(ValueError, match="call use"):
        sample_model(RelationIds(1, 1)).scores(SAME_DRUG)


def trained(data: PlantedDrugs, epochs: int) -> tuple[EmerGNN, list[float]]:
    """Train with facts drawn anew in each epoch; return the model on all training facts, and its losses."""
    generator, pairs, losses = torch.Generator().manual_seed(0), data.pairs, []
    ids, train = RelationIds(pairs.num_types, len(data.network.relations)), pairs.triples("train")
    model = EmerGNN(pairs.fingerprints, ids, generator, width=16)
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    visible = without_drugs(data.network, torch.cat([pairs.valid_drugs, pairs.test_drugs]))
    candidates = drugs_to_hold_out(train, data.network, pairs.num_drugs)
    for _ in range(epochs):
        epoch = draw_epoch(train, candidates, "S1", generator)
        model.use(AugmentedNetwork(train[epoch.facts], visible, data.network.num_entities, pairs.num_drugs, ids))
        for batch in train[epoch.training].split(32):
            adam.zero_grad()
            loss = model.loss(batch)
            loss.backward()
            adam.step()
            losses.append(loss.item() / len(batch))
    model.use(AugmentedNetwork(train, data.network.triples, data.network.num_entities, pairs.num_drugs, ids))
    return model, losses


def test_planted_mechanisms_are_learned_and_losses_stay() -> None:
    """Of drugs never seen, F1 above 0.9 after twelve epochs; the first losses to 1e-3, with a fixed seed."""
    data = load_planted_drugs()
    model, losses = trained(data, epochs=12)
    test = data.pairs.triples("test S1")
    assert type_measures(model.scores(test[:, :2]).argmax(1), test[:, 2]).macro_f1 > 0.9
    assert GOLDEN == pytest.approx(losses[:15:5], rel=1e-3)
