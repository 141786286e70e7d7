"""DeepLGF and TIGER: against plain forms, by hand, under renaming, what they learn; their graphs; runs on texts."""

import itertools
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from parsimony.baselines.deeplgf import DROPOUT, PENALTY, DeepLGF, smiles_words
from parsimony.baselines.tiger import HEADS, LEAST, TIGER, RelationTransformer
from parsimony.data import drug_graphs
from parsimony.data.attention_graphs import MOST_STEPS, AttentionGraphs, SmallGraph, attention_graphs
from parsimony.data.drug_graphs import ELEMENTS, molecule_graphs, walked_graphs
from parsimony.data.drug_molecules import load_smiles, load_texts
from parsimony.data.planted_drugs import load_planted_drugs
from parsimony.data.registry import DataError
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.interactions import molecules_and_texts, training
from parsimony.nn.complex_embedding import ComplExEmbedding
from parsimony.records import Outcome, Specification
from test_runs import Stop, StopAfter

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
PAIRS = torch.tensor([[0, 1], [2, 0], [3, 1], [0, 1]])
SMILES = ("CCO", "CCCO", "c1ccccc1O", "CCN")
TRIPLES = torch.tensor([[0, 0, 4], [1, 0, 4], [1, 1, 5], [6, 1, 2]])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rows_of(pairs: Tensor, kinds: Tensor) -> Tensor:
    return torch.cat([pairs, kinds.unsqueeze(1)], 1)


def trained_accuracy(model: torch.nn.Module, train: Tensor, test: Tensor, steps: int, rate: float) -> float:
    torch.manual_seed(0)
    adam = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(steps):
        adam.zero_grad()
        model.loss(train).backward()
        adam.step()
    return float((model.eval().scores(test[:, :2]).argmax(1) == test[:, 2]).float().mean())


# ComplEx


def test_complex_embedding_equals_complex_numbers() -> None:
    """Re sum of e_h r conj(e_t), and (1 + i)(i) conj(2) = -2 + 2i by hand; a loss of zeros is 2 log 2."""
    model = ComplExEmbedding(6, 3, generator(), width=5)
    triples = torch.randint(3, (7, 3), generator=generator())
    entity, relation = (torch.complex(*table.chunk(2, 1)) for table in (model.entity, model.relation))
    expected = (entity[triples[:, 0]] * relation[triples[:, 1]] * entity[triples[:, 2]].conj()).sum(1).real
    torch.testing.assert_close(expected, model(triples))
    small = ComplExEmbedding(2, 1, generator(), width=1)
    with torch.no_grad():
        small.entity.copy_(torch.tensor([[1.0, 1.0], [2.0, 0.0]]))
        small.relation.copy_(torch.tensor([[0.0, 1.0]]))
    assert [-2.0] == small(torch.tensor([[0, 0, 1]])).tolist()
    torch.nn.init.zeros_(small.relation)
    assert 2 * torch.log(torch.tensor(2.0)).item() == pytest.approx(small.loss(triples % 1, generator()).item())


# DeepLGF


def small_deeplgf() -> DeepLGF:
    """Four drugs and three other entities, in float64."""
    words = smiles_words(SMILES, torch.tensor([0, 1, 2]))
    model = DeepLGF(words._replace(weight=words.weight.double()), 7, 2, 3, generator(), width=3).double()
    model.use(TRIPLES)
    return model


def plain_views(model: DeepLGF, drug: int) -> list[Tensor]:
    """Return structure, function and graph of a drug, word by word and fact by fact."""
    words = model.words
    inside = range(int(words.first[drug]), int(words.first[drug + 1]))
    structure = sum((words.weight[i] * model.letters[words.word[i]] for i in inside), torch.zeros(6).double())
    messages = []
    for head, relation, tail in TRIPLES.tolist():
        if head == drug:
            messages.append(model.graph.entity[tail] * model.r[relation])
        if tail == drug:
            messages.append(model.graph.entity[head] * model.r[relation + 2])
    mean = torch.stack(messages).mean(0) if messages else torch.zeros(6).double()
    return [structure, torch.relu(model.W(mean)), model.graph.entity[drug]]


