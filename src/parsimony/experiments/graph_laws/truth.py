"""Hold a found law on graphs against the true one: its flow, its form, its constants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parsimony.data.law import Law
from parsimony.nn.graph_law import GraphLaw
from parsimony.symbolic.equivalence import compare_laws
from parsimony.symbolic.law_latex import equations
from parsimony.symbolic.law_text import law_of_text
from parsimony.symbolic.message_flow import GraphVariables

# How variables and messages are set in LaTeX.
LATEX = {
    "dx": r"\Delta_x", "dy": r"\Delta_y", "mass": "m", "mass_i": "m_i", "mass_j": "m_j", "charge": "q",
    "charge_i": "q_i", "charge_j": "q_j", "fx": "f_x", "fy": "f_y", "alpha": r"\alpha", "vx": "v_x", "vy": "v_y",
    "ex": "e_x", "ey": "e_y", "v0": "v^0", "wx": "w_x", "wy": "w_y", "vn": "v_n", "vt": "v_t", "closing": "H",
    "gx": "g_x", "gy": "g_y",
}  # fmt: skip


def truth_of(law: Law, samples) -> dict[str, Any]:
    """Return flows and equations of the true law, its constants written out."""
    flow, expressions = law_of_text(law, GraphVariables.of(samples))
    return {"flows": list(law.flows), "equations": rounded_equations(GraphLaw.of(flow, expressions))}


def judge(law: Law, samples, learned) -> dict[str, Any]:
    """Say whether a learned law has a flow of the true one and equals it.

    Returns:
        "flow" and "recovered" as booleans, "reason", and, of a recovered law, "constant error" (the largest relative
        error of a constant) and its "constants" as found and as they should be.
    """
    found = learned.law
    truth = law_of_text(law, GraphVariables.of(samples))
    compared = compare_laws(found.flow, found.expressions, *truth)
    judged = {
        "flow": has_flow_of(law, str(found.flow)), "recovered": compared.is_recovered, "reason": compared.reason,
    }  # fmt: skip
    if compared.is_recovered:
        constants = {name: list(pair) for name, pair in compared.constants.items()}
        judged |= {"constant error": compared.error, "constants": constants}
    return judged


def has_flow_of(law: Law, flow: str) -> bool:
    """Whether a flow is one of those of the law, whatever the numbers of its blocks and the order of its layers."""
    return layers_of(flow) in [layers_of(one) for one in law.flows]


def layers_of(flow: str) -> frozenset[str]:
    """Return the layers of a flow, without the numbers of their blocks and how they read one another."""
    return frozenset(re.sub(r"^([euv])\d*\(", r"\1(", layer) for layer in flow.replace("linear ", "").split(" -> "))


def described(law: GraphLaw) -> Mapping[str, Any]:
    """Return what a record holds of a law."""
    return {
        "flow": str(law.flow), "formulas": law.describe(), "equations": rounded_equations(law),
        "complexity": law.complexity,
    }  # fmt: skip


def rounded_equations(law: GraphLaw, digits: int = 3) -> list[str]:
    """Return the equation of each output dimension in LaTeX, constants rounded to so many digits."""
    shown = LATEX | {name: f"{value:.{digits}g}" for name, value in law.constants.items()}
    return list(equations(law.flow, law.formulas, shown))
