"""Baselines of drug interactions: against plain forms, by hand, under renaming, and what they learn."""

import itertools

import pytest
import torch
from torch import Tensor, nn

from parsimony.baselines.csmddi import CSMDDI, PENALTY, rescal
from parsimony.baselines.decagon import Decagon, graph_edges, normalised
from parsimony.baselines.fingerprint_mlp import FingerprintMLP
from parsimony.baselines.hin_ddi import HINDDI, MetaPaths
from parsimony.baselines.kg_ddi import FILTERS, HIDDEN, KGDDI
from parsimony.baselines.pair_forest import PairForest
from parsimony.baselines.text_ddi_lite import TextDDILite, pair_words, word_weights
from parsimony.data.biomedical_network import RELATIONS, BiomedicalNetwork
from parsimony.nn.effect_loss import effect_loss

PAIRS = torch.tensor([[0, 1], [2, 0], [1, 1], [0, 1]])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def separable(count: int = 60) -> tuple[Tensor, Tensor]:
    """Drugs of twelve bits; one of the head and one of the tail say which of four types a pair has."""
    bits = torch.randint(2, (count, 12), generator=generator())
    pairs = torch.tensor(list(itertools.permutations(range(count), 2)))
    kinds = 2 * bits[pairs[:, 0], 0] + bits[pairs[:, 1], 1]
    return bits, torch.cat([pairs, kinds.unsqueeze(1)], 1)


# Loss of several types


def test_effect_loss_by_hand() -> None:
    """Pair 0 has type 1, pair 1 both; logits of types that a pair lacks are not read."""
    positive, negative = torch.tensor([[9.0, 0.0], [2.0, 0.0]]), torch.tensor([[9.0, 0.0], [1.0, 0.0]])
    terms = [2**0.5 * 2**0.5, 1 + torch.e**-2, 2, 2, 1 + torch.e, 2]
    expected = torch.tensor([float(one) for one in terms]).log().mean()
    torch.testing.assert_close(expected, effect_loss(positive, negative, torch.tensor([[0, 1], [1, 1]])))


# MLP on fingerprints


def test_mlp_equals_the_concatenated_form() -> None:
    """Logits and gradients of one layer on [x_u ; x_v], in float64, drugs repeated."""
    bits = torch.randint(2, (3, 10), generator=generator())
    ours = FingerprintMLP(bits, 4, generator(), width=5, dropout=0.0).double()
    x = torch.cat([bits[PAIRS[:, 0]], bits[PAIRS[:, 1]]], 1).double()
    plain = ours.W2(torch.relu(ours.W1(x)))
    torch.testing.assert_close(plain, ours(PAIRS))
    kinds = torch.tensor([0, 3, 1, 2])
    expected = torch.autograd.grad(torch.nn.functional.cross_entropy(plain, kinds), list(ours.parameters()))
    found = torch.autograd.grad(ours.loss(torch.cat([PAIRS, kinds.unsqueeze(1)], 1)), list(ours.parameters()))
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(one, other)


def test_mlp_by_hand() -> None:
    """One bit, width 1: relu(2 x_u - 1 x_v + 0.5), times 3, plus 1."""
    model = FingerprintMLP(torch.tensor([[1], [0]]), 1, generator(), width=1).eval()
    with torch.no_grad():
        model.W1.weight.copy_(torch.tensor([[2.0, -1.0]]))
        for one, value in ((model.W1.bias, 0.5), (model.W2.weight, 3.0), (model.W2.bias, 1.0)):
            one.fill_(value)
    assert [[8.5], [5.5], [1.0]] == model.scores(torch.tensor([[0, 1], [0, 0], [1, 0]])).tolist()


def test_mlp_has_the_published_parameters() -> None:
    """427,086 on DrugBank; dropout must rest in evaluation."""
    model = FingerprintMLP(torch.zeros(2, 1024), 86, generator())
    assert 427_086 == sum(one.numel() for one in model.parameters())
    with pytest.raises(ValueError, match="call eval"):
        model.scores(PAIRS)


