"""Data cards: what each data set consists of, and the counts that a loader must find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from parsimony.data.registry import DataError, entry


@dataclass(frozen=True)
class Card:
    """One data set.

    Attributes:
        name: as in specifications and on pages.
        kind: "knowledge graph", "inductive pair", "generated graph", "cold start", "molecules", "physical law",
            "pedestrians" or "modular task".
        layout: how its files are laid out: "splits", "archive", "facts" or "inductive"; "generated" has no file; of
            cold-start data "episodes" (with their splits) or "ratings" (parted into tasks by the seed); of molecules
            "labels" (a column a property), "provider" (some of those columns) or "fragments" (computed); of
            pedestrians "tracks"; of modular tasks "images" (put side by side by the seed).
        files: names in the registry; none if the data are generated.
        counts: what the loader must find whatever the seed: entities, relations and triples of each split, or
            users, items and ratings, and tasks where no seed chooses them; of molecules what `MoleculeSet.counts`
            says; of physical laws the nodes of a graph for training and the variables; of pedestrians recordings,
            people and positions; of images how many there are, their pixels and their classes.
        profile: "quick" if the files come inside a dependency or there are none, else "paper".
        note: what a reader should know.
    """

    name: str
    kind: str
    layout: str
    files: tuple[str, ...]
    counts: Mapping[str, int]
    profile: str
    note: str


def _counts(entities: int, relations: int, train: int, valid: int, test: int, facts: int = 0) -> Mapping[str, int]:
    counts = {"entities": entities, "relations": relations, "train": train, "valid": valid, "test": test}
    return MappingProxyType({**counts, "facts": facts} if facts else counts)


def _embedded(name: str, folder: str, counts: Mapping[str, int], note: str) -> Card:
    files = tuple(f"embedded/pykeen/datasets/{folder}/{split}.txt" for split in ("train", "valid", "test"))
    return Card(name, "knowledge graph", "splits", files, counts, "quick", note)


def _archive(name: str, counts: Mapping[str, int], note: str) -> Card:
    files = (f"knowledge-graphs/{name}.tar.gz",)
    return Card(name, "knowledge graph", "archive", files, counts, "paper", note)


def _facts(name: str, folder: str, counts: Mapping[str, int], note: str) -> Card:
    parts = ("entities", "relations", *(["facts"] if "facts" in counts else []), "train", "valid", "test")
    files = tuple(f"knowledge-graphs/{folder}/{part}.txt" for part in parts)
    return Card(name, "knowledge graph", "facts", files, counts, "paper", note)


def _inductive(name: str, counts: Mapping[str, int]) -> Card:
    parts = ("entities", "relations", "train", "valid", "test")
    files = tuple(f"knowledge-graphs/{folder}/{part}.txt" for folder in (name, f"{name}_ind") for part in parts)
    note = "Inductive pair of GraIL: the entities of the test graph are all new, the relations are not."
    return Card(name, "inductive pair", "inductive", files, counts, "paper", note)


def _pair_counts(training: Mapping[str, int], inductive: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({**training, **{f"inductive {key}": value for key, value in inductive.items()}})


def _cold_start(name: str, layout: str, files: tuple[str, ...], counts: Mapping[str, int], note: str) -> Card:
    profile = "paper" if files else "quick"
    paths = tuple(f"cold-start/{path}" for path in files)
    return Card(name, "cold start", layout, paths, MappingProxyType(counts), profile, note)


def _table_counts(users: int, items: int, ratings: int) -> dict[str, int]:
    return {"users": users, "items": items, "ratings": ratings}


_MOLECULE_COUNTS = (
    "molecules", "properties", "labelled entries", "meta-training properties", "meta-testing properties", "unreadable",
)  # fmt: skip


def _molecules(name: str, layout: str, files: tuple[str, ...], counts: tuple[int, ...], note: str) -> Card:
    profile = "quick" if layout == "fragments" else "paper"
    named = dict(zip(_MOLECULE_COUNTS, counts, strict=True))
    return Card(name, "molecules", layout, files, MappingProxyType(named), profile, note)


def _provider(name: str, train: int, test: int, labelled: int) -> Card:
    note = f"The properties of ToxCast that {name} measured; every molecule of ToxCast is listed."
    counts = (8597, train + test, labelled, train, test, 18)
    return _molecules(f"ToxCast-{name}", "provider", (_TOXCAST,), counts, note)


def _law(name: str, nodes: int, variables: tuple[int, int, int], note: str) -> Card:
    named = zip(("node", "edge", "whole"), variables, strict=True)
    counts = {"nodes": nodes} | {f"{level} variables": many for level, many in named}
    return Card(name, "physical law", "generated", (), MappingProxyType(counts), "quick", note)


def _pedestrians(name: str, files: tuple[str, ...], counts: tuple[int, int], note: str) -> Card:
    paths = tuple(f"pedestrians/{file}.txt" for file in files)
    named = {"recordings": len(files), "people": counts[0], "positions": counts[1]}
    return Card(name, "pedestrians", "tracks", paths, MappingProxyType(named), "paper", note)


def _modular(name: str, files: tuple[str, ...], counts: Mapping[str, int], note: str, profile: str = "quick") -> Card:
    layout = "images" if files else "generated"
    return Card(name, "modular task", layout, files, MappingProxyType(counts), profile, note)


_TOXCAST = "molecules/toxcast_data.csv.gz"
_LAST_FM = {**_table_counts(1872, 3846, 42346), "train tasks": 248, "valid tasks": 35, "test tasks": 66}
_MELU_STATES = ("item_cold_state", "user_cold_state", "user_and_item_cold_state")
_MELU_WORDS = ("gender", "age", "occupation", "zipcode", "rate", "genre", "director", "actor")
_MOVIELENS_1M = (
    "movielens-1m/ratings.parquet",
    "movielens-1m/warm_state_y.json",
    *(f"movielens-1m/{state}{part}.json" for state in _MELU_STATES for part in ("", "_y")),
    "movielens-1m/users.dat",
    "movielens-1m/movies_extrainfos.dat",
    *(f"movielens-1m/m_{name}.txt" for name in _MELU_WORDS),
)

_CARDS = (
    _embedded("UMLS", "umls", _counts(135, 46, 5216, 652, 661), "Biomedical types and how they relate."),
    _embedded("Kinships", "kinships", _counts(104, 25, 8544, 1068, 1074), "Kin terms of the Alyawarra."),
    _embedded("Nations", "nations", _counts(14, 55, 1592, 199, 201), "Relations between 14 nations in 1950 to 1965."),
    _archive(
        "WN18RR",
        _counts(40943, 11, 86835, 3034, 3134),
        "Some evaluation triples name an entity that no training triple names; all papers keep them.",
    ),
    _archive(
        "FB15k-237",
        _counts(14541, 237, 272115, 17535, 20466),
        "Some evaluation triples name an entity that no training triple names; all papers keep them.",
    ),
    _facts(
        "family",
        "family",
        _counts(3007, 12, 5868, 2038, 2835, 17615),
        "Training triples in two parts, facts and train.",
    ),
    _facts("umls", "umls", _counts(135, 46, 1321, 569, 633, 4006), "RED-GNN's split; not the split of UMLS above."),
    _facts(
        "WN18RR-facts",
        "WN18RR",
        _counts(40943, 11, 21705, 3034, 3134, 65130),
        "WN18RR with its training triples split 3:1 into facts and train.",
    ),
    _facts(
        "YAGO3-10-quarter",
        "YAGO3-10-quarter",
        _counts(123188, 37, 269760, 5000, 5000),
        "A quarter of the training triples of YAGO3-10, all that could be had: no result on it compares with Table 6. "
        "Runs part them 3:1 by their seed.",
    ),
    _inductive("WN18RR_v1", _pair_counts(_counts(2746, 9, 5410, 630, 638), _counts(922, 9, 1618, 185, 188))),
    _inductive("fb237_v1", _pair_counts(_counts(1594, 180, 4245, 489, 492), _counts(1093, 180, 1993, 206, 205))),
    _inductive("nell_v1", _pair_counts(_counts(3103, 14, 4687, 414, 439), _counts(225, 14, 833, 101, 100))),
    Card(
        "Family-trees",
        "generated graph",
        "generated",
        (),
        _counts(259, 12, 512, 256, 514, 2388),
        "quick",
        "Generated: kin of five generations; parents and marriages are known, all else follows from them by rules.",
    ),
    _cold_start(
        "Last.fm",
        "episodes",
        ("lastfm/data.zip",),
        {**_LAST_FM, "train rows": 8504, "valid rows": 1202, "test rows": 2259},
        "The authors' own episodes; half of the rows of each user are ones, which leaks the mean of the query set.",
    ),
    _cold_start(
        "Last.fm-fresh",
        "episodes",
        ("lastfm/data.zip",),
        _LAST_FM,
        "Users, splits and positives of Last.fm with negatives drawn anew, so that nothing leaks.",
    ),
    _cold_start(
        "MovieLens-1M",
        "ratings",
        _MOVIELENS_1M,
        _table_counts(6040, 3704, 1000209),
        "Ratings put together from two copies; two films that stand twice in the original count once.",
    ),
    _cold_start(
        "MovieLens-100K",
        "ratings",
        ("movielens-100k/u.data", "movielens-100k/u.item", "movielens-100k/u.user"),
        _table_counts(943, 1682, 100000),
        "The small set, for quick runs.",
    ),
    _cold_start(
        "Book-Crossing",
        "ratings",
        ("book-crossing/book_crossing.zip",),
        _table_counts(2946, 17384, 272678),
        "A book read but not rated counts as rated 0, as in the original file: 77 % of all rows.",
    ),
    _cold_start(
        "Planted-users",
        "generated",
        (),
        {
            **_table_counts(900, 60, 36000),
            **{"train tasks": 600, "valid tasks": 100, "test tasks": 200},
        },
        "Generated: four operations, drawn from the seed, adapt one network to the taste of each user.",
    ),
    _molecules(
        "Tox21",
        "labels",
        ("molecules/tox21.csv",),
        (7831, 12, 77946, 9, 3, 0),
        "Toxic effects; 8 molecules whose aluminium has a valence that RDKit rejects today are read all the same.",
    ),
    _molecules("SIDER", "labels", ("molecules/sider.csv.gz",), (1427, 27, 38529, 21, 6, 0), "Side effects of drugs."),
    _molecules(
        "MUV",
        "labels",
        ("molecules/muv.csv.gz",),
        (93087, 17, 249886, 12, 5, 0),
        "Virtual screening, 24 to 30 active molecules a property; of rows with the same SMILES the first is kept.",
    ),
    _molecules(
        "ToxCast",
        "labels",
        (_TOXCAST,),
        (8597, 617, 1534076, 362, 156, 18),
        "Properties with fewer than 15 active, 15 inactive or 150 measured molecules belong to neither split.",
    ),
    _provider("APR", 33, 10, 31945),
    _provider("ATG", 106, 40, 497511),
    _provider("BSK", 84, 31, 165485),
    _provider("CEETOX", 10, 4, 6933),
    _provider("CLD", 14, 5, 5681),
    _provider("NVS", 100, 39, 22807),
    _provider("OT", 11, 4, 25956),
    _provider("TOX21", 80, 20, 753697),
    _provider("Tanguay", 13, 5, 18404),
    _molecules(
        "NCI-fragments",
        "fragments",
        ("embedded/rdkit/Data/NCI/first_5K.smi", "embedded/rdkit/Data/FragmentDescriptors.csv"),
        (4894, 34, 166396, 26, 8, 6),
        "Which fragments a molecule contains, computed from its structure: nothing was measured. For quick runs.",
    ),
    _law("springs", 5, (1, 4, 0), "Generated: accelerations of masses joined by springs."),
    _law("springs-complex", 5, (3, 4, 0), "Generated: springs and external forces, seen from the centre of mass."),
    _law("coulomb", 5, (2, 3, 0), "Generated: accelerations of charges that attract and repel each other."),
    _law("gravity", 5, (1, 3, 0), "Generated: accelerations of masses that attract each other."),
    _law("circuit", 5, (1, 1, 0), "Generated: power that a network of resistors takes up."),
    _law("heat", 9, (1, 0, 1), "Generated: entropy that heat produces on a grid."),
    _law("heat-complex", 9, (2, 0, 1), "Generated: the same with heat from outside."),
    _law("sfm", 10, (4, 8, 0), "Generated: snapshots of people who follow the social force model."),
    _law("bi", 10, (4, 8, 0), "Generated: people in two directions, who dodge only those who come closer."),
    _law("uni", 10, (4, 8, 0), "Generated: people in one direction, who follow the mean velocity too."),
    _pedestrians(
        "corridor-uni",
        ("julich/uo-050-180-180", "julich/uo-100-180-180", "julich/uo-145-180-180"),
        (357, 72521),
        "A corridor of 1.8 m walked in one direction, sparse to dense.",
    ),
    _pedestrians(
        "corridor-bi",
        ("julich/bo-360-090-090", "julich/bo-360-120-120"),
        (521, 113958),
        "A corridor of 3.6 m walked in both directions.",
    ),
    _pedestrians(
        "corridor-uni-others",
        (
            *(f"julich/uo-{width}-180-180" for width in ("060", "070", "180")),
            "julich/traj_UNI_CORR_500_01",
        ),
        (545, 105884),
        "More recordings in one direction, the last in a corridor of 5 m.",
    ),
    _pedestrians(
        "corridor-bi-others",
        (
            *(f"julich/bo-360-{width}-{width}" for width in ("050", "075", "160")),
            "julich/bi_corr_400_b_03",
        ),
        (1043, 253106),
        "More recordings in both directions, the last in a corridor of 4 m.",
    ),
    _pedestrians(
        "ETH-UCY",
        tuple(f"eth_ucy/{scene}_obsmat" for scene in ("eth", "hotel", "zara01", "zara02", "students03")),
        (1530, 51844),
        "Squares and streets, 2.5 annotations a second: too coarse for the acceleration of a moment.",
    ),
    _modular(
        "Random-features",
        (),
        {"features outside the model": 600},
        "Generated: a linear target of many random features, for the scaling law.",
    ),
    _modular(
        "Sine-waves",
        (),
        {"test rows": 4000},
        "Generated: a sum of modules, each a sum of three sine waves of one projection of the input.",
    ),
    _modular(
        "Compositional-digits",
        ("embedded/sklearn/datasets/data/digits.csv.gz",),
        {"images": 1797, "pixels": 64, "classes": 10, "training images": 1200},
        "Digits side by side; 60 % of the combinations of classes train, the others test.",
    ),
    _modular(
        "Compositional-CIFAR-10",
        ("images/cifar-10-binary.tar.gz",),
        {"images": 60000, "pixels": 3072, "classes": 10, "training images": 50000},
        "Photographs side by side, as in the paper; the binary form, since the other one holds pickles.",
        "paper",
    ),
)

DATASETS: Mapping[str, Card] = MappingProxyType({one.name: one for one in _CARDS})


def card(dataset: str) -> Card:
    """Return the card of a data set.

    Raises:
        DataError: if there is none of that name.
    """
    if dataset not in DATASETS:
        raise DataError(f"data set {dataset!r} given; known are {', '.join(DATASETS)}.")
    return DATASETS[dataset]


def require_counts(dataset: str, found: Mapping[str, int]) -> None:
    """Compare what a loader counted with the card of a data set.

    Args:
        dataset: its name.
        found: counts; those that the card leaves open, since a seed chooses them, may be anything.

    Raises:
        DataError: if a count of the card is not found.
    """
    wrong = [
        f"{found.get(key)} {key}, expected {expected}"
        for key, expected in card(dataset).counts.items()
        if found.get(key) != expected
    ]
    if wrong:
        raise DataError(f"{dataset} has {'; '.join(wrong)}: the files are not those that the papers used.")


def digests_of(dataset: str) -> dict[str, str]:
    """Return the SHA-256 of every file of a data set, by `group/path`; nothing is read for that.

    Raises:
        DataError: if no such data set is known.
    """
    return {name: entry(name).sha256 for name in card(dataset).files}
