"""What a run was asked and what came out: specification, outcome, record, archive.

A record is one file, `results/<data set>/<method>[-<variant>][-quick]-seed<k>-<8 hex>.json`. The eight digits
open the fingerprint of the run (`parsimony.experiments.fingerprint`), so a file that exists under today's
fingerprint is fresh, and an older one of the same specification is stale.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from parsimony import paths

PROFILES = ("quick", "paper")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FILE_NAME = re.compile(r"(?P<stem>.+-seed\d+)-(?P<short>[0-9a-f]{8})\.json")


def canonical_json(value: Any) -> str:
    """Write `value` as the one JSON text that stands for it: sorted keys, no spaces, no NaN.

    Raises:
        ValueError: if a part of it is not finite or no JSON value.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{error}; expected JSON values only (finite numbers, strings, booleans, lists, mappings with "
            "string keys): convert arrays and tensors with .tolist(), and leave out what is undefined."
        ) from error


@dataclass(frozen=True, kw_only=True)
class Specification:
    """One run to do: which task, method, data set and seed, and the settings of its trainer.

    Attributes:
        task: family of the run, which decides the trainer ("link prediction", "structure search").
        method: name in lower case, as in the file name.
        dataset: name of the data set, which is also the folder of the record.
        seed: seeds everything random in the run.
        profile: "quick" (embedded data, minutes) or "paper" (the benchmarks as the paper runs them).
        variant: suffix that tells two runs of a method on a data set apart.
        settings: keyword arguments of the trainer's settings, JSON values.
    """

    task: str
    method: str
    dataset: str
    seed: int
    profile: str
    variant: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(f"profile {self.profile!r} given; choose one of {', '.join(PROFILES)}.")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed {self.seed!r} given; a seed is a whole number from 0.")
        for name in ("method", "dataset", *(["variant"] if self.variant else [])):
            if not _WORD.fullmatch(getattr(self, name)):
                raise ValueError(
                    f"{name} {getattr(self, name)!r} given; it becomes part of a file name: "
                    "letters, digits, '.', '_' and '-' only, starting with a letter or a digit."
                )
        object.__setattr__(self, "settings", json.loads(canonical_json(dict(self.settings))))

    @property
    def identity(self) -> str:
        """Name without the seed, such as `UMLS/distmult-quick`: the runs whose mean a table shows."""
        quick = "quick" if self.profile == "quick" else ""
        return f"{self.dataset}/{'-'.join(filter(None, (self.method, self.variant, quick)))}"

    @property
    def name(self) -> str:
        """Name that is unique in the catalogue, such as `UMLS/distmult-quick-seed0`."""
        return f"{self.identity}-seed{self.seed}"

    @property
    def stem(self) -> str:
        """File name of the record without fingerprint and ending."""
        return self.name.partition("/")[2]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that stands for this specification."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a task gives back to the driver.

    Attributes:
        metrics: by name, on the test split, fractions and never percent.
        measurements: what the metrics summarise and figures draw, JSON values.
        parameters: trainable scalars.
    """

    metrics: Mapping[str, float]
    measurements: Mapping[str, Any]
    parameters: int


@dataclass(frozen=True, kw_only=True)
class Record:
    """One finished run: what was asked, what came out, what it cost, where it ran.

    Attributes:
        specification: what was asked.
        fingerprint: first 12 hex digits of the run's fingerprint.
        metrics: by name, on the test split, fractions and never percent.
        measurements: what they summarise: ranks, losses, trajectory, structure.
        parameters: trainable scalars.
        seconds: wall clock of training and evaluation, summed over resumptions.
        peak_memory_bytes: highest resident size of the process.
        machine: processor and accelerator models.
        packages: version of Python and of each package that computes.
        commit: of this repository.
        data_sha256: digest of each data file read.
        source_sha256: digest of the modules that compute the run.
        finished: ISO date and time, UTC.
        processor_seconds: time of the processor, all threads together, so that other work beside it does not count;
            None where it was not measured or an accelerator worked.
    """

    specification: Specification
    fingerprint: str
    metrics: Mapping[str, float]
    measurements: Mapping[str, Any]
    parameters: int
    seconds: float
    peak_memory_bytes: int
    machine: str
    packages: Mapping[str, str]
    commit: str
    data_sha256: Mapping[str, str]
    source_sha256: str
    finished: str
    processor_seconds: float | None = None

    @property
    def minutes(self) -> float:
        """Minutes of the processor, or of wall clock where nothing else was measured."""
        return (self.seconds if self.processor_seconds is None else self.processor_seconds) / 60

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{12}", self.fingerprint):
            raise ValueError(f"fingerprint {self.fingerprint!r} given; expected 12 hexadecimal digits.")
        check_metrics(self.metrics)

    def to_json(self) -> str:
        """Write the record as JSON, one line a field and one line a measurement."""
        content = {one.name: getattr(self, one.name) for one in fields(self)}
        content["specification"] = self.specification.to_dict()
        lines = [f" {json.dumps(key)}: {_lines(value)}" for key, value in content.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Read what `to_json` wrote.

        Raises:
            ValueError: if the text is no JSON, or lacks or adds a field.
        """
        try:
            content = json.loads(text)
            return cls(**{**content, "specification": Specification(**content["specification"])})
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a record: {error}; expected the fields of Record.") from error