def test_mlp_does_not_see_the_numbers_of_drugs() -> None:
    """Renaming drugs together with their fingerprints changes nothing."""
    bits, new = torch.randint(2, (3, 10), generator=generator()), torch.tensor([2, 0, 1])
    moved = torch.empty_like(bits)
    moved[new] = bits
    one, other = (FingerprintMLP(table, 4, generator(), width=5).eval() for table in (bits, moved))
    torch.testing.assert_close(one.scores(PAIRS), other.scores(new[PAIRS]))


def test_mlp_learns_what_structure_says() -> None:
    """Of drugs not seen in training; one type of four, and the same said as several types."""
    torch.manual_seed(0)
    bits, rows = separable()
    is_train = (rows[:, :2] < 45).all(1)
    model = FingerprintMLP(bits, 4, generator(), width=32)
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        adam.zero_grad()
        model.loss(rows[is_train]).backward()
        adam.step()
    test = rows[~is_train]
    assert (model.eval().scores(test[:, :2]).argmax(1) == test[:, 2]).float().mean() > 0.9
    pairs, negatives = (rows[rows[:, 2] == kind][:40, :2] for kind in (3, 0))
    right, wrong = (row.expand(40, 4) for row in torch.eye(4)[[3, 0]])
    assert model.multilabel_loss(pairs, right, negatives) < model.multilabel_loss(pairs, wrong, negatives)


# Forests


def test_forests_vote_for_types_and_for_labels() -> None:
    """Types never seen get no vote; labels are one output each, one that never holds gets none."""
    features, kinds = torch.arange(40.0).unsqueeze(1), torch.tensor([1, 3]).repeat_interleave(20)
    forest = PairForest(5, 0, 8)
    forest.fit(features, kinds)
    votes = forest.scores(features)
    assert kinds.tolist() == votes.argmax(1).tolist() and 0 == votes[:, [0, 2, 4]].sum()
    torch.testing.assert_close(torch.ones(40, dtype=torch.float64), votes.sum(1))
    labels = torch.stack([kinds == 1, torch.zeros(40, dtype=torch.bool), kinds == 3], 1).long()
    forest.fit(features, labels)
    found = forest.scores(features)
    assert torch.equal(labels, (found > 0.5).long()) and 0 == found[:, 1].sum()
    assert forest.num_parameters >= 100 * 3


# CSMDDI


def dense_sweep(X: Tensor, A: Tensor, R: Tensor) -> tuple[Tensor, Tensor]:
    """Update A, then R, with dense matrices and a system of equations for each R_k."""
    eye = PENALTY * torch.eye(A.shape[1], dtype=A.dtype)
    top = sum(x @ A @ r.T + x.T @ A @ r for x, r in zip(X, R, strict=True))
    A = top @ torch.linalg.inv(sum(r @ A.T @ A @ r.T + r.T @ A.T @ A @ r for r in R) + eye)
    both = torch.kron(A, A)
    normal = both.T @ both + PENALTY * torch.eye(both.shape[1], dtype=A.dtype)
    return A, torch.stack([torch.linalg.solve(normal, both.T @ x.flatten()).view_as(eye) for x in X])


def test_rescal_equals_the_dense_form() -> None:
    """Three sweeps over three types, in float64, against least squares written out."""
    triples = torch.unique(torch.randint(3, (30, 3), generator=generator()) * torch.tensor([3, 2, 1]), dim=0)
    X = torch.zeros(3, 8, 8, dtype=torch.float64)
    X[triples[:, 2], triples[:, 0], triples[:, 1]] = 1.0
    first = torch.randn(8, 4, generator=generator(), dtype=torch.float64)
    A, R = first, rescal(triples, 8, 3, first, 0)[1]
    for _ in range(3):
        A, R = dense_sweep(X, A, R)
    found = rescal(triples, 8, 3, first, 3)
    torch.testing.assert_close(A, found[0])
    torch.testing.assert_close(R, found[1])


