"""Loss of a linear model of random features in closed form, for one network and for modules (second paper).

Target and model see the same features; the target has more of them than the model:

    y(x) = phi(x) W,   y^(x) = phi(x) [theta; 0],   W_i ~ N(0, lambda_i),   lambda_i = c [i^-alpha - (i+1)^-alpha]

phi(x) holds independent standard normal numbers, theta is the least-squares fit of smallest norm to n samples of d
outputs without noise, alpha = Omega^-m for an input of m dimensions. The sums telescope: Tr L1 = c [1 - (p+1)^-alpha]
over the p features of the model, Tr L2 = c (p+1)^-alpha over all others.

Theorem 1, with N = d n and R an N x p matrix of standard normal numbers, R+ its pseudo-inverse:

    E L_test  = d Tr L2 F - d min(N, p)/p Tr L1 + d Tr L,        F = E |R+|^2
    E L_train = d Tr L2 (1 - min(N, p)/N)

Derivation. Stacked samples read Y = R W1 + S W2, so theta = Pi W1 + R+ S W2 with Pi = R+ R.
1. A fresh sample costs d [|W1 - theta|^2 + |W2|^2], and W1 - theta = (I - Pi) W1 - R+ S W2, two uncorrelated parts.
2. Rotations leave R alike, so E Pi = min(N, p)/p I: the first part costs (1 - min(N, p)/p) Tr L1.
3. E[S W2 W2' S'] = Tr L2 I: the second costs Tr L2 F; the mean of an inverse Wishart matrix gives F.
4. The training residual (I - R R+) S W2 has expected square Tr L2 (N - min(N, p)); divide by n.

Theorem 2. K modules of p0 parameters that see the true projections, each of b dimensions, are one regression: with
features stacked and scaled by 1/sqrt(K) the traces are means over modules, p = K p0 and Tr L2 = c (p0+1)^-(Omega^-b).
Nothing depends on m.

The paper's text could not be read; the statements are as study notes on it give them (see the page), derived anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

OMEGA = 1.57  # fitted by the paper, as the study notes say
TERMS = 2_000_000  # of a sum over the spectrum that has no closed form


@dataclass(frozen=True)
class Law:
    """The two constants of the spectrum.

    Attributes:
        variance: c, the variance of the target.
        omega: Omega, by which alpha falls with every dimension of the input.
    """

    variance: float = 1.0
    omega: float = OMEGA

    def spectrum(self, dimension: float, count: int) -> np.ndarray:
        """Return the first `count` variances lambda_i for an input of some dimension."""
        powers = np.arange(1, count + 2, dtype=float) ** -self.decay(dimension)
        return self.variance * (powers[:-1] - powers[1:])

    def decay(self, dimension: float) -> float:
        """Return alpha."""
        return self.omega**-dimension

    def missed(self, dimension: float, parameters: float) -> float:
        """Return Tr L2, the variance that lies outside the model's features."""
        return self.variance * (parameters + 1) ** -self.decay(dimension)

    def participation(self, dimension: float) -> float:
        """Return (sum lambda)^2 / sum lambda^2, how many directions matter; about 1.02 Omega^(2m) for large m."""
        return float(self.variance**2 / np.square(self.spectrum(dimension, TERMS)).sum())


def inverse_norm(rows: float, columns: float) -> float:
    """Return F, the expected squared norm of the pseudo-inverse of a standard normal matrix; inf if it has none."""
    if rows > columns + 1:
        return columns / (rows - columns - 1)
    return rows / (columns - rows - 1) if columns > rows + 1 else float("inf")


def losses(
    samples: float, parameters: float, missed: float, variance: float = 1.0, outputs: int = 1
) -> Mapping[str, float]:
    """Return the expected training and test loss of theorem 1.

    Args:
        samples: n, at least 1.
        parameters: p, at least 1; of theorem 2 the K p0 of all modules together.
        missed: Tr L2 of `Law.missed`; of theorem 2 that of one module.
        variance: Tr L.
        outputs: d.

    Raises:
        ValueError: if there is no sample or no parameter.
    """
    if samples < 1 or parameters < 1:
        raise ValueError(f"{samples} samples and {parameters} parameters given; the theorem needs at least one each.")
    rows = outputs * samples
    used = min(rows, parameters)
    fitted = (variance - missed) * used / parameters
    test = missed * inverse_norm(rows, parameters) - fitted + variance
    return {"train": outputs * missed * (1 - used / rows), "test": outputs * test}


def network_losses(law: Law, dimension: float, samples: float, parameters: float) -> Mapping[str, float]:
    """Return training and test loss of one network that sees the whole input (theorem 1, d = 1)."""
    return losses(samples, parameters, law.missed(dimension, parameters), law.variance)


def modular_losses(law: Law, width: float, samples: float, modules: int, parameters: float) -> Mapping[str, float]:
    """Return training and test loss of modules that see the true projections (theorem 2, d = 1).

    Args:
        law: constants of the spectrum.
        width: b, dimensions that one module sees.
        samples: n.
        modules: K.
        parameters: p0 of one module.
    """
    return losses(samples, modules * parameters, law.missed(width, parameters), law.variance)


def samples_needed(parameters: float, missed: float, error: float) -> float:
    """Return the samples at which the test loss of p < n parameters falls to `error`; inf if it never does.

    For n > p + 1 theorem 1 reads Tr L2 (n - 1)/(n - p - 1), which is solved for n.
    """
    if missed >= error:
        return float("inf")
    return (error * (parameters + 1) - missed) / (error - missed)


def network_samples(law: Law, dimension: float, parameters: float, error: float) -> float:
    """Return the sample complexity of one network: it grows with the dimension without bound."""
    return samples_needed(parameters, law.missed(dimension, parameters), error)


def modular_samples(law: Law, width: float, modules: int, parameters: float, error: float) -> float:
    """Return the sample complexity of modules: it does not know the dimension, and is linear in their number."""
    return samples_needed(modules * parameters, law.missed(width, parameters), error)


def least_parameters(law: Law, dimension: float, error: float) -> float:
    """Return the parameters without which no number of samples reaches `error` < c: (c/error)^(Omega^m) - 1."""
    return (law.variance / error) ** (law.omega**dimension) - 1
