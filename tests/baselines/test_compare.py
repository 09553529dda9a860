"""compare_baselines: what the table says, and what nobody can spoil."""

import os
import pickle
import time

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dlkit
from dlkit import RidgeReadoutClassifier, SeasonalForecaster, compare_baselines
from dlkit.baselines import NaiveForecaster, _compare, _work
from dlkit.baselines._slots import Here
from dlkit.exceptions import ReadingWarning
from dlkit.trees import Tree

X, Y = load_iris(return_X_y=True)
R = np.random.RandomState(0)


@pytest.fixture
def here(monkeypatch):
    """Contenders run in this process, which is quicker to start, after short trials."""
    monkeypatch.setattr(_compare, "_slot", lambda path: Here(_compare.hello, path))
    monkeypatch.setattr(_work, "TRIALS", 0.05)
    monkeypatch.setattr(_work, "BRIEF", 0.0)


class Own(ClassifierMixin, BaseEstimator):
    """One of the user's, that does something before it is a dummy."""

    def __init__(self, does="nothing", least=0):
        self.does, self.least = does, least

    def fit(self, X, y):
        if len(X) >= self.least:
            getattr(self, self.does)()
        self.inner_ = DummyClassifier().fit(X, y)
        self.classes_ = self.inner_.classes_
        return self

    def predict(self, X):
        return self.inner_.predict(X)

    def nothing(self):
        pass

    def fail(self):
        raise RuntimeError("no more\nwill to go on")

    def ramble(self):
        raise RuntimeError("so much to say " * 50)

    def hang(self):
        while True:
            pass

    def hoard(self):
        kept = []
        while len(kept) < 200:
            kept.append(np.ones(10**7 // 8))
            time.sleep(0.01)

    def die(self):
        os._exit(1)

    def stop(self):
        raise KeyboardInterrupt


def compare(*data, **options):
    """A comparison that no slow machine cuts short."""
    return compare_baselines(*data, **({"budget": 1e4, "verbose": 0} | options))


@pytest.mark.compiled
@pytest.mark.usefixtures("here")
def test_scores_and_predictions_are_those_of_scikit_learn():
    table = compare(X, Y, models="fast", cv=3)
    assert {"naive", "ridge", "logistic", "extra trees"} <= set(table.names)
    for name in table.names:
        model = table.estimator(name)
        scores = cross_val_score(model, X, Y, cv=table.folds_)
        np.testing.assert_allclose(table.scores_[name], scores)
        found = cross_val_predict(model, X, Y, cv=table.folds_)
        np.testing.assert_array_equal(table.oof_predictions_[name], found)
    means = [table.scores_[name].mean() for name in table.names]
    assert means == sorted(means, reverse=True)
    assert repr(table.best()) == repr(table.estimator(table.names[0]))
    assert not hasattr(table.best(), "classes_")


@pytest.mark.usefixtures("here")
def test_regression_with_a_score_of_ones_own():
    y = X @ [1.0, -1.0, 0.5, 2.0] + 0.1 * R.randn(len(X))
    table = compare(X, y, models=["ridge"])
    assert table.scoring == "r2"
    assert table.names == ["ridge", "naive"]
    table = compare(X, y, models=["ridge"], scoring="neg_mean_absolute_error", cv=3)
    want = cross_val_score(table.best(), X, y, cv=table.folds_, scoring="neg_mean_absolute_error")
    np.testing.assert_allclose(table.scores_["ridge"], want)
    several = compare(X, np.stack([y, -y], axis=1), models=["ridge"])
    assert several.oof_predictions_["ridge"].shape == (150, 2)


def _batch(kind, n=30):
    if kind == "sequences":
        return [np.sin((1 + i % 2) * np.arange(R.randint(20, 30)) / 3)[:, None] for i in range(n)]
    if kind == "sequences, equal":
        return np.array([np.sin((1 + i % 2) * np.arange(24) / 3) for i in range(n)])[..., None]
    if kind == "images":
        return np.array([np.eye(8)[:: 1 - 2 * (i % 2)] for i in range(n)]) + 0.1 * R.randn(n, 8, 8)
    return [Tree(["a", "b" if i % 2 else "c"], [-1, 0]) for i in range(n)]


@pytest.mark.compiled
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("kind", ["sequences", "sequences, equal", "images", "trees"])
@pytest.mark.parametrize("target", ["classification", "regression"])
def test_every_kind(kind, target):
    samples, y = _batch(kind), np.arange(30) % 2
    y = y if target == "classification" else y + 0.01 * R.randn(30)
    task = f"{kind.partition(',')[0]} {target}"
    models = {
        "sequences": ["MiniRocket", "ESN"],
        "sequences, equal": ["quantiles + trees"],
        "images": ["random convolutions", "PCA + kernel + ridge"],
        "trees": ["tree reservoir"],
    }[kind]
    table = compare(samples, y, task=task, models=models, cv=2)
    assert all(row["status"] == "ok" for row in table.records), table
    assert table.names[0] != "naive"
    assert table.scores_[table.names[0]].mean() > 0.9


@pytest.mark.usefixtures("here")
def test_forecasts_are_those_of_the_forecasters():
    t = np.arange(90)
    x = 5 + np.sin(2 * np.pi * t / 6) + 0.1 * R.randn(90)
    table = compare(x, cv=3, models=["seasonal naive", "seasonal"])
    assert table.task == "forecast, future"
    assert table.names[-1] == "naive"
    assert table.folds_ == [18, 12, 6]
    for name, model in (("naive", NaiveForecaster()), ("seasonal", SeasonalForecaster())):
        for i, away in enumerate(table.folds_):
            known = x[: 90 - away]
            found = model.fit(known).forecast(6)
            np.testing.assert_allclose(table.oof_predictions_[name][i][0][:, 0], found)
            scale = np.abs(known[6:] - known[:-6]).mean()
            error = np.abs(found - x[90 - away : 96 - away]).mean() / scale
            assert table.scores_[name][i] == pytest.approx(error)
    several = compare([x, x[:70]], cv=2, n_steps=3, models=["ridge"])
    assert np.shape(several.oof_predictions_["ridge"]) == (2, 2, 3, 1)


@pytest.mark.compiled
@pytest.mark.usefixtures("here")
def test_missing_values_in_rows_are_filled():
    some = X.copy()
    some[::7, 1] = np.nan
    table = compare(some, Y, models=["extra trees"])
    assert [row["status"] for row in table.records] == ["ok"] * 3


@pytest.mark.usefixtures("here")
def test_what_the_table_shows(capsys):
    mine = "mine <b>", LogisticRegression(max_iter=999)
    table = compare(X, Y, models=[mine], cv=2, verbose=1)
    printed = capsys.readouterr().out
    assert "naive: accuracy 0.3333" in printed
    assert len(printed.splitlines()) == len(table)
    assert repr(table).splitlines()[0].startswith("rows, classification: accuracy over 2 folds; ")
    assert len(repr(table).splitlines()) >= len(table) + 3
    assert "mine &lt;b&gt;" in table._repr_html_()
    frame = table.frame
    assert frame.index.tolist() == list(range(1, len(table) + 1))
    assert frame.model.tolist() == table.names
    best, naive = frame.iloc[0], frame[frame.model == "naive"].iloc[0]
    assert np.isnan(best["vs best"])
    assert naive["vs best"] == pytest.approx(naive["score"] - best["score"])
    assert best["p naive"] < 0.05
    assert (frame["fit s"] > 0).all()
    table.explain("mine <b>")
    assert "model = LogisticRegression(max_iter=999)" in capsys.readouterr().out
    table.explain()
    assert capsys.readouterr().out.count("model = ") == len(table)
    with pytest.raises(KeyError, match="no contender 'x'"):
        table.explain("x")
    copy = pickle.loads(pickle.dumps(table))
    assert repr(copy) == repr(table)


@pytest.mark.usefixtures("here")
def test_plot():
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    table = compare(X, Y, models=["ridge"])
    ax = table.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["naive", "ridge"]
    assert ax.get_xlabel() == "accuracy"
    plt.close(ax.figure)


@pytest.mark.usefixtures("here")
def test_a_failure_is_a_row_with_its_reason():
    models = [("fails", Own("fail")), ("late", Own("fail", least=100)), ("sound", Own())]
    table = compare(X, Y, models=models, cv=3)
    status = {row["model"]: row["status"] for row in table.records}
    assert status["fails"] == "failed: RuntimeError: no more will to go on"
    assert status["late"].startswith("failed: RuntimeError")
    assert status["sound"] == "ok"
    assert table.warnings_["fails"][0].startswith("raised in test_compare.py, line ")
    assert table.names[-1] in ("fails", "late")


@pytest.mark.usefixtures("here")
def test_a_long_reason_leaves_the_table_its_width():
    table = compare(X, Y, models=[("fails", Own("ramble"))], cv=2)
    status = table.records[-1]["status"]
    assert len(status) > 500
    assert max(map(len, repr(table).splitlines())) < 200
    assert f"{status[:60]}" in repr(table)
    assert "…" in table._repr_html_()


@pytest.mark.usefixtures("here")
def test_another_reading_that_a_contender_sees_is_told():
    images = R.rand(20, 3, 8, 8)
    with pytest.warns(ReadingWarning, match="channels first") as caught:
        compare(images, np.arange(20) % 2, models=["random convolutions"], cv=2)
    assert len(caught) == 1
    assert caught[0].filename == __file__


@pytest.mark.usefixtures("here")
def test_what_time_or_memory_do_not_allow_is_skipped():
    table = compare(X, Y, models={"mine": Own()}, budget=1e-3)
    assert table.names[-1] == "mine"
    assert table.names[0] == "naive"
    left = [row["status"] for row in table.records[1:]]
    assert all("the budget of 0.001 s is spent" in status for status in left)
    table = compare(X, Y, models=["kernel + ridge"], memory=1e5)
    status = {row["model"]: row["status"] for row in table.records}
    assert status["kernel + ridge"].startswith("skipped: about ")
    assert status["kernel + ridge"].endswith(" of memory")
    assert status["ridge"] == "ok"


@pytest.mark.usefixtures("here")
def test_what_takes_longer_than_is_left_is_not_begun(monkeypatch):
    monkeypatch.setattr(dlkit.baselines._schedule, "expect", lambda *a: Costly())
    table = compare(X, Y, models=["logistic"], budget=60)
    status = {row["model"]: row["status"] for row in table.records}
    assert status["logistic"].startswith("skipped: about 500 s, ")
    assert np.isnan(table.scores_["logistic"]).all()
    assert table.expected_seconds_["logistic"] == 100


@pytest.mark.usefixtures("here")
def test_where_all_folds_do_not_fit_but_one_does_it_is_done(monkeypatch):
    monkeypatch.setattr(dlkit.baselines._schedule, "expect", lambda *a: Dear())
    table = compare(X, Y, models=["logistic", ("mine", Own())], budget=60)
    whole = compare(X, Y, models=["logistic", ("mine", Own())])
    status = {row["model"]: row["status"] for row in table.records}
    # ridge and logistic share features: both folds together take 21 seconds
    for name in ("ridge", "logistic", "mine"):
        assert status[name].startswith("1 of 5 folds: all take about "), table
        assert table.scores_[name][0] == whole.scores_[name][0]
        assert np.isnan(table.scores_[name][1:]).all()
    assert table.names[0] == table.choice == "naive"


@pytest.mark.usefixtures("here")
def test_of_those_who_share_features_the_costliest_are_left_out(monkeypatch):
    own = iter([5.0, 80.0])
    monkeypatch.setattr(dlkit.baselines._schedule, "expect", lambda *a: Dear(next(own)))
    table = compare(X, Y, models=["logistic"], budget=60)
    status = {row["model"]: row["status"] for row in table.records}
    assert status["ridge"].startswith("1 of 5 folds: all take about ")
    assert status["logistic"].startswith("skipped: about 450 s, ")


class Dear:
    """More than there is for five folds, and enough for one."""

    def __init__(self, own=5.0):
        self.map, self.own, self.crowd, self.peak = 10.0, own, 1.0, 0.0

    @property
    def total(self):
        return self.map + self.own


class Costly:
    map, own, crowd, peak, total = 50.0, 50.0, 1.0, 0.0, 100.0


@pytest.mark.usefixtures("here")
def test_an_interrupt_returns_what_is_known(capsys):
    table = compare(X, Y, models=[("stop", Own("stop"))], cv=2, verbose=1)
    status = {row["model"]: row["status"] for row in table.records}
    assert status["ridge"] == "ok"
    assert status["stop"].startswith("interrupted")
    assert "interrupted: what is known so far is returned" in capsys.readouterr().out


@pytest.mark.compiled
def test_in_processes_whatever_a_contender_does_ends_as_a_row():
    does = {"hangs": "hang", "hoards": "hoard", "dies": "die", "sound": "nothing"}
    models = [(name, Own(what)) for name, what in does.items()]
    table = compare(X, Y, models=models, cv=2, budget=60, memory=4e8, n_jobs=2)
    status = {row["model"]: row["status"] for row in table.records}
    assert status["hangs"].startswith("stopped: its trial took more than "), table
    if os.path.exists("/proc/self/statm"):
        assert status["hoards"] == "stopped: more than 200 MB of memory", table
    assert status["dies"].startswith("failed: "), table
    assert status["sound"] == status["ridge"] == "ok", table


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"models": "best"}, "models must be 'all', 'fast'"),
        ({"models": ["mars"]}, r"models has \['mars'\], but for rows there are"),
        ({"models": {"ridge": DummyClassifier()}}, "names must be new strings"),
        ({"models": {"a": StandardScaler()}}, r"models\['a'\] must be an object with fit and pre"),
        ({"models": 3}, "'models' parameter"),
        ({"budget": 0}, "'budget' parameter"),
        ({"memory": -1.0}, "'memory' parameter"),
        ({"n_jobs": "all"}, "'n_jobs' parameter"),
        ({"verbose": -1}, "'verbose' parameter"),
        ({"task": 3}, "'task' parameter"),
    ],
)
@pytest.mark.usefixtures("here")
def test_bad_calls(call, message):
    with pytest.raises(ValueError, match=message):
        compare(X, Y, **call)


@pytest.mark.usefixtures("here")
def test_features_are_made_once_a_fold_for_all_who_share_them(monkeypatch):
    made = []
    original = StandardScaler.fit_transform

    def counted(self, X, y=None, **more):
        made.append(len(X))
        return original(self, X, y, **more)

    monkeypatch.setattr(StandardScaler, "fit_transform", counted)
    table = compare(X, Y, models=["logistic"], cv=4)
    assert sum(n >= 110 for n in made[-4:]) == 4
    full = [n for n in made if n >= 112]
    assert len(full) <= 4 + 2
    want = make_pipeline(StandardScaler(), RidgeReadoutClassifier(np.logspace(-3, 3, 10)))
    assert repr(table.estimator("ridge")) == repr(want)