def test_rescal_finds_a_factorisable_tensor() -> None:
    """A type that joins two groups is of rank 2, so its error all but vanishes."""
    triples = torch.tensor([[u, v, 0] for u in range(4) for v in range(4, 9)])
    first = torch.randn(9, 3, generator=generator(), dtype=torch.float64)
    A, R = rescal(triples, 9, 1, first, 30)
    X = torch.zeros(9, 9, dtype=torch.float64)
    X[triples[:, 0], triples[:, 1]] = 1.0
    assert (A @ R[0] @ A.T - X).abs().max() < 0.05


def test_csmddi_maps_emerging_drugs() -> None:
    """Drugs 45 to 59 have no interaction; their embeddings come from their bits, and most types are found."""
    bits, rows = separable()
    known, test = rows[(rows[:, :2] < 45).all(1)], rows[(rows[:, :2] >= 45).any(1)]
    method, again = (CSMDDI(bits, 4, generator(), rank=6, sweeps=10) for _ in range(2))
    for one in (method, again):
        one.embed(known)
        one.fit(known[:, :2], known[:, 2], 8)
    assert (method.scores(test[:, :2]).argmax(1) == test[:, 2]).float().mean() > 0.85
    assert torch.equal(method.scores(test[:, :2]), again.scores(test[:, :2]))


# HIN-DDI


def random_network(seed: int = 0) -> BiomedicalNetwork:
    """Six drugs, eight genes, three diseases, two effects, two classes; edges of every relation that paths use."""
    kinds = {"C": (0, 6), "G": (6, 14), "D": (14, 17), "S": (17, 19), "P": (19, 21)}
    draw, triples = generator(seed), set()
    for name in ("CbG", "CuG", "CdG", "CtD", "CpD", "CcSE", "PCiC", "CrC", "DaG", "DrD", "GiG", "GcG", "Gr>G"):
        ends = [kinds["P" if name[:2] == "PC" else name[0]], kinds["S" if name == "CcSE" else name[-1]]]
        ends[1] = kinds["C"] if name == "PCiC" else ends[1]
        for _ in range(12):
            head, tail = (int(torch.randint(*bounds, (), generator=draw)) for bounds in ends)
            if head < tail or name not in ("CrC", "DrD", "GiG", "GcG"):
                triples.add((head, RELATIONS.index(name), tail))
    rows = torch.tensor(sorted(one for one in triples if one[0] != one[2]))
    return BiomedicalNetwork("n", RELATIONS, rows, RELATIONS, tuple(f"X::{e}" for e in range(21)), dict)


FACTS, KINDS = torch.tensor([[0, 1, 0], [2, 1, 0], [3, 4, 1], [5, 0, 1]]), 2  # head, tail, one of two types
ALIKE = (["CrC"], ["CbG", "CbG'"], ["CcSE", "CcSE'"], ["PCiC'", "PCiC"], ["CtD", "CtD'"])
CHAINS = [
    *([x, f"{y}'"] for x, y in itertools.product(("CbG", "CuG", "CdG"), repeat=2)),
    *([x, y, f"{x}'"] for x in ("CbG", "CuG", "CdG") for y in ("GiG", "GcG", "Gr>G", "Gr>G'")),
    *([x, f"{y}'"] for x, y in itertools.product(("CtD", "CpD"), repeat=2)),
    ["CcSE", "CcSE'"],
    ["PCiC'", "PCiC"],
    *(chain for x in ("CtD", "CpD") for chain in ([x, "DaG", "CbG'"], ["CbG", "DaG'", f"{x}'"])),
    ["CtD", "DrD", "CtD'"],
    *([x, y] for x, y in itertools.product(("CrC", "D"), repeat=2)),
    *(chain for same in ALIKE[1:]
      for chain in ([*same, "D"], ["D", *same])),
    ["D", "D", "D"], ["CrC", "D", "CrC"], ["D", "CrC", "D"], ["CrC", "CrC", "CrC"],
]  # fmt: skip


