"""Go through the parts of RNNLogic, and keep the predictor of the pass that is best on validation triples (Table 6).

The parts before predictor+ choose nothing on validation triples. A stopped search goes on within the part in progress.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from parsimony.baselines.rnnlogic import PLUS, Budget, Part, RNNLogic, RuleSearch
from parsimony.evaluation.ranking import summarise_ranks
from parsimony.experiments.journal import Journal
from parsimony.experiments.reasoning.questions import Curriculum
from parsimony.experiments.reasoning.training import SECONDS_BETWEEN_SAVES, Course, rank
from parsimony.experiments.stopwatch import now


@dataclass
class RuleCourse:
    """What the finished parts left behind, and what the part in progress has taken so far.

    Attributes:
        course: passes of predictor+ in the place of epochs; the weights are predictor+'s. The seconds of the first
            pass count those of all parts before it.
        stages: name, number, mean loss and seconds of every finished part.
        seconds: of the part in progress.
    """

    course: Course = field(default_factory=Course)
    stages: list[list[Any]] = field(default_factory=list)
    seconds: float = 0.0


def fit_rules(
    model: RNNLogic, curriculum: Curriculum, budget: Budget, seed: int, journal: Journal, device: str, at_once: int
) -> RuleCourse:
    """Go through all parts.

    Args:
        model: with the initial weights of its generator.
        curriculum: what it is asked.
        budget: how much each stage does.
        seed: of everything drawn.
        journal: where a stopped search goes on; the key "rules" belongs to this function.
        device: where the model lives.
        at_once: distinct queries ranked together.
    """
    model.to(device)
    generator = torch.Generator(device).manual_seed(seed)
    search, found = RuleSearch(model, curriculum.valid.graph.to(device), generator, budget), RuleCourse()
    if saved := journal.get("rules"):
        search.load_state_dict(saved["search"])
        found = RuleCourse(Course(**saved["course"]), saved["stages"], saved["seconds"])
    keeper = RuleKeeper(search, found, journal, device)
    while search.done < len(search.parts):
        keeper.tell(1)
        part = search.finish_part(keeper.after_step)
        keeper.count_seconds()
        found.stages.append([part.stage, part.number, part.loss, found.seconds])
        found.seconds = 0.0
        if part.stage == PLUS:
            found.course = _after_pass(found, part, model, curriculum, device, at_once)
        keeper.keep()
    return found


class RuleKeeper:
    """Keeps a search in the journal, after every part and from time to time within one.

    Args:
        search: to be kept.
        found: what its finished parts left behind.
        journal: of the run.
        device: where the search computes.
    """

    def __init__(self, search: RuleSearch, found: RuleCourse, journal: Journal, device: str) -> None:
        self.search, self.found, self.journal, self._device = search, found, journal, device
        self._saved, self._counted = time.monotonic(), now(self._device)

    def after_step(self, steps: int) -> None:
        """Keep the search if the last time is long ago; say how far it is."""
        if time.monotonic() - self._saved > SECONDS_BETWEEN_SAVES:
            self.count_seconds()
            self.keep()
        self.tell(steps)

    def tell(self, steps: int) -> None:
        """Say which of so many steps of which part is done."""
        search = self.search
        stage, number = search.parts[search.done]
        note = f"{stage} {number}, part {search.done + 1} of {len(search.parts)}"
        self.journal.progress.update(search.step, steps, note)

    def count_seconds(self) -> None:
        """Add the seconds since the last time to those of the part in progress."""
        moment = now(self._device)
        self.found.seconds += moment - self._counted
        self._counted = moment

    def keep(self) -> None:
        """Write search and course into the journal; this counts as no part's time."""
        kept = {"search": self.search.state_dict(), "course": vars(self.found.course)}
        self.journal.put("rules", {**kept, "stages": self.found.stages, "seconds": self.found.seconds})
        self._saved, self._counted = time.monotonic(), now(self._device)


def _after_pass(
    found: RuleCourse, part: Part, model: RNNLogic, curriculum: Curriculum, device: str, at_once: int
) -> Course:
    """Measure the validation triples and keep predictor+ if it is better than before."""
    start, course = now(device), found.course
    mrr = summarise_ranks(rank(model, curriculum.valid, device, at_once))["MRR"]
    trained = sum(row[3] for row in found.stages) - sum(row[3] for row in course.curve)
    curve = [*course.curve, [float(part.number), part.loss, mrr, trained, now(device) - start]]
    if mrr <= course.valid_mrr:
        return replace(course, curve=curve, passes=part.number)
    state = {name: one.clone() for name, one in model.predictor.state_dict().items()}
    return Course(part.number, mrr, state, curve, part.number)
