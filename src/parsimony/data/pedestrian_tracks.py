"""Recorded pedestrians: raw files to smoothed tracks in metres and seconds.

Corridors of Forschungszentrum Jülich (Boltes and Seyfried, Neurocomputing 100, 2013): `uo` one direction, corridor of
1.8 m, `bo` two directions, 3.6 m, 16 frames a second; `unicorr` and `bicorr`, wider, 25 frames a second. Squares and
streets of ETH and UCY (Pellegrini et al., ICCV 2009; Lerner et al. 2007): 2.5 annotations a second, too coarse for
accelerations of a step, used for the mean over two seconds only.

Positions are smoothed by a Gaussian of deviation 0.5 s. At both ends a track is continued by its own point reflection,
so that steady walking stays steady. Velocities are central differences of the smoothed positions, one-sided at the
ends.
Shapes: P people, F frames, R rows of a file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from parsimony.data.raw_text import Place, Raw, registered, text_lines
from parsimony.data.registry import DataError

SMOOTHING = 0.5  # seconds, deviation of the Gaussian
REACH = 4.0  # deviations behind which the Gaussian is cut
X, Y = 0, 1


@dataclass(frozen=True)
class Recording:
    """What a raw file holds.

    Attributes:
        file: in the registry.
        people: how many there must be.
        frame_rate: frames a second of the tracks.
        step: number of a frame less that of the frame before.
        metre: units of the file in a metre.
        columns: of person, frame, x and y.
        fields: of a line.
        along: axis along which people walk; None where they walk anywhere.
    """

    file: str
    people: int
    frame_rate: float
    step: int
    metre: float
    columns: tuple[int, int, int, int]
    fields: int
    along: int | None


def _corridor(file: str, people: int) -> Recording:
    return Recording(f"pedestrians/julich/{file}.txt", people, 16.0, 1, 100.0, (0, 1, 2, 3), 5, Y)


def _wide_corridor(file: str, people: int, metre: float) -> Recording:
    return Recording(f"pedestrians/julich/{file}.txt", people, 25.0, 1, metre, (0, 1, 2, 3), 5, X)


def _street(file: str, people: int, step: int) -> Recording:
    return Recording(f"pedestrians/eth_ucy/{file}_obsmat.txt", people, 2.5, step, 1.0, (1, 0, 2, 4), 8, None)


_UNI = {"050": 61, "060": 66, "070": 111, "100": 121, "145": 175, "180": 220}
_BI = {"050": 118, "075": 136, "090": 214, "120": 307, "160": 309}
RECORDINGS: Mapping[str, Recording] = MappingProxyType(
    {
        **{f"uo-{width}": _corridor(f"uo-{width}-180-180", people) for width, people in _UNI.items()},
        **{f"bo-{width}": _corridor(f"bo-360-{width}-{width}", people) for width, people in _BI.items()},
        "unicorr-500": _wide_corridor("traj_UNI_CORR_500_01", 148, 1.0),
        "bicorr-400": _wide_corridor("bi_corr_400_b_03", 480, 100.0),
        "eth": _street("eth", 360, 6),
        "hotel": _street("hotel", 390, 10),
        "zara01": _street("zara01", 148, 10),
        "zara02": _street("zara02", 204, 10),
        "students03": _street("students03", 428, 10),
    }
)


@dataclass(frozen=True, eq=False)
class Tracks:
    """Smoothed tracks of one recording.

    Attributes:
        name: of the recording.
        frame_rate: frames a second.
        along: axis along which people walk; None where they walk anywhere.
        present: True where a person is in a frame, [P, F]; without gaps.
        position: in metres, [P, F, 2] in float64; 0 where absent.
        velocity: in metres a second, [P, F, 2] in float64; 0 where absent.
    """

    name: str
    frame_rate: float
    along: int | None
    present: Tensor
    position: Tensor
    velocity: Tensor

    @property
    def last_frame(self) -> Tensor:
        """Last frame of each person, [P]."""
        return self.present.shape[1] - 1 - self.present.flip(1).int().argmax(1)

    @property
    def last_position(self) -> Tensor:
        """Where each person is seen last, [P, 2]."""
        return self.position[torch.arange(len(self.present)), self.last_frame]

    @property
    def mean_speed(self) -> float:
        """Mean over people of the straight way from first to last place by its time, in metres a second."""
        person, first = torch.arange(len(self.present)), self.present.int().argmax(1)
        way = (self.last_position - self.position[person, first]).norm(dim=-1)
        frames = self.last_frame - first
        return float((way / frames * self.frame_rate)[frames > 0].mean())

    def speed_quantile(self, quantile: float) -> Tensor:
        """Return the quantile of each person's own speeds, [P]."""
        speed = self.velocity.norm(dim=-1).masked_fill(~self.present, torch.nan)
        return speed.nanquantile(quantile, dim=1)