def walked(network: BiomedicalNetwork, chain: list[str]) -> Tensor:
    """Count the paths of one chain between drugs, edge by edge."""
    steps: dict[str, list[tuple[int, int]]] = {"D": [(u, v) for a, b, _ in FACTS.tolist() for u, v in ((a, b), (b, a))]}
    for head, tail, kind in FACTS.tolist():
        steps.setdefault(f"D{kind}", []).append((head, tail))
    for head, relation, tail in network.triples.tolist():
        name = RELATIONS[relation]
        steps.setdefault(name, []).append((head, tail))
        if name in ("GiG", "GcG", "DrD", "CrC"):
            steps[name].append((tail, head))
        steps.setdefault(f"{name}'", []).append((tail, head))
    counts = torch.zeros(6, 6)
    for drug in range(6):
        here = [drug]
        for name in chain:
            here = [after for entity in here for before, after in steps.get(name, []) if before == entity]
        for entity in here:
            counts[drug, entity] += 1
    return counts


def test_meta_paths_equal_walks() -> None:
    """All 48, on a random network; each occurs somewhere."""
    network = random_network()
    counts = MetaPaths(network, FACTS, 6, KINDS).any_type
    assert (48, 48) == (len(counts), len(CHAINS))
    for count, chain in zip(counts, CHAINS, strict=True):
        torch.testing.assert_close(walked(network, chain), count, msg=" ".join(chain))
    assert (counts.sum((1, 2)) > 0).sum() > 40


def test_meta_paths_of_each_type_equal_walks() -> None:
    """Along a known interaction of the type, from head to tail, before or behind each of five ways to be alike."""
    network, pairs = random_network(), torch.tensor(list(itertools.product(range(6), repeat=2)))
    counts = MetaPaths(network, FACTS, 6, KINDS).counts(pairs)
    assert (36, 48 + 10 * KINDS) == counts.shape
    chains = [
        chain for kind in range(KINDS) for at_end in (False, True) for same in ALIKE
        for chain in ([*same, f"D{kind}"] if at_end else [f"D{kind}", *same],)
    ]  # fmt: skip
    for count, chain in zip(counts[:, 48:].T, chains, strict=True):
        torch.testing.assert_close(walked(network, chain).flatten(), count, msg=" ".join(chain))
    assert (counts[:, 48:].sum(0) > 0).sum() > 10


def test_turned_interactions_turn_the_counts() -> None:
    """With head and tail exchanged in all facts, pair (u, v) has the typed counts of (v, u), behind for before."""
    network, pairs = random_network(), torch.tensor(list(itertools.permutations(range(6), 2)))
    turned = FACTS[:, [1, 0, 2]]
    first, other = (
        MetaPaths(network, facts, 6, KINDS).counts(asked)[:, 48:].unflatten(1, (KINDS, 2, 5))
        for facts, asked in ((FACTS, pairs), (turned, pairs.flip(1)))
    )
    torch.testing.assert_close(first, other.flip(2))


def test_balanced_forests_hear_the_rare_type() -> None:
    """Of a hundred pairs alike ten have the rarer type: unweighted it is outvoted, weighted both count alike."""
    features, kinds = torch.zeros(100, 1), torch.tensor([0] * 90 + [1] * 10)
    shares = []
    for is_balanced in (False, True):
        forest = PairForest(2, 0, 8, is_balanced=is_balanced)
        forest.fit(features, kinds)
        shares.append(float(forest.scores(features[:1])[0, 1]))
    assert shares == pytest.approx([0.1, 0.5], abs=0.02)