def test_deeplgf_equals_the_plain_form() -> None:
    """Views, logits, penalty and gradients, one pair after the other, with dropout at rest; drug 3 has no fact."""
    model = small_deeplgf().eval()
    logits, squares = [], 0.0
    for pair in PAIRS.tolist():
        hidden = []
        for stack, x in zip(model.views, [view for drug in pair for view in plain_views(model, drug)], strict=True):
            for W in stack:
                x = torch.relu(W(x))
                squares = squares + x.square().sum()
            hidden.append(x)
        x = torch.cat(hidden)
        for W in model.joint:
            x = torch.relu(W(x))
            squares = squares + x.square().sum()
        logits.append(model.out(x))
    plain, kinds = torch.stack(logits), torch.tensor([0, 2, 1, 1])
    torch.testing.assert_close(plain, model.scores(PAIRS))
    loss = F.cross_entropy(plain, kinds) + PENALTY * squares / len(PAIRS)
    found = model.loss(rows_of(PAIRS, kinds))
    torch.testing.assert_close(loss, found)
    weights = [one for name, one in model.named_parameters() if name != "graph.relation"]
    for one, other in zip(torch.autograd.grad(loss, weights), torch.autograd.grad(found, weights), strict=True):
        torch.testing.assert_close(one, other)


def test_words_of_smiles_by_hand() -> None:
    """CCCO has CCC and CCO, half each; CCN, of no known drug, has no word that is known."""
    words = smiles_words(SMILES, torch.tensor([0, 1]))
    assert (2, [0, 1, 3, 3, 3]) == (words.num_words, words.first.tolist())
    assert [1.0, 0.5, 0.5] == words.weight.tolist()


def test_deeplgf_does_not_see_the_numbers_of_entities() -> None:
    """Entities that are no drugs, renamed with their rows, change nothing."""
    new = torch.tensor([0, 1, 2, 3, 6, 4, 5])
    one, other = small_deeplgf().eval(), small_deeplgf().eval()
    with torch.no_grad():
        other.graph.entity[new] = one.graph.entity.clone()
    other.use(torch.stack([new[TRIPLES[:, 0]], TRIPLES[:, 1], new[TRIPLES[:, 2]]], 1))
    torch.testing.assert_close(one.scores(PAIRS), other.scores(PAIRS))


def test_deeplgf_learns_what_facts_say() -> None:
    """The type is whether both drugs have the same of two entities; SMILES say nothing, pairs of the test are new."""
    gene = torch.randint(2, (16,), generator=generator())
    model = DeepLGF(smiles_words(["CCO"] * 16, torch.arange(16)), 18, 1, 2, generator(), width=8)
    model.use(torch.stack([torch.arange(16), torch.zeros(16).long(), 16 + gene], 1))
    pairs = torch.tensor(list(itertools.permutations(range(16), 2)))[torch.randperm(240, generator=generator())]
    rows = rows_of(pairs, (gene[pairs[:, 0]] == gene[pairs[:, 1]]).long())
    assert trained_accuracy(model, rows[::2], rows[1::2], 60, 0.003) > 0.9
    labels = torch.eye(2)[rows[:10, 2]]
    assert model.multilabel_loss(rows[:10, :2], labels, rows[10:20, :2]) > 0
    facts, start = torch.tensor([[0, 0, 17], [1, 0, 16]]), generator(1)
    assert model.embedding_loss(facts, start) > 0


def test_models_say_what_they_lack() -> None:
    """Facts, subgraphs, evaluation mode."""
    deeplgf, tiger = small_deeplgf(), small_tiger()
    deeplgf._facts = tiger._subgraphs = None
    with pytest.raises(ValueError, match=r"call use\(triples\)"):
        deeplgf.eval().scores(PAIRS)
    with pytest.raises(ValueError, match=r"call use\(subgraphs\)"):
        tiger.eval().scores(PAIRS)
    for model in (deeplgf, tiger):
        with pytest.raises(ValueError, match="call eval"):
            model.train().scores(PAIRS)
    assert 0 < DROPOUT < 1


# Graphs of drugs


def both_ways(*edges: tuple[int, int, int]) -> np.ndarray:
    return np.array([*edges, *((b, a, kind) for a, b, kind in edges)], np.int64).reshape(-1, 3)


