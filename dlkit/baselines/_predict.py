"""How long a fit will take, told from fits on small portions."""

from dataclasses import dataclass

import numpy as np

from ..readout import (
    BoundedReadout,
    HingeReadoutClassifier,
    RidgeReadout,
    RidgeReadoutClassifier,
)
from ._work import operations

__all__ = ["Expected", "crowd", "expect"]

SHORT = 2e-3  # seconds below which growth is a matter of chance
LEAST = 1e-5  # seconds that anything takes
RIDGES = {  # and how many times the operations of a ridge they take
    BoundedReadout: 1,
    RidgeReadout: 1,
    RidgeReadoutClassifier: 1,
    HingeReadoutClassifier: 4,
}


@dataclass(frozen=True)
class Expected:
    """What a fit is expected to take.

    Attributes
    ----------
    map, own : float
        Processor seconds of the shared features, and of the rest.
    crowd : float
        Seconds of the clock for each, which are more where other work shares the processor.
    peak : float
        Bytes.
    """

    map: float
    own: float
    crowd: float
    peak: float

    @property
    def total(self):
        """Seconds in all, by the clock."""
        return self.crowd * (self.map + self.own)


def crowd(fit):
    """Seconds of the clock for each of the processor, in a fit; None if the fit was too short."""
    cpu = sum(fit.cpu.values())
    return fit.total / max(cpu, LEAST) if fit.total > SHORT else None


def expect(problem, contender, fits, speed):
    """Expected seconds and bytes of a fit on the largest fold.

    Features and predictions grow with the samples; a ridge takes a known number of operations; all
    else grows from the last portion on as from the one before.

    Parameters
    ----------
    problem : Problem
    contender : Contender
    fits : list of Fit
        Of the same contender, on growing portions.
    speed : tuple of two floats
        Processor seconds for each operation, see `calibrate`.

    Returns
    -------
    expected : Expected
    """
    last = fits[-1]
    n = max(problem.lengths)
    if problem.kind == "forecast":
        n_test = problem.n_steps
    else:
        n_test = max(len(test) for _, test in problem.folds)
    most, width = (3.0, contender.wide) if contender.wide else (1.0, last.width)
    shared = _grown(fits, "map", n, most=most) + _grown(fits, "apply", n_test)
    own = _grown(fits, "predict", n_test)
    readout = _last_step(contender.readout)
    solves = next((times for kind, times in RIDGES.items() if isinstance(readout, kind)), 0)
    solves = 1 if contender.solves else solves
    if solves and last.width:
        # what a portion took beyond its operations grows with the samples at most
        known = [solves * _ridge_seconds(fit.n_train, fit.width, speed) for fit in fits]
        own += _grown(fits, "fit", n, less=known) + solves * _ridge_seconds(n, width, speed)
    else:
        own += _grown(fits, "fit", n, most=contender.growth)
    peaks = [fit.peak for fit in fits]
    peak = max(_power([fit.n_train for fit in fits], peaks, n, 1.0), 8.0 * n * width)
    return Expected(shared, own, max(1.0, crowd(last) or 1.0), peak if np.isfinite(peak) else 0.0)


def _ridge_seconds(n, width, speed):
    return float(np.dot(operations(n, width), speed))


def _last_step(estimator):
    while hasattr(estimator, "steps"):
        estimator = estimator.steps[-1][1]
    return estimator


def _grown(fits, part, n, *, most=1.0, less=None):
    """Seconds of a part at ``n`` samples; ``less`` seconds of each portion do not count."""
    seconds = [fit.cpu[part] for fit in fits]
    if less is not None:
        seconds = [a - b for a, b in zip(seconds, less, strict=True)]
    samples = [fit.n_test if part in ("apply", "predict") else fit.n_train for fit in fits]
    most = most if seconds[-1] > SHORT else min(most, 1.0)
    return _power(samples, np.maximum(seconds, LEAST), n, most)


def _power(samples, values, n, most):
    """Value at ``n`` samples by the power law through the last two, of a power up to ``most``."""
    power = 1.0
    if len(samples) > 1 and samples[-2] < samples[-1] and values[-2] > 0 and values[-1] > 0:
        power = np.log(values[-1] / values[-2]) / np.log(samples[-1] / samples[-2])
    return float(values[-1] * (n / samples[-1]) ** np.clip(power, 0.0, most))
