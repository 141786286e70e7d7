"""Last.fm: who listens to whom; a row says 1 for an artist the user listens to, 0 for one drawn at random.

The data are the episodes of TaNP and ColdNAS (Lin et al., arXiv 2103.06137; Wu et al., arXiv 2306.03387), made from
HetRec 2011 with one random negative for each artist listened to. They leak: half of the rows of each user are ones,
so the support set tells how many ones are left for the query set. `fresh_episodes` draws new negatives without that.

The archive holds pickled episodes too; they are not read. Lists of ids and two JSON files say the same.
Shapes: N support rows, Q query rows, M rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from parsimony.data.cards import require_counts
from parsimony.data.cold_start import ColdStart
from parsimony.data.cold_start_tasks import (
    SUPPORT,
    Episode,
    RatingTable,
    gather_tasks,
    identity_field,
    rows_by_user,
    rows_of_others,
    task_counts,
)
from parsimony.data.raw_text import Raw, field_lines, lists_by_user, member, registered, whole_number, zip_members
from parsimony.data.registry import DataError

ARCHIVE = "cold-start/lastfm/data.zip"
FOLDER = "data/lastfm_20"
WANTED = rf"{FOLDER}/(interaction_dict_[xy]\.json|\w+/evidence/\w+_x_\d+_u_m_ids\.txt)"
SPLITS = ("training", "validation", "testing")
FEWEST_ONES, MOST_ONES = 7, 12  # in a fresh support set; at least three ones are left for every query set
LEAST_SHARE, LARGEST_SHARE = 0.35, 0.65  # of ones in a fresh query set


class Episodes(NamedTuple):
    """The authors' episodes: every row, and the episodes of each split."""

    table: RatingTable
    splits: tuple[list[Episode], ...]


def load_last_fm() -> ColdStart:
    """Load the authors' own episodes, labels 0 and 1; nothing in them is random."""
    return _as_tasks("Last.fm", read_episodes(registered(ARCHIVE)))


def load_fresh_last_fm(seed: int) -> ColdStart:
    """Load the same users and what they listen to, with fresh negatives that leak nothing; see `fresh_episodes`."""
    return _as_tasks("Last.fm-fresh", fresh_episodes(read_episodes(registered(ARCHIVE)), seed))


def _as_tasks(name: str, read: Episodes) -> ColdStart:
    tasks = [gather_tasks(split) for split in read.splits]
    require_counts(name, read.table.counts() | task_counts(tasks))
    return ColdStart(
        name=name,
        scale=1.0,
        user_fields=read.table.user_fields,
        item_fields=read.table.item_fields,
        train=tasks[0],
        valid=tasks[1],
        test=tasks[2],
        others=rows_of_others(read.table.rows, tasks),
    )


def read_episodes(archive: Raw) -> Episodes:
    """Read the archive of TaNP.

    Raises:
        DataError: if a file is missing or malformed, or names a pair that has no label.
    """
    members = zip_members(archive, WANTED)
    items, labels = (member(members, f"{FOLDER}/interaction_dict_{axis}.json", archive.label) for axis in "xy")
    rows = read_interactions(items, labels)
    label_of = {(user, item): label for user, item, label in rows}
    table = torch.tensor(rows, dtype=torch.float64)
    num_users, num_items = (int(size) + 1 for size in table[:, :2].max(0).values)
    return Episodes(
        RatingTable(table, (identity_field("user", num_users),), (identity_field("item", num_items),)),
        tuple(_read_split(members, split, label_of, archive.label) for split in SPLITS),
    )


def read_interactions(items: Raw, labels: Raw) -> list[tuple[int, int, int]]:
    """Read (user, item, label) from the lists of items and of labels of each user.

    Raises:
        DataError: if the lists do not match, a label is neither 0 nor 1, or a pair is repeated.
    """
    item_lists, label_lists = lists_by_user(items), lists_by_user(labels)
    if item_lists.keys() != label_lists.keys():
        raise DataError(f"{labels.label}, line 1: its users are not those of {items.label}; fetch the archive again.")
    rows = []
    for user, listed in item_lists.items():
        marks = label_lists[user]
        if len(listed) != len(marks) or len(set(listed)) != len(listed) or not {0, 1} >= set(marks):
            raise DataError(
                f"{labels.label}, line 1: user {user} has {len(set(listed))} items and the labels {marks[:9]}...; "
                "expected one label for each, 0 or 1, and no item twice."
            )
        rows += [(int(user), int(item), mark) for item, mark in zip(listed, marks, strict=True)]
    return rows


