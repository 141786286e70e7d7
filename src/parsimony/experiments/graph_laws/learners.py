"""What learns a law from graphs: GSR and its rivals behind one call.

    gsr          search of the flow, formulas, constants
    fullgn       formulas of one full block, without any search
    symdl        one edge and one node function, sum only (Cranmer et al.); serves outputs of nodes only
    aggregates   plain symbolic regression on sums and means over neighbours
    black-box    the network of full blocks alone, without any formula

Options are keyword arguments: `search` and `formulas` of GSR, those of `SymDL`, `Engine` or `FlowTraining` elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from parsimony.baselines.aggregate_regression import fit_aggregates
from parsimony.baselines.symdl import SymDL, formulas_of_symdl, train_symdl
from parsimony.experiments.graph_laws.truth import described
from parsimony.experiments.journal import Journal
from parsimony.methods.flow_search import Candidate, FlowSearch, search_flow
from parsimony.methods.flow_training import FlowTraining, train_flow
from parsimony.methods.formula_fronts import FormulaSearch
from parsimony.methods.gsr import FoundLaw, find_formulas
from parsimony.nn.dense_graph_block import rows_of, target_rows
from parsimony.nn.graph_law import GraphLaw
from parsimony.symbolic.engine import Engine
from parsimony.symbolic.message_flow import Flow, GraphVariables, full_flow

STEPS = 30  # trainings of a search, about; for the progress bar
FULLGN_SIZE = 3


@dataclass(frozen=True)
class Learned:
    """What a method ends with.

    Attributes:
        predict: from `GraphSamples` to the target row by row, [R, d].
        parameters: trainable scalars; of a law its constants.
        law: formulas of a flow; None where there are none.
        measurements: what a record holds besides.
    """

    predict: Callable[[Any], Tensor]
    parameters: int
    law: GraphLaw | None = None
    measurements: Mapping[str, Any] = field(default_factory=dict)

    @torch.no_grad()
    def determination(self, samples) -> float:
        """Return R^2 on `GraphSamples`, averaged over output dimensions."""
        target = target_rows(samples).double()
        wrong = (self.predict(samples).double() - target).nan_to_num(1e6, 1e6, -1e6).clamp(-1e6, 1e6)
        return float((1 - wrong.square().mean(0) / target.var(0, correction=0)).mean())


def learn_gsr(train, valid, options: Mapping[str, Any], seed: int, journal: Journal) -> Learned:
    """Carry out both stages; the journal keeps every trained candidate."""
    memo, start = journal.get("memo", {}), time.monotonic()

    def keep(trained: dict[str, Any]) -> None:
        journal.progress.update(len(trained), STEPS + 1, "search of the flow")
        journal.put("memo", trained, at_once=False)

    found = search_flow(train, valid, FlowSearch(**options.get("search", {})), seed, memo, keep)
    searched = time.monotonic() - start
    journal.progress.update(STEPS, STEPS + 1, "formulas")
    law = find_formulas(found.flow, train, valid, FormulaSearch(**options.get("formulas", {})), seed)
    seconds = {"search": searched, "formulas": time.monotonic() - start - searched}
    return _of_law(law, {"log": list(map(line, found.log)), "stage seconds": seconds})


def line(candidate: Candidate) -> dict[str, Any]:
    """Return a line of the log for a record; a loss that is not finite is none."""
    values = asdict(candidate)
    return {name: None if value in (float("inf"), float("nan")) else value for name, value in values.items()}


def learn_fullgn(train, valid, options: Mapping[str, Any], seed: int, journal: Journal) -> Learned:
    """Read formulas from one full block with embeddings of three numbers."""
    journal.progress.update(0, 1, "formulas")
    flow = full_flow(GraphVariables.of(train), size=FULLGN_SIZE)
    return _of_law(find_formulas(flow, train, valid, FormulaSearch(**options.get("formulas", {})), seed), {})


def _of_law(found: FoundLaw, more: Mapping[str, Any]) -> Learned:
    fronts = {
        name: [[[one.complexity, one.error, str(one.expression.evalf(4))] for one in front] for front in own.fronts]
        for name, own in found.fronts.items()
    }
    law = found.law
    measured = {**described(law), "fronts": fronts, **more}
    return Learned(law.predict, len(law.constants), law, measured)


def learn_symdl(train, valid, options: Mapping[str, Any], seed: int, journal: Journal) -> Learned:
    """Train SymDL and read formulas from its strongest messages."""
    settings = SymDL(**options)
    journal.progress.update(0, 2, "training")
    network = train_symdl(train, settings, seed)
    journal.progress.update(1, 2, "formulas")
    law, _ = formulas_of_symdl(network, valid, settings, seed)
    return Learned(law.predict, len(law.constants), law, dict(described(law)))


def learn_aggregates(train, valid, options: Mapping[str, Any], seed: int, journal: Journal) -> Learned:
    """Fit one formula to hand-made aggregates."""
    journal.progress.update(0, 1, "formulas")
    law = fit_aggregates(train, Engine(**options), seed)
    formulas = [str(one.expression.evalf(6)) for one in law.chosen]
    return Learned(law.predict, 0, None, {"formulas": {"aggregates": formulas}})


def learn_black_box(train, valid, options: Mapping[str, Any], seed: int, journal: Journal) -> Learned:
    """Train full blocks and keep the network."""
    journal.progress.update(0, 1, "training")
    blocks, training = options.get("blocks", 1), FlowTraining(**options.get("training", {}))
    return black_box(full_flow(GraphVariables.of(train), blocks), train, training, seed)


def black_box(flow: Flow, train, training: FlowTraining, seed: int) -> Learned:
    """Train the network of a flow."""
    network = train_flow(flow, train, training, seed)
    count = sum(one.numel() for one in network.parameters())
    return Learned(lambda samples: network.predict(rows_of(samples)), count, None, {"flow": str(flow)})


LEARNERS: Mapping[str, Callable[..., Learned]] = {
    "gsr": learn_gsr, "fullgn": learn_fullgn, "symdl": learn_symdl, "aggregates": learn_aggregates,
    "black-box": learn_black_box,
}  # fmt: skip
