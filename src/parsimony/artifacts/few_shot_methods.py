"""All methods of few-shot property prediction on one data set, at one number of shots, side by side."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsimony.artifacts.cells import values_of
from parsimony.artifacts.chosen_runs import runs_of_method
from parsimony.artifacts.names import NAMED_VARIANTS, name_of
from parsimony.artifacts.run_schedule import iterations_text
from parsimony.artifacts.theme import palette
from parsimony.records import Archive, Filed, Specification

TASK = "few-shot property"
MEASURE = "ROC-AUC"
CHANCE = 0.5  # of a score that says nothing
PRINTED = ("Tox21", "SIDER", "MUV", "ToxCast")
EMBEDDED = "NCI-fragments"
PROVIDERS = tuple(f"ToxCast-{name}" for name in ("APR", "ATG", "BSK", "CEETOX", "CLD", "NVS", "OT", "TOX21", "Tanguay"))
DATASETS = (*PRINTED, *PROVIDERS, EMBEDDED)
SHOTS = (10, 1)
ENCODER = {"width": "width", "num_layers": "number of layers", "dropout": "dropout"}  # options that change the encoder
# Method and variant behind each row of a table: printed ones first, then ours in the same harness.
ROWS = {
    "Siamese": ("siamese", ""), "ProtoNet": ("protonet", ""), "MAML": ("maml", ""), "TPN": ("tpn", ""),
    "EGNN": ("egnn", ""), "IterRefLSTM": ("iterreflstm", ""), "ADKF-IFT": ("adkf-ift", ""), "PAR": ("par", ""),
    "PACIA": ("pacia", ""), "MAML, second order": ("maml", "second-order"), "PACIA, compact": ("pacia", "compact"),
    "MAML, shallow": ("maml", "shallow"), "PAR, shallow": ("par", "shallow"),
}  # fmt: skip
METHODS = tuple(dict.fromkeys(method for method, _ in ROWS.values()))
# Place in the palette and marker of each method; the strongest colours are those of PAR and PACIA.
LOOKS = {
    "siamese": (7, "v"), "protonet": (1, "s"), "maml": (2, "D"), "tpn": (5, "^"), "egnn": (4, "P"),
    "iterreflstm": (9, "*"), "adkf-ift": (6, "h"), "par": (0, "X"), "pacia": (3, "o"),
}  # fmt: skip


class Setting(NamedTuple):
    """A data set, and how many molecules of either class the support set of a property has."""

    dataset: str
    shots: int

    @property
    def label(self) -> str:
        """Return what stands above a panel."""
        return f"{self.dataset}, {self.shots}-shot"


SETTINGS = tuple(Setting(dataset, shots) for dataset in DATASETS for shots in SHOTS)


@dataclass(frozen=True)
class Method:
    """The runs of one method, in one variant, in one setting.

    Attributes:
        method: name in the records.
        variant: of the method, without the number of shots, or an empty text.
        runs: one a seed.
    """

    method: str
    variant: str
    runs: tuple[Filed, ...]

    @property
    def name(self) -> str:
        """Name as readers know it."""
        return name_of(self.method, self.variant)

    @property
    def profile(self) -> str:
        """Profile of the runs."""
        return self.runs[0].record.specification.profile

    @property
    def mean(self) -> float:
        """Mean ROC-AUC over seeds, at the last iteration."""
        return statistics.fmean(values_of(self.runs, MEASURE))

    @property
    def deviation(self) -> float:
        """Deviation of the ROC-AUC over seeds; 0 for one seed."""
        values = values_of(self.runs, MEASURE)
        return statistics.stdev(values) if len(values) > 1 else 0.0

    @property
    def adaptive_parameters(self) -> int:
        """Numbers that differ between two properties."""
        return self.runs[0].record.measurements["adaptive parameters"]

    @property
    def shots(self) -> int:
        """Known molecules of either class that the runs had; fewer in quick runs than the paper's ten."""
        return shots_of(self.runs)

    @property
    def length(self) -> int:
        """Meta-iterations of the run that trained the least."""
        return min(one.record.measurements["iterations"] for one in self.runs)

    @property
    def iterations(self) -> str:
        """How long the runs trained, in words."""
        return iterations_text(self.runs)

    def draws(self) -> dict[str, list[float]]:
        """Return the ROC-AUC of every support draw of every seed, by test property."""
        found: dict[str, list[float]] = {}
        for one in self.runs:
            for name, values in one.record.measurements["properties"].items():
                found.setdefault(name, []).extend(values)
        return found