def _read_split(
    members: dict[str, Raw], split: str, label_of: Mapping[tuple[int, int], int], label: str
) -> list[Episode]:
    folder = f"{FOLDER}/{split}/evidence"
    count = sum(name.startswith(f"{folder}/supp_x_") for name in members)
    files = [[f"{folder}/{part}_x_{task}_u_m_ids.txt" for part in ("supp", "query")] for task in range(count)]
    return [read_episode(*(member(members, name, label) for name in pair), label_of) for pair in files]


def read_episode(support: Raw, query: Raw, label_of: Mapping[tuple[int, int], int]) -> Episode:
    """Read the pairs of one user.

    Args:
        support: lines "user item" of the support set.
        query: the same of the query set.
        label_of: label of each pair.

    Raises:
        DataError: if a line is no pair with a label, or the rows are not those of one user, each once.
    """
    known, asked = (_read_pairs(raw, label_of) for raw in (support, query))
    together = known + asked
    if len(known) != SUPPORT or len({row[0] for row in together}) != 1 or len(set(together)) != len(together):
        raise DataError(
            f"{support.label}, lines 1 to {len(known)}: with {query.label} they name "
            f"{len({row[0] for row in together})} users and {len(set(together))} rows; expected one user, "
            f"{SUPPORT} support rows, and no row twice."
        )
    return Episode(torch.tensor(known, dtype=torch.float64), torch.tensor(asked, dtype=torch.float64))


def _read_pairs(raw: Raw, label_of: Mapping[tuple[int, int], int]) -> list[tuple[int, int, int]]:
    rows = []
    for place, fields in field_lines(raw, "\t", "user, item"):
        user, item = (whole_number(text, place, what) for text, what in zip(fields, ("user", "item"), strict=True))
        if (user, item) not in label_of:
            raise place.wrong(f"user {user} and item {item} have no label; expected a pair of interaction_dict_x.json.")
        rows.append((user, item, label_of[user, item]))
    return rows


def fresh_episodes(read: Episodes, seed: int) -> Episodes:
    """Draw episodes whose support sets tell nothing about the share of ones in their query sets.

    Users, splits and positives are the authors': a user's positives are the rows labelled 1, all artists that the
    user listens to among the 3,846 artists, so every other artist is a negative and no further file is needed.
    For each user, in order, independent draws from the seed:

    1. the number a of ones in the support set, uniform on 7 to 12; the other 20 - a rows are negatives;
    2. the share f of ones in the query set, uniform on .35 to .65; all positives left over, b of them, are asked,
       beside round(b (1 - f) / f) negatives;
    3. which positives are known, and which artists are negatives (uniform, none twice).

    In the authors' episodes step 2 is missing: the number of negatives makes both sets together half ones.
    """
    generator = torch.Generator().manual_seed(seed)
    rows, num_items = read.table.rows, len(read.table.item_fields[0].values)
    positives = {int(part[0, 0]): part[part[:, 2] == 1, 1].long() for part in rows_by_user(rows)}
    splits = tuple(
        [_fresh_episode(int(one.support[0, 0]), positives, num_items, generator) for one in split]
        for split in read.splits
    )
    return Episodes(read.table, splits)


def _fresh_episode(user: int, positives: Mapping[int, Tensor], num_items: int, generator: torch.Generator) -> Episode:
    """Draw one episode, as `fresh_episodes` says."""
    ones = positives[user][torch.randperm(len(positives[user]), generator=generator)]
    is_one = torch.zeros(num_items, dtype=torch.bool)
    is_one[ones] = True
    order = torch.randperm(num_items, generator=generator)
    zeros = order[~is_one[order]]
    known = int(torch.randint(FEWEST_ONES, MOST_ONES + 1, (), generator=generator))
    share = LEAST_SHARE + (LARGEST_SHARE - LEAST_SHARE) * float(torch.rand((), generator=generator))
    asked = round((len(ones) - known) * (1 - share) / share)
    unknown = SUPPORT - known
    parts = (ones[:known], zeros[:unknown]), (ones[known:], zeros[unknown : unknown + asked])
    return Episode(*(_labelled(user, *part, generator) for part in parts))


def _labelled(user: int, ones: Tensor, zeros: Tensor, generator: torch.Generator) -> Tensor:
    """Return rows in random order, so that no ranking with ties gains from theirs."""
    items = torch.cat([ones, zeros]).double()
    is_one = torch.arange(len(items)) < len(ones)
    rows = torch.stack([torch.full_like(items, user), items, is_one.double()], dim=1)
    return rows[torch.randperm(len(rows), generator=generator)]