def load_tracks(name: str) -> Tracks:
    """Load one recording.

    Args:
        name: one of `RECORDINGS`.

    Raises:
        DataError: if the name is not known, the file is missing or malformed, or has not the people it must have.
    """
    if name not in RECORDINGS:
        raise DataError(f"recording {name!r} given; known are {', '.join(RECORDINGS)}.")
    asked = RECORDINGS[name]
    tracks = smooth_tracks(name, asked, read_rows(registered(asked.file), asked))
    if len(tracks.present) != asked.people:
        raise DataError(f"{asked.file} holds {len(tracks.present)} people, expected {asked.people}; fetch it again.")
    return tracks


def read_rows(raw: Raw, asked: Recording) -> NDArray:
    """Return person, frame, x and y of each row, by person and frame, [R, 4]; x and y in metres.

    Lines that begin with # are comments.

    Raises:
        DataError: at the first malformed line, or if someone is twice in a frame.
    """
    try:
        table = np.loadtxt(io.BytesIO(raw.content), comments="#", ndmin=2)
    except ValueError:
        raise _first_wrong_line(raw, asked) from None
    if not table.size or table.shape[1] != asked.fields or not np.isfinite(table).all():
        raise _first_wrong_line(raw, asked)
    rows = table[:, list(asked.columns)]
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    twice = (np.diff(rows[:, :2], axis=0) == 0).all(1)
    if twice.any():
        person, frame = rows[1:][twice][0, :2]
        raise DataError(f"{raw.label}: person {person:.0f} is twice in frame {frame:.0f}; fetch the file again.")
    rows[:, 2:] /= asked.metre
    return rows


def _first_wrong_line(raw: Raw, asked: Recording) -> DataError:
    """Return the error that names the first malformed line."""
    for number, line in enumerate(text_lines(raw), start=1):
        fields = line.partition("#")[0].split()
        if fields and (len(fields) != asked.fields or not all(map(_is_number, fields))):
            return Place(raw.label, number).wrong(
                f"{line[:80]!r} found; expected {asked.fields} finite numbers, parted by spaces. Fetch the file again."
            )
    return DataError(f"{raw.label} holds no positions; fetch it again.")


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def smooth_tracks(name: str, asked: Recording, rows: NDArray) -> Tracks:
    """Put rows into frames and smooth them; a frame that a track leaves out is interpolated.

    Args:
        name: of the recording.
        asked: what its file holds.
        rows: person, frame, x and y, by person and frame, [R, 4].
    """
    frame = np.rint((rows[:, 1] - rows[:, 1].min()) / asked.step).astype(int)
    _, first = np.unique(rows[:, 0], return_index=True)
    kernel = gaussian(SMOOTHING * asked.frame_rate)
    shape = len(first), int(frame.max()) + 1
    present, position, velocity = np.zeros(shape, bool), np.zeros((*shape, 2)), np.zeros((*shape, 2))
    for person, mine in enumerate(np.split(np.arange(len(rows)), first[1:])):
        seen = np.arange(frame[mine[0]], frame[mine[-1]] + 1)
        path = np.stack([np.interp(seen, frame[mine], rows[mine, axis]) for axis in (2, 3)], axis=1)
        smooth = smoothed(path, kernel)
        present[person, seen], position[person, seen] = True, smooth
        if len(seen) > 1:
            velocity[person, seen] = np.gradient(smooth, axis=0) * asked.frame_rate
    return Tracks(name, asked.frame_rate, asked.along, *map(torch.from_numpy, (present, position, velocity)))


def gaussian(deviation: float) -> NDArray:
    """Return the weights of a Gaussian, cut at four deviations; its deviation is counted in frames."""
    place = np.arange(-round(REACH * deviation), round(REACH * deviation) + 1)
    weights = np.exp(-0.5 * (place / deviation) ** 2)
    return weights / weights.sum()


def smoothed(path: NDArray, kernel: NDArray) -> NDArray:
    """Smooth a path of any length, continued at both ends by its point reflection, [L, 2]."""
    if len(path) < 2:
        return path
    longer = np.pad(path, ((len(kernel) // 2,) * 2, (0, 0)), mode="reflect", reflect_type="odd")
    return np.stack([np.convolve(longer[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)
