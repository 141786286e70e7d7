"""Interactions of drugs: splits by the sheet, malformed lines, pooled pairs, fingerprints, epochs, planted drugs."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from parsimony.data.biomedical_network import BiomedicalNetwork
from parsimony.data.drug_interactions import (
    SETTINGS,
    LabelledPairs,
    load_drugbank,
    read_drugs,
    read_interactions,
    require_settings,
)
from parsimony.data.emerging_split import draw_epoch, drugs_to_hold_out, without_drugs
from parsimony.data.fingerprints import cache_path, compute, fingerprints, read_bits
from parsimony.data.planted_drugs import MECHANISMS, RELATIONS, TYPES, find_reasons, generate, load_planted_drugs
from parsimony.data.raw_text import Raw
from parsimony.data.registry import DataError
from parsimony.data.twosides import emerging_negatives, load_twosides, pooled, read_pairs, redrawn, train_negatives

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
LABELS = ",".join("1" if kind in (0, 7) else "0" for kind in range(200))


def raw(*lines: str) -> Raw:
    return Raw("file.txt", "".join(f"{line}\n" for line in lines).replace("|", "\t").encode())


# DrugBank


@needs_mirror
def test_drugbank_has_the_facts_of_the_sheet() -> None:
    """The most frequent type, drugs that occur, pairs with two types, and what always guessing one type gives."""
    data = load_drugbank()
    train, s1, s2 = (data.triples(split) for split in ("train", "test S1", "test S2"))
    assert (48, 31_968) == (int(train[:, 2].bincount().argmax()), int(train[:, 2].bincount().max()))
    assert (86, 1) == (len(train[:, 2].unique()), int(train[:, 2].bincount().min()))
    assert 1338 == len(train[:, :2].unique())
    assert [65, 48] == [sum(n == 2 for n in Counter(map(tuple, part[:, :2].tolist())).values()) for part in (train, s1)]
    assert [0.315, 0.328] == pytest.approx([float((part[:, 2] == 48).float().mean()) for part in (s1, s2)], abs=5e-4)
    assert not torch.isin(s1[:, :2], data.valid_drugs).any()
    assert 35_000 < int(data.fingerprints.sum()) < 100_000
    case = [one for one in s1.tolist() if one[:2] == [655, 296]]
    assert [[655, 296, 51]] == case and ("Tapentadol", "Dolasetron") == (data.drug_names[655], data.drug_names[296])
    assert "#Drug1 may decrease the analgesic activities of #Drug2." == data.type_texts[51]


def test_malformed_lines_are_named() -> None:
    """File, line and reason."""
    assert [[3, 4, 5]] == read_interactions(raw("3 4 5")).tolist()
    with pytest.raises(DataError, match=r"file.txt, line 2: '1 2' has 2 fields"):
        read_interactions(raw("3 4 5", "1 2"))
    with pytest.raises(DataError, match=r"line 1: 86 given as type; expected a number below 86"):
        read_interactions(raw("3 4 86"))
    with pytest.raises(DataError, match=r"line 2: 'x' given as drug"):
        read_drugs(raw("1", "x"))


def test_settings_are_checked() -> None:
    """A pair of S1 has exactly one known drug, one of S2 none; nobody is listed twice."""
    drugs = {"train": torch.tensor([0, 1]), "valid": torch.tensor([2]), "test": torch.tensor([3])}
    require_settings({"train": torch.tensor([[0, 1, 5]]), "test S1": torch.tensor([[3, 1, 5]])}, drugs)
    with pytest.raises(DataError, match=r"test S2, line 1: 1 known drugs; expected 0"):
        require_settings({"test S2": torch.tensor([[3, 1, 5]])}, drugs)
    with pytest.raises(DataError, match="listed for two"):
        require_settings({}, drugs | {"test": torch.tensor([0])})


# TWOSIDES


@needs_mirror
@pytest.mark.parametrize("seed", [1, 12345])
def test_twosides_parts_are_by_the_drugs_of_the_seed(seed: int) -> None:
    """Counts are compared by the loader; here who is in each pair, and that its negative cannot be told by that."""
    data = load_twosides(seed)
    for split, groups in {
        "train": {(0, 0)}, "valid S1": {(0, 1)}, "valid S2": {(1, 1)}, "test S1": {(0, 2), (1, 2)}, "test S2": {(2, 2)},
    }.items():  # fmt: skip
        group = torch.zeros(data.num_drugs, dtype=torch.long)
        group[data.valid_drugs], group[data.test_drugs] = 1, 2
        part = data.splits[split]
        assert groups >= set(map(tuple, group[part.pairs].sort(1).values.tolist()))
        assert groups >= set(map(tuple, group[part.negatives].sort(1).values.tolist()))
        assert int(part.labels.sum(1).min()) >= 1
    assert not train_negatives(data.splits["train"], data.known_drugs).any()
    assert not emerging_negatives(data.splits["test S1"], data.test_drugs).any()
    with pytest.raises(DataError, match="split 2 of TWOSIDES asked"):
        load_twosides(2)


def test_pairs_and_negatives_are_read_in_turn() -> None:
    """Odd lines are pairs, even ones their negatives with the same labels."""
    found = read_pairs(raw(f"1|2|{LABELS}|1", f"3|2|{LABELS}|0"))
    assert ([[1, 2]], [[3, 2]]) == (found.pairs.tolist(), found.negatives.tolist())
    assert [[1, 2, 0], [1, 2, 7]] == found.types().tolist()
    wrong = {
        "expected 1 in odd lines": (f"1|2|{LABELS}|0",),
        "labels differ": (f"1|2|{LABELS}|1", f"3|2|{LABELS[::-1]}|0"),
        "expected 200 of 0 and 1": ("1|2|0,1|1",),
        "without its negative": (f"1|2|{LABELS}|1", f"3|2|{LABELS}|0", f"1|2|{LABELS}|1"),
    }
    for reason, lines in wrong.items():
        with pytest.raises(DataError, match=reason):
            read_pairs(raw(*lines))


def test_pooled_pairs_count_once() -> None:
    """In whatever order the drugs stand; the first counts."""
    part = LabelledPairs(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1], [0]]), torch.tensor([[1, 5], [3, 5]]))
    other = LabelledPairs(torch.tensor([[2, 1], [5, 4]]), torch.tensor([[0], [1]]), torch.tensor([[2, 6], [5, 6]]))
    whole = pooled([part, other])
    assert ([[1, 2], [3, 4], [5, 4]], [[1], [0], [1]]) == (whole.pairs.tolist(), whole.labels.tolist())
    assert [[1, 5], [3, 5], [5, 6]] == whole.negatives.tolist()


def test_negatives_are_drawn_anew_where_they_give_pairs_away() -> None:
    """Drugs 0 to 7 are known, 8 and 9 emerging; the kept end stays, the other is known and does not interact."""
    pairs = torch.tensor([[8, 0], [1, 9], [2, 8], [8, 3]])
    negatives = torch.tensor([[8, 4], [1, 2], [2, 9], [9, 3]])
    part, test = LabelledPairs(pairs, torch.ones(4, 1), negatives), torch.tensor([8, 9])
    assert [False, True, True, True] == emerging_negatives(part, test).tolist()
    assert [True, False, True, True] == train_negatives(part, torch.arange(8)).tolist()
    forbidden = torch.tensor([other * 604 + 9 for other in range(1, 8)])  # of drug 9, all but drug 0
    wrong, kept = emerging_negatives(part, test), torch.tensor([0, 1, 1, 0])
    found = redrawn(part, wrong, kept, torch.arange(8), forbidden, torch.Generator().manual_seed(0)).negatives
    assert ([8, 4], [0, 9]) == (found[0].tolist(), found[1].tolist())
    assert (8, 8) == (int(found[2, 1]), int(found[3, 0])) and bool((found[[2, 3], [0, 1]] < 8).all())


# Fingerprints


def test_fingerprints_come_back_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bits; a damaged file is computed anew; writing a molecule otherwise changes nothing."""
    monkeypatch.setenv("PARSIMONY_CACHE", str(tmp_path))
    smiles = ["CCO", "c1ccccc1"]
    first = fingerprints(smiles, "file")
    path = cache_path(smiles)
    assert path.is_file() and torch.equal(first, fingerprints(smiles, "file"))
    path.write_bytes(b"damaged")
    assert read_bits(path, 2) is None and torch.equal(first, fingerprints(smiles, "file"))
    assert torch.equal(first, fingerprints(["OCC", "C1=CC=CC=C1"], "file"))
    assert path != cache_path(["CCO"]) and read_bits(path, 3) is None


