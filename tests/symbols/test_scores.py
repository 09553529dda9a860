"""What a fitted model tells, from one method against the others."""

import numpy as np
import pytest

from dlkit import SequenceModel

WORDS = ["banana", "bandana", "cabana", "ana", "nab", "cab"] * 4


@pytest.mark.parametrize("stop", ["symbol", "bernoulli", "length", None])
def test_the_score_is_the_mean_of_what_is_told_of_steps(stop):
    model = SequenceModel(15, stop=stop, random_state=0).fit(WORDS)
    each = model.log_likelihood(["cab", "banana"])
    assert [len(one) for one in each] == [3 + (stop is not None), 6 + (stop is not None)]
    score = model.score(["cab", "banana"])
    assert score == pytest.approx(np.concatenate(each).mean())
    assert model.perplexity(["cab", "banana"]) == pytest.approx(np.exp(-score))
    assert model.bits(["cab", "banana"]) == pytest.approx(-score / np.log(2))


def test_steps_and_ends_are_those_of_the_probabilities():
    model = SequenceModel(15, stop="bernoulli", random_state=0).fit(WORDS)
    numbers = [model.alphabet_.tolist().index(symbol) for symbol in "nab"]
    ends = np.concatenate([[0.0], model.predict_stop(["nab"])[0]])
    steps = model.predict_proba(["nab"])[0][np.arange(3), numbers]
    want = np.log(np.append(steps * (1 - ends[:3]), ends[3]))
    np.testing.assert_allclose(model.log_likelihood(["nab"])[0], want, rtol=1e-6)


def test_densities_are_in_the_units_of_the_data():
    r = np.random.RandomState(0)
    X = [r.randn(n, 2).cumsum(axis=0) for n in r.randint(4, 9, size=30)]
    model = SequenceModel(15, output="gaussian", stop=None, random_state=0).fit(X)
    mean, std = model.predict(X[:2], return_std=True)
    for x, m, s, told in zip(X[:2], mean, std, model.log_likelihood(X[:2]), strict=True):
        want = -0.5 * ((x - m) / s) ** 2 - np.log(s) - 0.5 * np.log(2 * np.pi)
        np.testing.assert_allclose(told, want.sum(axis=1), rtol=1e-5)
    wide = SequenceModel(15, output="gaussian", stop=None, random_state=0)
    wide.fit([100 * x for x in X])
    shift = wide.score([100 * x for x in X]) - model.score(X)
    assert shift == pytest.approx(-2 * np.log(100), rel=1e-6)
