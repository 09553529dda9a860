"""A call that is interrupted leaves the estimator as it was."""

import copy
import inspect
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

import dlkit

from .catalogue import ENTRIES, fitted, learned

HOME = str(Path(dlkit.__file__).parent)


class Interrupt:
    """Raises KeyboardInterrupt at the n-th call of a function of dlkit; counts them if n is 0.

    Generators are left out: what is raised when one is closed, Python ignores.
    """

    def __init__(self, n=0):
        self.n, self.count = n, 0

    def __call__(self, frame, event, argument):
        code = frame.f_code
        here = code.co_filename.startswith(HOME) and not code.co_flags & inspect.CO_GENERATOR
        if event == "call" and here:
            self.count += 1
            if self.count == self.n:
                raise KeyboardInterrupt

    def __enter__(self):
        sys.setprofile(self)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)


def calls(name):
    """Calls that change an estimator, by name, and what each is to change."""
    estimator, X, y = fitted(name)
    found = {"fit": (estimator, lambda e: e.fit(X, y))}
    if hasattr(estimator, "partial_fit"):
        begun, _, more = learned(name)
        found["partial_fit"] = begun, lambda e: e.partial_fit(*more)
        if hasattr(estimator, "merge"):
            found["merge"] = begun, lambda e: e.merge(copy.deepcopy(begun))
    if hasattr(estimator, "transform"):
        found["transform"] = estimator, lambda e: e.transform(X)
    return found


@pytest.mark.compiled
@pytest.mark.parametrize("name", ENTRIES)
def test_an_interrupt_leaves_everything_as_it_was(name):
    for method, (fresh, call) in calls(name).items():
        before = pickle.dumps(copy.deepcopy(fresh))
        with Interrupt() as counter:
            call(copy.deepcopy(fresh))
        for n in np.unique(np.linspace(1, counter.count, 12).astype(int)):
            estimator = copy.deepcopy(fresh)
            try:
                with Interrupt(n):
                    call(estimator)
            except KeyboardInterrupt:
                assert pickle.dumps(copy.deepcopy(estimator)) == before, (method, n, counter.count)
