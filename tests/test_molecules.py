"""Molecules: features by hand, batches against a plain reference, wrong tables, the cache, the counts of the papers."""

import gzip
import io
import os
import pickle
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from molecule_samples import BENZENE, SMILES, SODIUM_ACETATE, sample_molecules
from parsimony.data import molecule_cache
from parsimony.data.cards import DATASETS
from parsimony.data.molecule_cache import arrays_of, cache_path, parsed, read_arrays, write_arrays
from parsimony.data.molecule_features import featurise
from parsimony.data.molecule_sets import LOADERS, large_enough, load_molecules
from parsimony.data.molecule_tables import MoleculeTable, read_table, unpacked
from parsimony.data.molecules import MoleculeBatch, MoleculeSet
from parsimony.data.nci_fragments import choose_fragments, presence, read_catalogue, read_fragments
from parsimony.data.raw_text import Raw
from parsimony.data.registry import DataError

needs_mirror = pytest.mark.skipif(
    not os.environ.get("PARSIMONY_MIRROR"), reason="PARSIMONY_MIRROR is not set, so the raw files are not here"
)
ALUMINIUM = "CC(=O)O[AlH3](O)O"


def raw(text: str, label: str = "file.csv") -> Raw:
    return Raw(label, text.encode("latin-1"))


@cache
def loaded(name: str) -> MoleculeSet:
    return load_molecules(name)


# Features


def bonds_of(data: MoleculeSet) -> list[tuple[int, ...]]:
    """Return source, target, type and direction of every bond."""
    return [(*ends, *kind) for ends, kind in zip(data.bond.tolist(), data.bond_feature.tolist(), strict=True)]


def test_benzene_by_hand() -> None:
    """Six carbons (6 - 1 = 5) without chirality; six aromatic bonds, both ways; two of them and itself at each atom."""
    data = sample_molecules([BENZENE])
    ring = {(atom, (atom + 1) % 6, 3, 0) for atom in range(6)}
    assert [[5, 0]] * 6 == data.atom.tolist()
    assert ring | {(b, a, kind, direction) for a, b, kind, direction in ring} == set(bonds_of(data))
    assert [[0, 0, 0, 2, 1, 0, 3, 0, 0]] * 6 == data.bond_counts.tolist()


@pytest.mark.parametrize(("smiles", "chirality"), [("C[C@@H](O)F", 1), ("C[C@H](O)F", 2), ("CC(O)F", 0)])
def test_a_chiral_centre_by_hand(smiles: str, chirality: int) -> None:
    """@@ is clockwise, @ counter-clockwise; C, C, O and F."""
    assert [[5, 0], [5, chirality], [7, 0], [8, 0]] == sample_molecules([smiles]).atom.tolist()


@pytest.mark.parametrize(("smiles", "last"), [("F/C=C/F", 1), ("F/C=C\\F", 2)])
def test_a_double_bond_with_direction_by_hand(smiles: str, last: int) -> None:
    """The slashes give the single bonds directions, and both ways of a bond have the same."""
    expected = {(0, 1, 0, 1), (1, 0, 0, 1), (1, 2, 1, 0), (2, 1, 1, 0), (2, 3, 0, last), (3, 2, 0, last)}
    assert expected == set(bonds_of(sample_molecules([smiles])))


def test_parts_and_lone_atoms_have_no_bonds_between_them() -> None:
    """Sodium acetate has three bonds and an ion; methane has none; the triple bond of acetonitrile is of type 2."""
    data = sample_molecules([SODIUM_ACETATE, "C", "CC#N"])
    assert [0, 5, 6, 9] == data.first_atom.tolist()
    assert [1, 3, 1, 1, 0, 0, 1, 2, 1] == data.first_bond.diff().tolist()
    assert [0, 0, 0, 0, 1, 0, 1, 0, 0] == data.bond_counts[4].tolist() == data.bond_counts[5].tolist()
    assert [0, 0, 1, 0, 1, 0, 2, 0, 0] == data.bond_counts[8].tolist()


