"""The end of a short run, kept so that a longer one goes on from there.

It lies under build/, beside the checkpoints and in their format, and is named after all that decides the way of a run
but its length: data, code, and the settings without the number of meta-iterations. What cannot be read counts as
missing; then a run begins at the beginning.
"""

from __future__ import annotations

from dataclasses import replace

from parsimony import paths
from parsimony.experiments.checkpoint import Checkpoint
from parsimony.experiments.fingerprint import fingerprint
from parsimony.experiments.journal import Journal
from parsimony.records import Specification

TRIALS, TRAINING = "trials", "training"  # what the journal of a run keeps


def kept_end(specification: Specification) -> Checkpoint:
    """Return where the ends of all runs lie that differ from this one in the number of meta-iterations only."""
    settings = {name: value for name, value in specification.settings.items() if name != "iterations"}
    digest = fingerprint(replace(specification, settings=settings))
    return Checkpoint(paths.BUILD / "ends" / f"{specification.name}-{digest[:8]}.npz")


def go_on(specification: Specification, checkpoint: Checkpoint, journal: Journal, iterations: int) -> None:
    """Put the end of a shorter run into the journal of this one, unless this one has come as far itself."""
    if journal.get(TRAINING):
        return
    earlier = kept_end(specification)
    state = earlier.load()
    if state is None or state[TRAINING]["training"]["iteration"] > iterations:
        return
    checkpoint.add(earlier.seconds)
    journal.put(TRIALS, state[TRIALS])
    journal.put(TRAINING, state[TRAINING])


def keep_end(specification: Specification, checkpoint: Checkpoint, journal: Journal) -> None:
    """Keep where this run ended, unless a longer one has ended before."""
    state, ours = kept_end(specification).load(), journal.get(TRAINING)
    if state is not None and state[TRAINING]["training"]["iteration"] >= ours["training"]["iteration"]:
        return
    end = kept_end(specification)
    end.add(checkpoint.seconds)
    end.save({TRIALS: journal.get(TRIALS, []), TRAINING: ours})