def shots_of(runs: Sequence[Filed]) -> int:
    """Return how many known molecules of either class some runs had."""
    return runs[0].record.measurements["shots"]


def variant_of(variant: str, shots: int) -> str:
    """Return the variant of a record: the number of shots first, unless there are ten."""
    return "-".join(filter(None, ("" if shots == SHOTS[0] else f"{shots}-shot", variant)))


def runs_in(archive: Archive, method: str, variant: str, setting: Setting, profile: str) -> tuple[Filed, ...]:
    """Return the runs of a method in a setting."""
    return runs_of_method(archive, method, setting.dataset, profile, variant_of(variant, setting.shots))


def methods_in(archive: Archive, setting: Setting) -> tuple[Method, ...]:
    """Return every method that ran in a setting, highest ROC-AUC first.

    Archived runs count; where a setting has none at all, the quick ones do.
    """
    for profile in ("paper", "quick"):
        found = (Method(*row, runs_in(archive, *row, setting, profile)) for row in ROWS.values())
        if methods := [one for one in found if one.runs]:
            return tuple(sorted(methods, key=lambda one: -one.mean))
    return ()


def settings_with_runs(archive: Archive, settings: Sequence[Setting] = SETTINGS) -> dict[Setting, tuple[Method, ...]]:
    """Return the methods of each setting in which some ran.

    The embedded molecules stand back once all of their methods ran on others. The shots of the settings returned are
    those that the records tell, which no variant of a quick run names.
    """
    found: dict[Setting, tuple[Method, ...]] = {}
    for asked in settings:
        for one in methods_in(archive, asked):
            setting = asked._replace(shots=one.shots)
            found[setting] = (*found.get(setting, ()), one)
    real = {setting: methods for setting, methods in found.items() if setting.dataset != EMBEDDED}
    return real if named(found) == named(real) else found


def named(found: Mapping[Setting, Sequence[Method]]) -> set[str]:
    """Return the names of all methods in some settings."""
    return {one.name for methods in found.values() for one in methods}


def records_of(found: dict[Setting, tuple[Method, ...]]) -> tuple[Filed, ...]:
    """Return the runs of some methods."""
    return tuple(run for methods in found.values() for one in methods for run in one.runs)


def look_of(one: Method) -> dict[str, str]:
    """Return colour and marker of a method, the same in every figure; a variant keeps them, with an open marker."""
    number, marker = LOOKS[one.method]
    colour = palette()[number]
    return {"color": colour, "marker": marker, "markerfacecolor": "white" if one.variant else colour}


def shots_text(found: Iterable[Setting]) -> str:
    """Say how many molecules of a property are known in some settings."""
    numbers = sorted({setting.shots for setting in found})
    return f"{' or '.join(map(str, numbers))} known molecule{'s' * (numbers != [1])} of either class"


def encoder_note(runs: Iterable[Filed]) -> str:
    """Say in sentences of a caption which runs have another encoder than the published one; nothing if none has."""
    asked = (one.record.specification for one in runs)
    shapes = {
        (_whose(one), *(option.get(name) for name in ENCODER))
        for one in asked
        if not ENCODER.keys().isdisjoint(option := one.settings.get("options", {}))
    }
    return "".join(
        f" {whose} have another encoder: {_encoder_text(shape)}." for whose, *shape in sorted(shapes, key=str)
    )


def _whose(one: Specification) -> str:
    """Name the rows of a variant that readers know by name, or else the runs of a profile on a data set."""
    if one.variant in NAMED_VARIANTS:
        return f'Rows called "{NAMED_VARIANTS[one.variant]}"'
    return f"Runs of the {one.profile} profile on {one.dataset}"


def _encoder_text(shape: Sequence[float | None]) -> str:
    return ", ".join(
        f"{words} {value}" for words, value in zip(ENCODER.values(), shape, strict=True) if value is not None
    )


def schedules(found: dict[Setting, tuple[Method, ...]]) -> str:
    """Say for how many meta-iterations the methods of each setting trained."""
    said = []
    for setting, methods in found.items():
        texts: dict[str, list[str]] = {}
        for one in methods:
            texts.setdefault(one.iterations, []).append(one.name)
        parts = [text if len(texts) == 1 else f"{text} ({', '.join(names)})" for text, names in texts.items()]
        said.append(f"{setting.label}, {' and '.join(parts)}")
    return "; ".join(said)