@dataclass(frozen=True)
class Filed:
    """A record in its file, "fresh" under today's fingerprint or "stale"."""

    record: Record
    path: Path
    state: str


@dataclass(frozen=True)
class Archive:
    """Records on disk; of several for one specification name the fresh one counts, or else the latest."""

    filed: tuple[Filed, ...] = ()

    def find(
        self,
        method: str | None = None,
        dataset: str | None = None,
        profile: str | None = None,
        task: str | None = None,
        variant: str | None = None,
    ) -> tuple[Filed, ...]:
        """Return the records that match all that is given, sorted by data set, method, variant and seed."""
        given = {"method": method, "dataset": dataset, "profile": profile, "task": task, "variant": variant}
        asked = {name: value for name, value in given.items() if value is not None}
        chosen: dict[str, Filed] = {}
        for one in sorted(self.filed, key=lambda one: (one.state == "fresh", one.record.finished)):
            if all(getattr(one.record.specification, name) == value for name, value in asked.items()):
                chosen[one.record.specification.name] = one
        return tuple(sorted(chosen.values(), key=_order))

    @property
    def paths(self) -> tuple[Path, ...]:
        """Files of all records, those that lost to a fresher one included."""
        return tuple(one.path for one in self.filed)


def check_metrics(metrics: Mapping[str, float]) -> None:
    """Refuse metrics that no list of ranks can give.

    Raises:
        ValueError: if a metric is not finite, or not 0 <= H@1 <= MRR <= 1, or H@k falls with k.
    """
    for name, value in metrics.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"metric {name} is {value!r}; a metric is a finite number.")
    mrr, first = metrics.get("MRR", 1.0), metrics.get("H@1", 0.0)
    if not 0 <= first <= mrr <= 1:  # 1/rank is at least [rank is 1], for every rank
        raise ValueError(f"H@1 {first} and MRR {mrr} cannot come from one list of ranks; check the units.")
    hits = [metrics[name] for name in ("H@1", "H@3", "H@10") if name in metrics]
    if hits != sorted(hits) or any(not 0 <= value <= 1 for value in hits):
        raise ValueError(f"H@1, H@3, H@10 are {hits}; they are fractions that never fall with k.")


def record_path(specification: Specification, fingerprint: str) -> Path:
    """Return the file in which the record of this run lies, or will lie."""
    return paths.RESULTS / specification.dataset / f"{specification.stem}-{fingerprint[:8]}.json"


def write_record(record: Record) -> Path:
    """File the record under its name; older records of the same specification stay."""
    path = record_path(record.specification, record.fingerprint)
    return paths.write_text_atomically(path, record.to_json())


def read_record(path: Path) -> Record:
    """Read a record and check that it lies where its content says.

    Raises:
        ValueError: if the file is no record, or belongs under another name.
    """
    try:
        record = Record.from_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error} Restore the file from version control, or delete it.") from error
    expected = record_path(record.specification, record.fingerprint)
    if (path.parent.name, path.name) != (expected.parent.name, expected.name):
        raise ValueError(f"{path} holds the record of {expected.parent.name}/{expected.name}; rename or delete it.")
    return record


def is_record_name(name: str) -> bool:
    """Tell whether a file name has the form of a record."""
    return _FILE_NAME.fullmatch(name) is not None


def _order(one: Filed) -> tuple[str, str, str, str, int]:
    asked = one.record.specification
    return asked.dataset, asked.method, asked.variant, asked.profile, asked.seed


def _lines(value: Any) -> str:
    """Write a mapping with one line a key, anything else on one line."""
    if not isinstance(value, Mapping) or not value:
        return canonical_json(value)
    inner = [f"  {json.dumps(str(key))}: {canonical_json(part)}" for key, part in value.items()]
    return "{\n" + ",\n".join(inner) + "\n }"