def test_fingerprint_by_hand() -> None:
    """Methane has one environment; ethane's two carbons are alike, at radius 0 and at radius 1."""
    assert [1, 2] == compute(["C", "CC"], "file").sum(1).tolist()
    with pytest.raises(DataError, match=r"file, drug 1: 'xyz' is no SMILES"):
        compute(["C", "xyz"], "file")


# Epochs


PAIRS = torch.tensor([[u, v, 0] for u in range(20) for v in range(20) if u < v])


@pytest.mark.parametrize(("setting", "ends"), [("S1", 1), ("S2", 2)])
def test_training_pairs_look_like_test_pairs(setting: str, ends: int) -> None:
    """Facts name no drug that plays emerging, training pairs name one or two; nothing is both, order is random."""
    epoch = draw_epoch(PAIRS, torch.arange(15), setting, torch.Generator().manual_seed(0))
    held_out = set(epoch.held_out.tolist())
    counts = [len(held_out & {u, v}) for u, v, _ in PAIRS.tolist()]
    assert [row for row, count in enumerate(counts) if count == 0] == epoch.facts.tolist()
    assert [row for row, count in enumerate(counts) if count == ends] == sorted(epoch.training.tolist())
    assert epoch.training.tolist() != sorted(epoch.training.tolist())
    assert held_out <= set(range(15))