def test_renumbering_the_atoms_of_a_molecule_permutes_its_rows() -> None:
    """Nicotine written from any atom on has the same rows, and the same neighbours in them."""
    from rdkit import Chem

    molecule = Chem.MolFromSmiles("CN1CCCC1c1cnccc1")
    spellings = [Chem.MolToSmiles(molecule, doRandom=True, rootedAtAtom=atom) for atom in range(12)]
    rows = []
    for data in (sample_molecules([one]) for one in spellings):
        own = [(*atom, *count) for atom, count in zip(data.atom.tolist(), data.bond_counts.tolist(), strict=True)]
        rows.append(sorted((own[source], own[target], *kind) for source, target, *kind in bonds_of(data)))
    assert 1 < len(set(spellings))
    assert [rows[0]] * 12 == rows


def test_aluminium_is_read_and_other_valences_are_not() -> None:
    """RDKit rejects both; the reason is kept, and the row that is left out has no atoms."""
    read = featurise([ALUMINIUM, "C", "F[Si](F)(F)(F)(F)F", "FAIL", "", "*C", "[NH3]->[Pt]"])
    assert [0, 1] == read.rows.tolist()
    assert [12, 7, 7] == read.atom[4:7, 0].tolist()
    said = {one.row: (one.reason, one.is_kept) for one in read.rejections}
    assert ("Explicit valence for atom # 4 Al, 6, is greater than permitted", True) == said[0]
    assert {2: False, 3: False, 4: False, 5: False, 6: False} == {row: kept for row, (_, kept) in said.items() if row}
    assert ("no SMILES", "no atoms") == (said[3][0], said[4][0])
    assert said[5][0].startswith("an atom of no element") and said[6][0].startswith("a bond of type DATIVE")


# Batches


def plain_batch(molecules: list[int]) -> MoleculeBatch:
    """Put molecules together one by one, atom by atom."""
    atom, owner, num_atoms, neighbour, first, count = [], [], [], [], [0], []
    for place, number in enumerate(molecules):
        one, shift = sample_molecules([SMILES[number]]), len(atom)
        bonds = bonds_of(one)
        num_atoms.append(len(one.atom))
        for number, row in enumerate(one.atom.tolist()):
            own = [bond for bond in bonds if bond[1] == number]
            atom.append(row)
            owner.append(place)
            neighbour += [source + shift for source, *_ in own]
            first.append(len(neighbour))
            types = [sum(kind == one for _, _, kind, _ in own) + (one == 4) for one in range(6)]
            count.append(types + [sum(way == one for *_, way in own) + (one == 0) for one in range(3)])
    columns = (atom, owner, num_atoms, neighbour, first)
    return MoleculeBatch(*map(torch.tensor, columns), torch.tensor(count, dtype=torch.float32))


def batches_equal(one: MoleculeBatch, other: MoleculeBatch) -> bool:
    names = MoleculeBatch.__dataclass_fields__
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("molecules", [[0], [1, 2, 0], [2, 2, 8, 8], [*range(len(SMILES))], [4, 7, 3, 5, 1, 8, 6]])
def test_batch_agrees_with_plain_assembly(molecules: list[int]) -> None:
    """Repeats, lone atoms and salts included; bit for bit."""
    assert batches_equal(plain_batch(molecules), sample_molecules().batch(torch.tensor(molecules)))


def test_target_is_the_other_end() -> None:
    """Neighbours and targets are the bonds of the molecule."""
    data = sample_molecules([SODIUM_ACETATE])
    batch = data.batch(torch.tensor([0]))
    assert data.bond.tolist() == torch.stack([batch.neighbour, batch.target], dim=1).tolist()


def test_renumbering_molecules_renumbers_batches() -> None:
    """The same molecules under other numbers give the same batch."""
    order = torch.randperm(len(SMILES), generator=torch.Generator().manual_seed(0))
    renumbered = sample_molecules([SMILES[one] for one in order.tolist()])
    assert batches_equal(sample_molecules().batch(order), renumbered.batch(torch.arange(len(SMILES))))


def test_counts_times_tables_are_the_sum_of_bond_embeddings() -> None:
    """For every atom: embeddings of its bonds and of its self-loop, of type 4 and direction 0."""
    data, generator = sample_molecules(), torch.Generator().manual_seed(0)
    types, directions = (torch.randn(rows, 5, generator=generator) for rows in (6, 3))
    expected = (types[4] + directions[0]).repeat(len(data.atom), 1)
    for _, target, kind, direction in bonds_of(data):
        expected[target] += types[kind] + directions[direction]
    count = data.batch(torch.arange(len(data))).bond_counts
    assert torch.allclose(expected, count @ torch.cat([types, directions]), atol=1e-6)