def test_hin_ddi_learns_a_meta_path() -> None:
    """The type is whether two drugs bind a common gene, which one of the features counts."""
    pairs = torch.tensor(list(itertools.permutations(range(6), 2))).repeat(4, 1)
    counts = MetaPaths(random_network(1), FACTS, 6, KINDS).counts(pairs)
    kinds = (counts[:, 0] > 0).long()
    assert 0 < kinds.sum() < len(kinds)
    method = HINDDI(2, seed=0, depth=8)
    method.fit(counts, kinds)
    assert torch.equal(kinds, method.scores(counts).argmax(1))


# Decagon


EDGES = torch.tensor([[0, 3], [1, 3], [2, 4], [0, 1]])


def small_decagon(**options) -> Decagon:
    """Three drugs and two genes."""
    bits = torch.randint(2, (3, 7), generator=generator())
    model = Decagon(bits, 5, 4, generator(), **{"width": 6, "dropout": 0.0, **options}).double()
    model.use(EDGES)
    return model


def test_decagon_equals_the_dense_form() -> None:
    """Logits and gradients against dense matrices and one product for each pair and type, in float64."""
    model = small_decagon()
    A = torch.eye(5, dtype=torch.float64)
    for one, other in EDGES.tolist():
        A[one, other] = A[other, one] = 1.0
    A = A / A.sum(0).sqrt() / A.sum(1, keepdim=True).sqrt()
    h = torch.cat([model.fingerprints @ model.W_x.weight.T, model.others])
    for W in model.W:
        h = torch.relu(A @ h @ W.weight.T)
    logits = [[(h[u] @ W_k @ model.M) @ (h[v] @ W_k) for W_k in model.W_k] for u, v in PAIRS.tolist()]
    plain = torch.stack([torch.stack(row) for row in logits])
    torch.testing.assert_close(plain, model(PAIRS), rtol=1e-5, atol=1e-7)  # the graph's weights are float32
    kinds = torch.tensor([0, 3, 1, 2])
    expected = torch.autograd.grad(torch.nn.functional.cross_entropy(plain, kinds), list(model.parameters()))
    found = torch.autograd.grad(model.loss(torch.cat([PAIRS, kinds.unsqueeze(1)], 1)), list(model.parameters()))
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def test_normalised_adjacency_by_hand() -> None:
    """Entity 0 of degree 2 + 1, entity 1 of degree 1 + 1: 1 / sqrt(3 * 2); an edge told twice counts once."""
    found = normalised(torch.tensor([[0, 1], [1, 0], [0, 2]]), 3)(torch.eye(3))
    expected = [[1 / 3, 6**-0.5, 6**-0.5], [6**-0.5, 1 / 2, 0.0], [6**-0.5, 0.0, 1 / 2]]
    torch.testing.assert_close(torch.tensor(expected), found)


def test_the_graph_keeps_drugs_genes_and_diseases() -> None:
    """Entity 3, a side effect, goes; entity 4 takes its number; facts join, loops go, each edge once."""
    identifiers = ("Compound::a", "Compound::b", "Gene::c", "Side Effect::d", "Disease::e")
    triples = torch.tensor([[0, 0, 2], [1, 0, 3], [4, 0, 2], [2, 0, 2]])
    network = BiomedicalNetwork("n", ("r",), triples, ("has",), identifiers, dict)
    edges, count = graph_edges(network, triples, torch.tensor([[1, 0, 7], [0, 1, 8]]))
    assert ([[0, 1], [0, 2], [2, 3]], 4) == (edges.tolist(), count)


def test_decagon_does_not_see_the_numbers_of_drugs() -> None:
    """Drugs renamed with fingerprints and edges give the same logits."""
    new = torch.tensor([2, 0, 1, 3, 4])
    one, other = small_decagon().eval(), small_decagon().eval()
    other.fingerprints[new[:3]] = one.fingerprints
    other.use(new[EDGES])
    torch.testing.assert_close(one.scores(PAIRS), other.scores(new[PAIRS]))
    with pytest.raises(ValueError, match="call use"):
        Decagon(torch.zeros(2, 3), 4, 2, generator()).eval().scores(PAIRS)
    with pytest.raises(ValueError, match="call eval"):
        small_decagon().train().scores(PAIRS)