def test_drugs_are_drawn_with_replacement() -> None:
    """A fifth of 1,000 draws leaves about 18 % distinct drugs: 1,000 (1 - (1 - 1 / 1000)^200) = 181."""
    sizes = [
        len(draw_epoch(PAIRS, torch.arange(1000), "S1", torch.Generator().manual_seed(seed)).held_out)
        for seed in range(30)
    ]
    assert 181.4 == pytest.approx(np.mean(sizes), abs=3)


def test_known_drugs_are_parted_by_interactions() -> None:
    """S0: four fifths are facts; all interactions are one or the other."""
    epoch = draw_epoch(PAIRS, torch.arange(15), "S0", torch.Generator().manual_seed(0))
    assert (152, 38) == (len(epoch.facts), len(epoch.training))
    assert list(range(190)) == sorted([*epoch.facts.tolist(), *epoch.training.tolist()])
    same = draw_epoch(PAIRS, torch.arange(15), "S0", torch.Generator().manual_seed(0))
    assert torch.equal(epoch.training, same.training)
    with pytest.raises(ValueError, match="setting 'S3' given"):
        draw_epoch(PAIRS, torch.arange(15), "S3", torch.Generator())
    with pytest.raises(ValueError, match="no drug of the training pairs"):
        draw_epoch(PAIRS, torch.arange(0), "S1", torch.Generator())


def test_only_drugs_with_facts_are_held_out_and_hidden_facts_go() -> None:
    """Drug 2 has no edge, drug 3 no interaction."""
    triples = torch.tensor([[0, 0, 5], [1, 0, 5], [3, 0, 6], [5, 0, 6]])
    network = BiomedicalNetwork("n", ("r",), triples, ("has",), tuple(f"X::{entity}" for entity in range(7)), dict)
    assert [0, 1] == drugs_to_hold_out(torch.tensor([[0, 1, 0], [1, 2, 0]]), network, 4).tolist()
    assert [[0, 0, 5], [5, 0, 6]] == without_drugs(network, torch.tensor([1, 3])).tolist()


# Planted drugs


def test_reasons_lead_from_head_to_tail() -> None:
    """Every pair has a reason of its type whose steps are triples of the network, named as the mechanism says."""
    data = load_planted_drugs()
    triples = set(map(tuple, data.network.triples.tolist()))
    rows = torch.cat([data.pairs.triples(split) for split in data.pairs.splits]).tolist()
    assert len(rows) == len(data.reasons)
    for head, tail, kind in rows:
        for reason in data.reasons[head, tail]:
            assert [name for name, _ in MECHANISMS[kind]] == [RELATIONS[relation] for _, relation, _ in reason]
            assert set(reason) <= triples
            here = head
            for start, _, end in reason:
                assert here in (start, end)
                here = end if here == start else start
            assert tail == here


def test_reasons_by_hand() -> None:
    """Drug 0 inhibits enzyme 3, which breaks drugs 1 and 2 down; 0 acts on 4 like 1, and 2 resembles 1."""
    index = RELATIONS.index
    triples = [(0, index("CiG"), 3), (1, index("CmG"), 3), (2, index("CmG"), 3), (0, index("CaG"), 4),
               (1, index("CaG"), 4), (1, index("CrC"), 2)]  # fmt: skip
    found = {
        pair: {kind: len(some) for kind, some in kinds.items()} for pair, kinds in find_reasons(triples, 3).items()
    }
    assert {(0, 1): {0: 1, 3: 1}, (0, 2): {0: 1, 5: 1}, (1, 0): {3: 1}} == found


def test_emerging_drugs_have_facts_but_no_known_interaction() -> None:
    """As the splits of DrugBank; another seed gives others, the same seed the same."""
    data = generate(0)
    known, settings = data.pairs.known_drugs, dict(zip(SETTINGS, (2, 1, 0), strict=True))
    for split, rows in data.pairs.splits.items():
        assert {settings.get(split[-2:], 2)} == set(torch.isin(rows[:, :2], known).sum(1).tolist())
    assert not torch.isin(data.pairs.triples("test S1")[:, :2], data.pairs.valid_drugs).any()
    assert set(range(len(TYPES))) == set(data.pairs.triples("train")[:, 2].tolist())
    again, other = generate(0), generate(1)
    assert torch.equal(data.network.triples, again.network.triples) and data.reasons == again.reasons
    assert not torch.equal(data.network.triples, other.network.triples)