# Tables

HEAD = 'P0,"P1, odd",mol_id,smiles\n'


def test_a_table_by_hand() -> None:
    """Quoted names, both ways to write a label, nothing measured; a file with line ends of Windows reads alike."""
    text = HEAD + "0,1.0,T1,C\n,0.0,T2,CC\n1,,T3,C\n"
    for raw_text in (text, text.replace("\n", "\r\n")):
        table = read_table(raw(raw_text))
        assert (("P0", "P1, odd"), ("C", "CC", "C"), (2, 3, 4)) == (table.properties, table.smiles, table.lines)
        assert [[0, 1], [-1, 0], [1, -1]] == table.labels.tolist()
    assert (("C", "CC"), (2, 3)) == table.without_repeats()[1::2]
    assert [[0, 1], [-1, 0]] == table.without_repeats().labels.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("P0,mol_id\n0,T1\n", r"file.csv, line 1: 'P0,mol_id' found; expected a header with 'smiles' once"),
        ("P0,P0,smiles\n0,1,C\n", r"line 1: .* each property once"),
        ("mol_id,smiles\nT1,C\n", r"line 1: .* each property once"),
        (HEAD + "0,1,T1,C\n0,1,C\n", r"file.csv, line 3: 3 fields; expected 4, as in the header"),
        (HEAD + "0,2,T1,C\n", r"file.csv, line 2: '2' given as label; expected 0, 1, or nothing"),
        (HEAD + "0,nan,T1,C\n", r"line 2: 'nan' given as label"),
        (HEAD + '0,1,"T1,C\n', r"line 2: unexpected end of data; expected comma-separated text"),
        (HEAD + "0,1,T\xe9,C\n", r"file.csv is not UTF-8 text"),
    ],
)
def test_wrong_tables_are_named(text: str, message: str) -> None:
    """File, line and reason stand in the message."""
    with pytest.raises(DataError, match=message):
        read_table(raw(text))


def test_a_damaged_gz_file_is_named() -> None:
    """Half of one, another file under its name, and one whose content was changed."""
    whole = gzip.compress((HEAD + "0,1,T1,C\n").encode())
    assert ("C",) == read_table(Raw("file.csv.gz", whole)).smiles
    changed = whole[:15] + bytes([whole[15] ^ 255]) + whole[16:]
    for content in (whole[:20], b"P0,smiles", changed):
        with pytest.raises(DataError, match=r"file.csv.gz is truncated or no .gz file"):
            unpacked(Raw("file.csv.gz", content))


def test_agrees_with_moleculenet_of_pyg(tmp_path: Path) -> None:
    """The same molecules, labels, atomic numbers, chirality, bonds and bond types, read from the same file."""
    from torch_geometric.datasets import MoleculeNet
    from torch_geometric.utils.smiles import e_map

    lines = [f"{row % 2},{'1' if row % 3 else ''},{',' * 10}T{row},{one}" for row, one in enumerate(["FAIL", *SMILES])]
    text = "\n".join([",".join(f"P{column}" for column in range(12)) + ",mol_id,smiles", *lines, ""])
    folder = tmp_path / "tox21" / "raw"
    folder.mkdir(parents=True)
    (folder / "tox21.csv").write_text(text, encoding="utf-8")
    with pytest.warns(UserWarning, match="Skipping molecule 'FAIL'"):
        theirs = MoleculeNet(str(tmp_path), "tox21")
    table = read_table(raw(text))
    read = featurise(table.smiles)
    assert len(theirs) == len(read.rows)
    for place, graph in enumerate(theirs):
        assert graph.smiles == table.smiles[read.rows[place]]
        assert graph.y.nan_to_num(-1).flatten().tolist() == table.labels[read.rows[place]].tolist()
        first, last = read.first_atom[place : place + 2]
        assert (graph.x[:, :2] - torch.tensor([1, 0])).tolist() == read.atom[first:last].tolist()
        own = (read.bond[:, 1] >= first) & (read.bond[:, 1] < last)
        ours = zip((read.bond[own] - first).tolist(), read.bond_feature[own, 0].tolist(), strict=True)
        kinds = ["SINGLE", "DOUBLE", "TRIPLE", "AROMATIC"]
        types = [kinds.index(e_map["bond_type"][one]) for one in graph.edge_attr[:, 0].tolist()]
        assert sorted(zip(graph.edge_index.T.tolist(), types, strict=True)) == sorted(ours)