def test_pairs_of_a_graph_by_hand() -> None:
    """0 - 1 - 2 and 3 alone, two relations: 0 and 2 are two steps apart; of two edges the smaller counts."""
    graph = SmallGraph(np.arange(4), both_ways((0, 1, 1), (1, 2, 1), (1, 2, 0)))
    found = attention_graphs([SmallGraph(np.array([9]), both_ways()), graph], 2)
    assert ([0, 1, 5], [0, 1, 11]) == (found.first_node.tolist(), found.first_pair.tolist())
    part = found.of(torch.tensor([1, 0]))
    rows = zip(*(one.tolist() for one in (part.target, part.source, part.relation, part.steps)), strict=True)
    stay, apart = 2 + 0, 2 + 2
    assert {
        (0, 0, stay, 0), (0, 1, 1, 1), (0, 2, apart, 2), (1, 0, 1, 1), (1, 1, stay, 0), (1, 2, 0, 1),
        (2, 0, apart, 2), (2, 1, 0, 1), (2, 2, stay, 0), (3, 3, stay, 0), (4, 4, stay, 0),
    } == set(rows)  # fmt: skip
    assert ([0, 1, 2, 3, 9], [1, 3, 2, 0, 0]) == (part.node.tolist(), part.degree.tolist())
    assert [0, 0, 0, 0, 1] == part.graph_of_node.tolist()


def test_ethanol() -> None:
    """Two carbons and an oxygen: 67 features that sum to 1; O is two single bonds away from the first C."""
    found = molecule_graphs(["CCO", "c1ccccc1"])
    assert ((9, 67), [1, 2, 1]) == (tuple(found.node.shape), found.degree[:3].tolist())
    torch.testing.assert_close(torch.ones(9), found.node.sum(1))
    assert (found.node[:2, ELEMENTS.index("C")] > 0).all() and found.node[2, ELEMENTS.index("O")] > 0
    assert found.node[3, -1] > 0 == found.node[0, -1]
    pair = (found.target == 0) & (found.source == 2)
    assert [2] == found.steps[pair][:1].tolist()
    with pytest.raises(DataError, match="drug 1"):
        molecule_graphs(["C", "not a molecule"])


def test_walks_stay_on_edges() -> None:
    """Nodes of a subgraph hang together, the drug first; edges are those of the network; without edges it is alone."""
    network = load_planted_drugs().network
    triples = network.triples[network.triples[:, 0] != 7]
    triples = triples[triples[:, 2] != 7]
    found = walked_graphs(triples, 120, 276, 12, seed=0)
    assert list(range(120)) == found.node[found.first_node[:-1]].tolist()
    sizes, pairs = found.first_node.diff(), found.first_pair.diff()
    assert torch.equal(sizes.square(), pairs) and 1 == sizes[7] and 33 >= sizes.max() > 10
    known = {(a, r, b) for a, r, b in triples.tolist()} | {(b, r + 12, a) for a, r, b in triples.tolist()}
    part = found.of(torch.tensor([3]))
    direct = part.steps == 1
    ends = (part.node[part.target[direct]], part.relation[direct], part.node[part.source[direct]])
    assert all(one in known for one in zip(*(field.tolist() for field in ends), strict=True))
    again, other = (walked_graphs(triples, 120, 276, 12, seed=seed) for seed in (0, 1))
    assert torch.equal(found.node, again.node) and len(found.node) != len(other.node)


# TIGER


def small_graphs(seed: int, entities: int = 0) -> AttentionGraphs:
    """Four random graphs with five relations; nodes have three features, or numbers of entities."""
    draw, graphs = np.random.default_rng(seed), []
    for size in (3, 5, 1, 4):
        ends = draw.integers(size, size=(2 * size, 2))
        edges = [(a, b, int(draw.integers(5))) for a, b in ends.tolist() if a < b]
        node = draw.integers(entities, size=size) if entities else draw.normal(size=(size, 3))
        graphs.append(SmallGraph(node, both_ways(*edges)))
    return attention_graphs(graphs, 5)


def small_tiger() -> TIGER:
    model = TIGER(small_graphs(0), 5, 11, 5, 3, generator(), width=8).double()
    model.use(small_graphs(1, 11))
    return model


