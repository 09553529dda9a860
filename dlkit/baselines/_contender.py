"""What a contender is: features, and what learns from them."""

from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from sklearn.pipeline import Pipeline, make_pipeline

__all__ = ["Contender"]


@dataclass
class Contender:
    """One row of the table to be.

    Attributes
    ----------
    name : str
        What the row is called.
    readout : estimator
        What learns the targets: behind ``features``, or from the samples.
    features : transformer or None
        A map that contenders with the same object share.
    fast : bool
        Whether ``models="fast"`` has it.
    own : bool
        Whether it is one of dlkit's list, not the user's.
    growth : float
        Power of the samples that the time of a fit grows with at most.
    wide : int
        Features there are on all samples, if a portion makes fewer; then the time of the features
        grows as it may.
    least : int
        Samples that are needed at least.
    solves : bool
        Whether ``readout`` is a reservoir with a ridge inside.
    favoured : bool
        Whether it is the table's choice unless another is better beyond a standard error.
    """

    name: str
    readout: Any
    features: Any = None
    fast: bool = True
    own: bool = True
    growth: float = 1.2
    wide: int = 0
    least: int = 0
    solves: bool = False
    favoured: bool = False

    @property
    def estimator(self):
        """The unfitted pipeline."""
        if self.features is None:
            return self.readout
        return make_pipeline(*_steps(self.features), *_steps(self.readout))


def _steps(estimator):
    steps = (
        [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    )
    return [clone(step) for step in steps]