def test_decagon_learns_what_neighbours_say() -> None:
    """The type of a pair is whether both drugs bind the same of two genes; fingerprints say nothing."""
    gene = torch.randint(2, (30,), generator=generator())
    model = Decagon(torch.zeros(30, 4), 32, 2, generator(), width=8, dropout=0.0)
    model.use(torch.stack([torch.arange(30), 30 + gene], 1))
    pairs = torch.tensor(list(itertools.permutations(range(30), 2)))
    rows = torch.cat([pairs, (gene[pairs[:, 0]] == gene[pairs[:, 1]]).long().unsqueeze(1)], 1)
    adam = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(60):
        adam.zero_grad()
        model.loss(rows[::2]).backward()
        adam.step()
    test = rows[1::2]
    assert (model.eval().scores(test[:, :2]).argmax(1) == test[:, 2]).float().mean() > 0.95
    labels = torch.eye(2)[test[:20, 2]]
    assert model.multilabel_loss(test[:20, :2], labels, test[20:40, :2]) > 0


# KG-DDI


def test_kg_ddi_equals_the_layers_of_torch() -> None:
    """A convolution that keeps the length, a maximum over places and one step of an LSTM; logits and gradients."""
    model = KGDDI(6, 3, 4, generator(), width=5).double()
    convolution = nn.Conv1d(10, FILTERS, 4).double()
    cell = nn.LSTM(FILTERS, HIDDEN, batch_first=True).double()
    with torch.no_grad():
        convolution.weight.copy_(model.taps.weight.view(FILTERS, 4, 10).transpose(1, 2))
        convolution.bias.copy_(model.taps.bias)
        cell.weight_ih_l0.copy_(model.gates.weight)
        cell.bias_ih_l0.copy_(model.gates.bias)
        cell.bias_hh_l0.zero_()
    pooled = torch.relu(convolution(nn.functional.pad(model.entity[PAIRS].transpose(1, 2), (1, 2)))).amax(2)
    plain = model.out(cell(pooled.unsqueeze(1))[0].squeeze(1))
    torch.testing.assert_close(plain, model(PAIRS))
    expected, found = (torch.autograd.grad(one.square().sum(), model.entity)[0] for one in (plain, model(PAIRS)))
    torch.testing.assert_close(expected, found)


def test_complex_scores_equal_complex_numbers() -> None:
    """Re sum of e_h r conj(e_t), and (1 + i)(i) conj(2) = -2 + 2i by hand."""
    model = KGDDI(6, 3, 4, generator(), width=5)
    triples = torch.randint(3, (7, 3), generator=generator())
    entity, relation = (torch.complex(*table.chunk(2, 1)) for table in (model.entity, model.relation))
    expected = (entity[triples[:, 0]] * relation[triples[:, 1]] * entity[triples[:, 2]].conj()).sum(1).real
    torch.testing.assert_close(expected, model.plausibility(triples))
    small = KGDDI(2, 1, 1, generator(), width=1)
    with torch.no_grad():
        small.entity.copy_(torch.tensor([[1.0, 1.0], [2.0, 0.0]]))
        small.relation.copy_(torch.tensor([[0.0, 1.0]]))
    assert [-2.0] == small.plausibility(torch.tensor([[0, 0, 1]])).tolist()


def test_renaming_entities_with_their_rows_changes_nothing() -> None:
    """An entity is its row."""
    one, other, new = (
        KGDDI(3, 3, 4, generator(), width=5),
        KGDDI(3, 3, 4, generator(), width=5),
        torch.tensor([2, 0, 1]),
    )
    with torch.no_grad():
        other.entity[new] = one.entity.clone()
    torch.testing.assert_close(one.scores(PAIRS), other.scores(new[PAIRS]))


