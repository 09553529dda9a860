"""Who is compared."""

import numpy as np
import pytest

from dlkit.baselines._contenders import choose
from dlkit.baselines._problem import read_problem

R = np.random.RandomState(0)


@pytest.mark.compiled
def test_the_vote_is_the_mean_of_probabilities():
    t = np.arange(30)
    X = [np.sin((1 + i % 3) * t[: 20 + i % 10] / 5) + R.randn(20 + i % 10) for i in range(30)]
    y = np.array(["a", "b", "c"])[np.arange(30) % 3]
    problem = read_problem(X, y, "sequences", 3, None, None, None, 0)
    every = {each.name: each for each in choose(problem, "all", 0)}
    assert every["vote"].favoured
    assert sum(each.favoured for each in every.values()) == 1
    members = []
    for name in ("MiniRocket", "ESN", "Quant", "MultiRocket + Hydra"):
        model = every[name].estimator
        if name == "Quant":
            model[-1].set_params(n_estimators=100)
        if name == "MultiRocket + Hydra":
            _, multi = model[0].transformer_list[1]
            multi[0].set_params(n_kernels=1500)
        members.append(model.fit(X, y).predict_proba(X))
    vote = every["vote"].estimator.fit(X, y)
    np.testing.assert_allclose(vote.predict_proba(X), np.mean(members, axis=0), atol=1e-9)
    numbers = read_problem(X, R.randn(30), "sequences", 3, None, None, None, 0)
    assert "vote" not in [each.name for each in choose(numbers, "all", 0)]