# Cache

SMALL = MoleculeTable(("P0", "P1"), ("C", "FAIL", ALUMINIUM), np.array([[0, 1], [1, 1], [-1, 0]], np.int8), (2, 3, 4))


class Counted:
    """Reads the small table, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> MoleculeTable:
        self.times += 1
        return SMALL


def sets_equal(one: MoleculeSet, other: MoleculeSet) -> bool:
    tensors = ("labels", "atom", "first_atom", "bond", "bond_feature")
    same = all(torch.equal(getattr(one, name), getattr(other, name)) for name in tensors)
    return same and (one.properties, one.smiles, one.rejected) == (other.properties, other.smiles, other.rejected)


def parse(read: Callable[[], MoleculeTable]) -> MoleculeSet:
    return parsed("Small", ["molecules/tox21.csv"], read)


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_molecules_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time they come from the cache, the same; rejected rows have the lines of the raw file."""
    monkeypatch.setenv("PARSIMONY_CACHE", str(tmp_path))
    read = Counted()
    first, second = parse(read), parse(read)
    assert 1 == read.times and 1 == len(files_of(tmp_path))
    assert sets_equal(first, second)
    assert [[0, 1], [-1, 0]] == second.labels.tolist()
    assert [(3, "FAIL", False), (4, ALUMINIUM, True)] == [(r.line, r.smiles, r.is_kept) for r in second.rejected]
    assert (2, 3, 1) == tuple(second.counts()[name] for name in ("molecules", "labelled entries", "unreadable"))


