"""The line of code that makes an estimator, made anew from that line."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit.baselines._contenders import choose
from dlkit.baselines._naive import naive
from dlkit.baselines._problem import read_problem
from dlkit.baselines._source import imports, source
from dlkit.trees import Tree

R = np.random.RandomState(0)
Y = np.arange(20) % 2
DATA = {
    "rows": R.randn(20, 3),
    "rows, missing": np.where(R.rand(20, 3) < 0.1, np.nan, R.randn(20, 3)),
    "sequences": [R.randn(n, 2) for n in range(10, 30)],
    "sequences, equal": R.randn(20, 12, 1),
    "images": R.randn(20, 8, 8),
    "images, unequal": [R.randn(9 + i % 3, 12) for i in range(20)],
    "trees": [Tree([1.0, 2.0], [-1, 0])] * 20,
}


def anew(model):
    home = {}
    exec("\n".join(imports(model)), home)
    return eval(source(model), home)


def parameters(model):
    """All parameters, without the names of steps and with arrays as lists."""
    found = {}
    for name, value in model.get_params().items():
        parts = "steps" in name or "_list" in name or name == "estimators"
        if not hasattr(value, "get_params") and not parts:
            found[name] = np.round(value, 12).tolist() if isinstance(value, np.ndarray) else value
    return found


@pytest.mark.parametrize("name", [*DATA, "forecast"])
@pytest.mark.parametrize("target", ["classification", "regression"])
def test_code_of_every_contender_makes_the_contender(name, target):
    kind = name.partition(",")[0]
    if kind == "forecast":
        x = np.sin(np.arange(100) * 2 * np.pi / 7)
        problem = read_problem(x, None, "forecast", 3, None, None, None, 0)
    else:
        y = Y if target == "classification" else Y + R.randn(20)
        problem = read_problem(DATA[name], y, f"{kind} {target}", 2, None, None, None, 0)
    contenders = [naive(problem), *choose(problem, "all", 0)]
    assert len({each.name for each in contenders}) == len(contenders)
    for each in contenders:
        model = each.estimator
        assert parameters(anew(model)) == parameters(model)


def test_values():
    assert source(np.logspace(-2, 5, 8)) == "np.logspace(-2, 5, 8)"
    assert source(np.array([1, 2.5])) == "np.array([1.0, 2.5])"
    assert source((1,)) == "(1,)"
    assert source((1, "a")) == "(1, 'a')"
    assert source([np.int64(3), None]) == "[3, None]"
    model = make_pipeline(StandardScaler(), LogisticRegression(C=2.0))
    assert source(model) == "make_pipeline(StandardScaler(), LogisticRegression(C=2.0))"
    assert "from sklearn.linear_model import LogisticRegression" in imports(model)
