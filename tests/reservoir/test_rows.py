"""Which rows a readout learns from, and with which targets."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from dlkit import ESNForecaster, ESNTagger, RLSReadout, RLSReadoutClassifier

from .. import naive
from ._pieces import LABELS, SERIES, pieces


@pytest.mark.parametrize("turn", [1, -1])
def test_pairs_of_states_and_targets_are_the_oracles(turn):
    """Several series in unequal pieces: every step after the washout, and the pairs at seams."""
    lengths = [[3, 4, 20, 6], [1, 1, 1, 40]][::turn]
    series = [SERIES[:33], SERIES[100:143]][::turn]
    y = [np.roll(x[:, 0], 2) for x in series]
    for targets in (None, y):
        esn = ESNForecaster(8, washout=5, alpha=0.3, random_state=0, scaling=None)
        start = [0, 0]
        for k in range(4):
            cut = [slice(s, s + n[k]) for s, n in zip(start, lengths, strict=True)]
            mine = targets and [t[c] for t, c in zip(targets, cut, strict=True)]
            esn.partial_fit([x[c] for x, c in zip(series, cut, strict=True)], mine)
            start = [c.stop for c in cut]
        rows = [naive.estimator_states(esn, x)[5:] for x in series]
        if targets is None:
            F, T = [r[:-1] for r in rows], [x[6:] for x in series]
        else:
            F, T = rows, [t[5:] for t in y]
        coef, intercept = naive.ridge(np.concatenate(F), np.concatenate(T), 0.3)
        assert esn.readout_.moments_.n == sum(map(len, F))
        assert_allclose(esn.readout_.coef_.reshape(-1, 10), coef.T, atol=1e-8)
        assert_allclose(np.atleast_1d(esn.readout_.intercept_), intercept, atol=1e-8)


def test_readouts_that_learn_in_order():
    """A readout that forgets sees the rows in the order of time, seams and all."""
    readout = RLSReadout(0.1, forgetting=0.95)
    whole = ESNForecaster(8, washout=20, readout=readout, random_state=0, scaling=None).fit(SERIES)
    esn = clone(whole)
    for t in range(240):
        esn.partial_fit(SERIES[t : t + 1])
    assert_allclose(esn.readout_.coef_, whole.readout_.coef_, rtol=1e-9)
    assert_allclose(esn.forecast(4), whole.forecast(4), atol=1e-9)
    tagger = ESNTagger(8, readout=RLSReadoutClassifier(forgetting=0.99), random_state=0)
    want = clone(tagger).fit(SERIES, LABELS)
    for rows in pieces(240, {1, 50}):
        tagger.partial_fit(SERIES[rows], LABELS[rows], ["a", "b", "c"])
    assert_allclose(tagger.decision_function(SERIES), want.decision_function(SERIES), atol=1e-9)