def test_attention_equals_loops() -> None:
    """Every head, node and pair by itself, in float64, with the least denominator in both signs."""
    block = RelationTransformer(5, generator(), 8).double()
    graphs = small_graphs(2).of(torch.tensor([1, 3, 2]))
    x = torch.randn(len(graphs.node), 8, generator=generator(), dtype=torch.float64)
    q, k, v = block.q(x), block.k(x), block.v(x)
    rows, limited = [], set()
    for i, graph in enumerate(graphs.graph_of_node.tolist()):
        mates = [j for j, other in enumerate(graphs.graph_of_node.tolist()) if other == graph]
        heads = []
        for h in range(HEADS):
            part, total = slice(2 * h, 2 * h + 2), torch.zeros(2, dtype=torch.float64)
            below = q[i, part] @ sum(k[j, part] for j in mates)
            least = LEAST * len(mates)
            limited.add((bool(below.abs() < least), bool(below > 0)))
            below = below if below.abs() >= least else torch.sign(below) * least
            for target, source, relation, steps in zip(*graphs[4:], strict=True):
                if target == i:
                    e = block.e[relation, part]
                    bias = torch.relu(block.b[1](torch.relu(block.b[0](steps.double().view(1, 1))))).squeeze()
                    above = (q[i, part] + e) @ (k[source, part] + e) / HEADS**0.25 + bias
                    total = total + above / below * v[source, part]
            heads.append(total)
        rows.append(torch.cat(heads))
    torch.testing.assert_close(block.o(torch.stack(rows)), block.attend(x, graphs))
    assert {(True, True), (False, True)} <= limited or {(True, False), (False, False)} <= limited


def test_tiger_does_not_see_the_order_of_nodes_and_pairs() -> None:
    """Atoms numbered anew, and pairs one by one in evaluation mode, give the same logits."""
    draw, graphs, moved = np.random.default_rng(5), [], []
    for size in (3, 5, 2, 4):
        edges = both_ways(*((a, a + 1, int(draw.integers(5))) for a in range(size - 1)))
        node, new = draw.normal(size=(size, 3)), draw.permutation(size)
        graphs.append(SmallGraph(node, edges))
        shifted, turned = np.empty_like(node), edges.copy()
        shifted[new], turned[:, :2] = node, new[edges[:, :2]]
        moved.append(SmallGraph(shifted, turned))
    one, other = small_tiger().eval(), small_tiger().eval()
    one.molecules, other.molecules = (attention_graphs(each, 5) for each in (graphs, moved))
    torch.testing.assert_close(one.scores(PAIRS), other.scores(PAIRS))
    torch.testing.assert_close(one.scores(PAIRS), torch.cat([one.scores(pair) for pair in PAIRS.split(1)]))


def test_information_by_hand() -> None:
    """Width 1, form 2, bias 0: drug 0 has z = 1 and nodes 1 and 3, drug 1 z = -1 and node 2."""
    model = small_tiger()
    model.form = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.form.weight, 2.0)
    graphs = attention_graphs(
        [SmallGraph(np.arange(2), both_ways((0, 1, 0))), SmallGraph(np.arange(1), both_ways())], 5
    )
    own, other = torch.tensor([2.0, 6.0, -4.0]), torch.tensor([-2.0, -6.0, 4.0])
    expected = F.softplus(torch.cat([-own, other])).mean()
    z, nodes = torch.tensor([[1.0], [-1.0]]), torch.tensor([[1.0], [3.0], [2.0]])
    torch.testing.assert_close(expected, model.information(z, nodes, graphs), check_dtype=False)


def test_tiger_learns_what_molecules_say() -> None:
    """The type is whether both molecules have an oxygen or both have none; pairs of the test are new."""
    names = ["CCO", "CCN", "CCCO", "CCCN", "OCC(C)C", "NCC(C)C", "c1ccccc1O", "c1ccccc1N", "CCCCO", "CCCCN"]
    model = TIGER(molecule_graphs(names), 5, 276, 24, 2, generator(), width=16)
    model.use(walked_graphs(torch.zeros(1, 3).long() + torch.tensor([20, 0, 21]), 10, 276, 12, seed=0))
    pairs = torch.tensor(list(itertools.permutations(range(10), 2)))[torch.randperm(90, generator=generator())]
    rows = rows_of(pairs, (pairs.sum(1) % 2 == 0).long())
    assert trained_accuracy(model, rows[::2], rows[1::2], 150, 0.003) > 0.85
    assert model.multilabel_loss(rows[:10, :2], torch.eye(2)[rows[:10, 2]], rows[10:20, :2]) > 0