def test_kg_ddi_learns_facts_and_types() -> None:
    """True facts become likelier than others; then types that bits of known drugs decide."""
    _, rows = separable(12)
    model, draw = KGDDI(12, 4, 4, generator(), width=8), generator()
    adam = torch.optim.Adam(model.parameters(), lr=0.02)
    facts, start = rows[:, [0, 2, 1]], generator(5)
    before = model.embedding_loss(facts, start).item()
    for loss in [lambda: model.embedding_loss(facts, draw)] * 40 + [lambda: model.loss(rows)] * 40:
        adam.zero_grad()
        loss().backward()
        adam.step()
    assert model.embedding_loss(facts, generator(5)).item() < before
    assert (model.scores(rows[:, :2]).argmax(1) == rows[:, 2]).float().mean() > 0.95


# TextDDI-lite

TEXTS = ("warfarin thins blood", "aspirin thins blood too", "codeine kills pain", "", "zolpidem kills time")


def test_pairs_of_texts_equal_the_dense_form() -> None:
    """[t_u ; t_v ; t_u * t_v] against the dense vectors; one drug has no text, one is paired with itself."""
    words = word_weights(TEXTS, torch.tensor([0, 1, 2]))
    dense_words = torch.zeros(5, words.num_words)
    for drug in range(5):
        inside = slice(words.first[drug], words.first[drug + 1])
        dense_words[drug, words.word[inside]] = words.weight[inside]
    pairs = torch.tensor([[0, 1], [1, 1], [2, 3], [3, 3], [4, 2]])
    t_u, t_v = dense_words[pairs[:, 0]], dense_words[pairs[:, 1]]
    model = TextDDILite(words, 3, generator(), width=4)
    hidden = torch.relu(torch.cat([t_u, t_v, t_u * t_v], 1) @ model.W1 + model.b1)
    torch.testing.assert_close(model.W2(hidden), model.scores(pairs))
    expected, found = (torch.autograd.grad(one.square().sum(), model.W1)[0] for one in (model.W2(hidden), model(pairs)))
    torch.testing.assert_close(expected, found)


def test_words_are_those_of_known_drugs() -> None:
    """By hand: of two texts "a1 b1" and "b1", b1 stands in both and weighs less; words of others have no place."""
    words = word_weights(["a1 b1", "b1", "c1"], torch.tensor([0, 1]))
    rare = 1 + torch.tensor(1.5).log()  # smoothed inverse frequency: log((1 + 2) / (1 + 1)) + 1; of b1 it is 1
    length = (2 * rare**2 + 1).sqrt()
    torch.testing.assert_close(torch.stack([rare, rare, torch.tensor(1.0)]) / length, words.weight[:3])
    assert (3, [0, 3, 4, 4]) == (words.num_words, words.first.tolist())
    shared = pair_words(words, torch.tensor([[0, 1]]))
    assert [0, 1, 2, 5, 8] == sorted(shared.column.tolist())  # "a1", "a1 b1", "b1"; b1 of the tail; b1 of both


def test_text_ddi_lite_learns_what_texts_say() -> None:
    """The type is whether one word stands in both texts; drugs of the test pairs are known, their pairs are not."""
    texts = [f"drug{drug} {'sedative' if drug % 2 else 'stimulant'} agent" for drug in range(16)]
    pairs = torch.tensor(list(itertools.permutations(range(16), 2)))
    rows = torch.cat([pairs, (pairs.sum(1) % 2).unsqueeze(1)], 1)[torch.randperm(len(pairs), generator=generator())]
    model = TextDDILite(word_weights(texts, torch.arange(16)), 2, generator(), width=16)
    adam = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(40):
        adam.zero_grad()
        model.loss(rows[::2]).backward()
        adam.step()
    assert (model.scores(rows[1::2, :2]).argmax(1) == rows[1::2, 2]).float().mean() > 0.95
    same = [model.multilabel_loss(rows[:1, :2], torch.eye(2)[[kind]], rows[1:2, :2]).item() for kind in (0, 1)]
    assert same[0] != same[1]