@pytest.mark.parametrize(
    "damage", [lambda _: b"", lambda whole: whole[: len(whole) // 2], lambda _: b"PK\3\4 and more"]
)
def test_a_damaged_cache_is_made_anew(damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file, half a file, another file."""
    monkeypatch.setenv("PARSIMONY_CACHE", str(tmp_path))
    read = Counted()
    first = parse(read)
    (path,) = files_of(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert sets_equal(first, parse(read)) and 2 == read.times
    assert sets_equal(first, parse(read)) and 2 == read.times
    assert [path] == files_of(tmp_path)


def test_smiles_stand_beside_their_molecules() -> None:
    """Of a table with a row that cannot be read, the others keep their own SMILES."""
    table = MoleculeTable(("P",), ("C", "no molecule", "CC#N"), np.array([[0], [1], [1]], np.int8), (2, 3, 4))
    arrays = arrays_of(table)
    assert ["C", "CC#N"] == arrays["smiles"].tolist() and [[0], [1]] == arrays["labels"].tolist()
    assert (BENZENE, "CC#N") == sample_molecules([BENZENE, "CC#N"]).smiles


def test_no_changed_byte_of_a_cache_is_believed(tmp_path: Path) -> None:
    """Wherever one byte is changed, the arrays are refused or the same."""
    path, arrays = tmp_path / "whole.npz", arrays_of(SMALL)
    write_arrays(path, arrays)
    whole, draw = path.read_bytes(), random.Random(0)
    for place in draw.sample(range(len(whole)), 300):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << draw.randrange(8))]) + whole[place + 1 :])
        found = read_arrays(path)
        assert found is None or all(np.array_equal(found[name], arrays[name]) for name in arrays)


def test_a_pickle_in_the_cache_is_never_loaded(tmp_path: Path) -> None:
    """Neither a pickle under the name of a cache, nor one inside an archive of arrays, nor a single array."""

    class Trap:
        def __reduce__(self):
            return pytest.fail, ("a pickle was loaded",)

    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    (tmp_path / "array.npz").write_bytes(stream.getvalue())
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(Trap()))
    np.savez(tmp_path / "inside.npz", **{**arrays_of(SMALL), "atom": np.array([Trap()], dtype=object)})
    assert [None, None, None] == [read_arrays(path) for path in files_of(tmp_path)]


def test_a_cache_is_named_after_all_it_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw files, version of the features, version of RDKit."""
    names = {cache_path("Small", ["a"]), cache_path("Small", ["b"]), cache_path("Small", ["a", "b"])}
    monkeypatch.setattr(molecule_cache, "VERSION", 0)
    names.add(cache_path("Small", ["a"]))
    monkeypatch.setattr(molecule_cache, "version", lambda _: "2020.3")
    names.add(cache_path("Small", ["a"]))
    assert 5 == len(names)


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Molecules are parsed each time then."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("PARSIMONY_CACHE", str(tmp_path / "file"))
    read = Counted()
    assert sets_equal(parse(read), parse(read))
    assert 2 == read.times


# NCI-fragments

CATALOGUE = "# comment\n\n// comment\nfr_OH\thydroxyl\t[OX2H]\nfr_N\tnitrogen\t[#7]\tN\tnotes\n"


def test_fragments_by_hand() -> None:
    """A pattern is there or not; unreadable molecules have no labels; a molecule that comes again is left out."""
    table = read_fragments(raw("CO\t1\nFAIL\t2\nCN\t3\nCO\t4\nNCCO\t7\n"), raw(CATALOGUE))
    assert (("fr_OH", "fr_N"), ("CO", "FAIL", "CN", "NCCO"), (1, 2, 3, 5)) == (*table[:2], table.lines)
    assert [[1, 0], [-1, -1], [0, 1], [1, 1]] == table.labels.tolist()
    assert [[1, 0]] == presence([ALUMINIUM], list(read_catalogue(raw(CATALOGUE)).values())).tolist()


@pytest.mark.parametrize(
    ("molecules", "catalogue", "message"),
    [
        ("CO\t1\nCN\n", CATALOGUE, r"molecules, line 2: 'CN' has 1 fields; expected SMILES, number"),
        ("CO\t1\n", CATALOGUE + "fr_X\tx\n", r"catalogue, line 6: 'fr_X\\tx' found; expected name, description and"),
        ("CO\t1\n", CATALOGUE + "fr_X\tx\t[#\n", r"catalogue, line 6: 'fr_X\\tx\\t\[#' found"),
    ],
)
def test_wrong_fragments_are_named(molecules: str, catalogue: str, message: str) -> None:
    """File, line and reason stand in the message."""
    with pytest.raises(DataError, match=message):
        read_fragments(raw(molecules, "molecules"), raw(catalogue, "catalogue"))


def test_rare_common_and_repeated_fragments_are_left_out() -> None:
    """Of 100 molecules 1 % are too few and 61 % too many, and a copy repeats; every fourth is tested."""
    generator = torch.Generator().manual_seed(0)
    independent = (torch.rand(100, 6, generator=generator) < 0.4).to(torch.int8)
    rare, common = ((torch.arange(100) < many).to(torch.int8) for many in (1, 61))
    labels = torch.stack([rare, common, independent[:, 0], independent[:, 0], *independent[:, 1:].T], dim=1)
    empty = sample_molecules(["C"] * 100)
    chosen = choose_fragments(replace(empty, properties=tuple("abcdefghi"), labels=labels))
    assert tuple("cefghi") == chosen.properties
    assert ((0, 1, 2, 4, 5), (3,)) == (chosen.train_properties, chosen.test_properties)
    assert torch.equal(independent, chosen.labels)


def test_nci_fragments_hold_what_their_card_says() -> None:
    """Counts of the card; every share within bounds; no meta-testing property near a meta-training one."""
    data = loaded("NCI-fragments")
    share = (data.labels == 1).double().mean(0)
    assert 0.02 <= float(share.min()) and float(share.max()) <= 0.6
    correlation = torch.corrcoef((data.labels == 1).double().T).abs()
    assert float(correlation[list(data.test_properties)][:, list(data.train_properties)].max()) < 0.5
    assert set(range(len(data.properties))) == {*data.train_properties, *data.test_properties}


# Names and counts

TOX21 = [(6956, 309), (6521, 237), (5781, 768), (5521, 300), (5400, 793), (6605, 350), (6264, 186), (4890, 942),
         (6808, 264), (6095, 372), (4892, 918), (6351, 423)]  # fmt: skip
SIDER_TEST = [(516, 911), (1302, 125), (768, 659), (439, 988), (123, 1304), (481, 946)]
MUV_TEST = [(14637, 30), (14681, 30), (14622, 29), (14745, 29), (14722, 24)]


def test_every_loader_has_a_card() -> None:
    """Names of loaders and of cards are the same; only what comes with RDKit is quick."""
    cards = {name: one for name, one in DATASETS.items() if one.kind == "molecules"}
    assert set(LOADERS) == set(cards)
    assert ["NCI-fragments"] == [name for name, one in cards.items() if one.profile == "quick"]


def test_an_unknown_name_is_refused() -> None:
    """The message names the known ones."""
    with pytest.raises(DataError, match=r"'tox21' given; known are Tox21, SIDER, MUV, ToxCast, ToxCast-APR"):
        load_molecules("tox21")


def test_small_properties_by_hand() -> None:
    """15 active, 15 inactive and 150 measured are enough; one fewer of any is not."""
    cases = [(15, 135), (14, 200), (200, 14), (15, 134), (135, 15)]
    columns = [[1] * active + [0] * inactive + [-1] * (300 - active - inactive) for active, inactive in cases]
    data = sample_molecules(["C"] * 300, [list(row) for row in zip(*columns, strict=True)])
    assert {0, 4} == large_enough(data)


def class_counts(data: MoleculeSet, columns: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return inactive and active molecules of each property."""
    return [tuple(int((data.labels[:, column] == label).sum()) for label in (0, 1)) for column in columns]


@needs_mirror
@pytest.mark.parametrize(
    ("name", "expected"), [("Tox21", TOX21[9:]), ("SIDER", SIDER_TEST), ("MUV", MUV_TEST)], ids=lambda one: one
)
def test_classes_are_those_of_par(name: str, expected: list[tuple[int, int]]) -> None:
    """Of each meta-testing property, negatives and positives as in the code of PAR; all twelve of Tox21."""
    data = loaded(name)
    assert expected == class_counts(data, data.test_properties)
    assert name != "Tox21" or TOX21 == class_counts(data, tuple(range(12)))
    assert name != "MUV" or {24, 27, 28, 29, 30} == {active for _, active in class_counts(data, tuple(range(17)))}


@needs_mirror
@pytest.mark.parametrize(
    ("name", "most_atoms", "mean_atoms", "lone"),
    [("Tox21", 132, 18.6, 19), ("SIDER", 492, 33.6, 31), ("ToxCast", 124, 18.8, 11)],
)
def test_sizes_are_those_of_the_papers(name: str, most_atoms: int, mean_atoms: float, lone: int) -> None:
    """Atoms a molecule, and molecules without bonds."""
    data = loaded(name)
    sizes, bonds = data.first_atom.diff(), data.first_bond[data.first_atom].diff()
    assert (most_atoms, lone) == (int(sizes.max()), int((bonds == 0).sum()))
    assert mean_atoms == pytest.approx(float(sizes.double().mean()), abs=0.05)


@needs_mirror
def test_rejected_rows_are_listed() -> None:
    """Tox21: eight with aluminium, all kept. ToxCast: the word FAIL fifteen times, two platinum salts and a borate."""
    tox21, toxcast = loaded("Tox21").rejected, loaded("ToxCast").rejected
    assert 8 == len(tox21) and all("[AlH3]" in row.smiles and row.is_kept for row in tox21)
    assert [1043, 1794, 1886] == [row.line for row in toxcast if row.smiles != "FAIL"]
    assert (18, 0) == (len(toxcast), sum(row.is_kept for row in toxcast))


@needs_mirror
def test_both_protocols_of_toxcast() -> None:
    """362 and 156 properties by size; 451 and 158 by provider, whose labels are columns of the whole."""
    whole = loaded("ToxCast")
    providers = [loaded(name) for name in LOADERS if name.startswith("ToxCast-")]
    assert (362, 156) == (len(whole.train_properties), len(whole.test_properties))
    assert whole.train_properties[-1] < 450 <= whole.test_properties[0]
    assert 451 == sum(len(one.train_properties) for one in providers)
    assert 158 == sum(len(one.test_properties) for one in providers)
    for one in providers:
        columns = [whole.properties.index(name) for name in one.properties]
        assert sorted(columns) == columns and torch.equal(whole.labels[:, columns], one.labels)
        assert {one.name.removeprefix("ToxCast-")} == {name.partition("_")[0] for name in one.properties}