def test_far_nodes_share_a_number_of_steps() -> None:
    """A chain of forty atoms: more than 31 steps count as 31."""
    found = molecule_graphs(["C" * 40])
    assert MOST_STEPS == found.steps.max() and 5 + MOST_STEPS == found.relation.max()
    assert int(drug_graphs.NUM_BONDS) == 5


# Runs

SHORT = {"epochs": 3, "batch_size": 128, "learning_rate": 0.003, "evaluate_every": 3}
SETTINGS = {
    "text-ddi-lite": {"options": {"width": 8}, "training": SHORT},
    "deeplgf": {
        "options": {"width": 4, "embedding_epochs": 1, "facts_at_once": 1024},
        "training": {**SHORT, "from_epoch": 2},
    },
    "tiger": {"options": {"width": 8}, "training": {**SHORT, "epochs": 2}},
}  # fmt: skip


@pytest.fixture
def with_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give planted drugs made-up molecules and texts."""
    smiles = tuple("C" * (1 + drug % 7) + "ON"[drug % 2] for drug in range(120))
    monkeypatch.setattr(molecules_and_texts, "load_smiles", lambda pairs: smiles)
    texts = tuple(f"drug {drug} of kind{drug % 5}" for drug in range(120))
    monkeypatch.setattr(molecules_and_texts, "load_texts", lambda identifiers, pairs: texts)


def carry_out(method: str, path: Path, reports: float = float("inf")) -> Outcome:
    torch.set_num_threads(1)
    asked = Specification(
        task="drug interactions by molecules and texts", method=method, dataset="Planted-drugs", seed=0,
        profile="quick", settings={"schedule": 50, "served": ["S0", "S1"], **SETTINGS[method]},
    )  # fmt: skip
    return molecules_and_texts.run(asked, Checkpoint(path), StopAfter(reports), "cpu")


@pytest.mark.usefixtures("with_texts")
@pytest.mark.parametrize("method", list(SETTINGS))
def test_a_run_stopped_and_resumed_equals_an_undisturbed_one(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped within epochs and started again, it ends in the very same numbers; parameters are counted."""
    expected = carry_out(method, tmp_path / "whole.npz")
    monkeypatch.setattr(training, "SECONDS_BETWEEN_SAVES", -1.0)  # keep every batch
    for stops in range(50):  # noqa: B007
        try:
            found = carry_out(method, tmp_path / "part.npz", reports=7)
            break
        except Stop:
            continue
    assert stops > 0
    assert dict(expected.metrics) == dict(found.metrics)
    for name in ("tally", "calibration", "chosen_epochs"):
        assert expected.measurements[name] == found.measurements[name]
    assert {"S0 macro F1", "S1 macro F1"} <= set(expected.metrics) and expected.parameters > 1000


@needs_mirror
def test_molecules_and_texts_of_the_data_sets() -> None:
    """Every drug has a SMILES; 1,405 of DrugBank have a description behind their name, as the sheet counts them."""
    from parsimony.data.biomedical_network import read_identifiers
    from parsimony.data.drug_interactions import load_drugbank

    pairs = load_drugbank()
    texts = load_texts(read_identifiers(), pairs)
    assert (1710, 1710) == (len(load_smiles(pairs)), len(texts))
    assert 1405 == sum(len(text) > len(name) + 1 for name, text in zip(pairs.drug_names, texts, strict=True))
    assert texts[655].startswith("Tapentadol. ")
    twosides = load_smiles(replace(pairs, name="TWOSIDES", fingerprints=pairs.fingerprints[:604]))
    assert 604 == len(twosides) and twosides[1] == "CCC(=O)N(C1CCN(CC1)CCC2=CC=CC=C2)C3=CC=CC=C3"


def test_planted_drugs_have_no_molecules() -> None:
    """The message says what to choose instead."""
    with pytest.raises(ValueError, match="Planted-drugs has no molecules"):
        load_smiles(load_planted_drugs().pairs)
    with pytest.raises(ValueError, match="'cuda' given"):
        asked = replace(_asked(), method="tiger")
        molecules_and_texts.run(asked, Checkpoint(Path("x")), StopAfter(1), "cuda")


def _asked() -> Specification:
    return Specification(
        task="drug interactions by molecules and texts", method="deeplgf", dataset="Planted-drugs", seed=0,
        profile="quick",
    )  # fmt: skip
