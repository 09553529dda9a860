"""Every form in which samples are accepted gives the same answers; others are refused by name."""

import warnings
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import has_fit_parameter

from dlkit.exceptions import ReadingWarning
from dlkit.sequences import from_channels_first, from_long, from_panel, to_long, to_panel

from .catalogue import ENTRIES, answers, apply, assert_same, data, having

pytestmark = pytest.mark.compiled

NAMES = ["a", "b", "c", "d", "e", "f"]


def objects(X):
    found = np.empty(len(X), dtype=object)
    found[:] = list(X)
    return found


def mapped(X):
    """Read-only, as a memory map is."""
    X = X.copy()
    X.flags.writeable = False
    return X


def strided(X):
    return np.repeat(X, 2, axis=0)[::2]


def frame(x):
    return pd.DataFrame(x, columns=NAMES[: x.shape[1]])


ANY = {
    "Fortran order": np.asfortranarray,
    "read-only": mapped,
    "strided": strided,
    "big-endian": lambda X: X.astype(">f8"),
}
FORMS = {
    "sequence": {
        **ANY,
        "list": list,
        "tuple": tuple,
        "nested lists": lambda X: X.tolist(),
        "objects": objects,
        "frames": lambda X: [frame(x) for x in X],
        "polars": lambda X: [pl.DataFrame(x, schema=NAMES[: x.shape[1]]) for x in X],
        "series of arrays": lambda X: pd.Series(list(X)),
        "long": lambda X: from_long(to_long(X, NAMES[: X.shape[2]])),
        "panel": lambda X: from_panel(to_panel(X, NAMES[: X.shape[2]])),
        "channels first": lambda X: from_channels_first(X.swapaxes(1, 2)),
    },
    "step": {
        **ANY,
        "lists": lambda X: X.tolist(),
        "frame": frame,
        "polars": lambda X: pl.DataFrame(X, schema=NAMES[: X.shape[1]]),
    },
    "image": {
        **ANY,
        "channel axis": lambda X: X[..., None],
        "list": list,
        "objects": objects,
        "series of arrays": lambda X: pd.Series(list(X), index=range(len(X), 2 * len(X))),
    },
    "map": {**ANY, "list": list},
    "tree": {
        **{name: partial(apply, change=form) for name, form in ANY.items()},
        "pairs": lambda X: [(tree.labels, tree.parents) for tree in X],
        "nested lists": lambda X: [(tree.labels.tolist(), tree.parents) for tree in X],
        "objects": objects,
    },
    "graph": {
        **{name: partial(apply, change=form) for name, form in ANY.items()},
        "pairs": lambda X: [(graph.adjacency, graph.labels) for graph in X],
        "sparse": lambda X: [(sparse.csr_array(graph.adjacency), graph.labels) for graph in X],
    },
    "word": {
        "tuple": tuple,
        "objects": objects,
        "array": np.array,
        "series": pd.Series,
        "symbols in lists": lambda X: [list(x) for x in X],
        "symbols in arrays": lambda X: [np.array(list(x)) for x in X],
        "numbers": lambda X: [[ord(symbol) for symbol in x] for x in X],
    },
    "row": {
        **ANY,
        "lists": lambda X: X.tolist(),
        "frame": frame,
        "polars": lambda X: pl.DataFrame(X, schema=NAMES[: X.shape[1]]),
    },
}
PAIRS = [(name, form) for name, entry in ENTRIES.items() for form in FORMS[entry.sample]]


@pytest.mark.parametrize(("name", "form"), PAIRS)
def test_a_form_changes_no_answer(name, form):
    entry = ENTRIES[name]
    X, y = data(entry)
    want = answers(entry.make().fit(X, y), X)
    form = FORMS[entry.sample][form]
    if entry.target is not None:
        y = pd.Series(y) if form is frame else y
    found = answers(entry.make().fit(form(X), y), form(X))
    found, want = (
        {method: [np.concatenate([np.ravel(a) for a in arrays])] for method, arrays in one.items()}
        for one in (found, want)
    )
    assert_same(found, want, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("form", [pd.Series, lambda x: pl.Series("a", x)])
@pytest.mark.parametrize("name", [n for n, e in ENTRIES.items() if e.sample == "step"])
def test_a_series_is_a_column(name, form):
    entry = ENTRIES[name]
    X, y = data(entry)
    want = answers(entry.make().fit(X[:, :1], y), X[:, :1])
    found = answers(entry.make().fit(form(X[:, 0]), y), form(X[:, 0]))
    for one in (found, want):
        one.update({method: [np.ravel(a) for a in arrays] for method, arrays in one.items()})
    assert_same(found, want)


def _estimator(entry):
    """What an estimator runs, where a search would tell of its errors in words of its own."""
    return getattr(entry.make(), "estimator", entry.make())


@pytest.mark.parametrize(
    "name", [n for n, e in ENTRIES.items() if e.target not in (None, "sequence", "word")]
)
def test_targets_and_weights_behind_a_mask_are_refused(name):
    entry = ENTRIES[name]
    X, y = data(entry)
    fourth = np.arange(len(y)) == 3
    masked = np.broadcast_to(fourth.reshape(-1, *[1] * (np.ndim(y) - 1)), np.shape(y))
    with pytest.raises(ValueError, match="y has masked entries"):
        _estimator(entry).fit(X, np.ma.masked_array(y, masked))
    if has_fit_parameter(entry.make(), "sample_weight"):
        weight = np.ma.masked_array(np.ones(len(y)), fourth)
        with pytest.raises(ValueError, match="sample_weight has masked entries"):
            _estimator(entry).fit(X, y, sample_weight=weight)


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.ScalingWarning")
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.float16])
@pytest.mark.parametrize("name", [n for n, e in ENTRIES.items() if e.sample != "word"])
def test_other_numbers_are_those_of_float64(name, dtype):
    entry = ENTRIES[name]
    X, y = data(entry)
    if entry.sample in ("image", "map") and dtype == np.uint8:
        pytest.skip("bytes are shares of 255 there")
    top = 1 if name.partition(",")[0] in ("RBM", "ConvRBM") else 8
    X = apply(X, lambda x: np.round(np.clip(x, 0, 1) * top).astype(dtype))
    wide = apply(X, lambda x: x.astype(np.float64))
    want = answers(entry.make().fit(wide, y), wide)
    found = answers(entry.make().fit(X, y), X)
    assert_same(found, want, rtol=1e-4, atol=2e-3 if dtype == np.float16 else 1e-5)


@pytest.mark.parametrize("name", [n for n, e in ENTRIES.items() if e.sample in ("step", "row")])
def test_columns_in_another_order_are_not_taken_in_silence(name):
    entry = ENTRIES[name]
    X, y = data(entry)
    estimator = entry.make().fit(frame(X), y)
    other = frame(X)[NAMES[: X.shape[1]][::-1]]
    for method in ("transform", "predict"):
        if hasattr(estimator, method):
            with pytest.raises(ValueError, match="feature names"):
                getattr(estimator, method)(other)


@pytest.mark.parametrize("name", [n for n, e in ENTRIES.items() if e.sample == "sequence"])
def test_columns_of_frames_in_lists_are_held_to_those_of_fit(name):
    entry = ENTRIES[name]
    X, y = data(entry)
    frames = [frame(x) for x in X]
    estimator = entry.make().fit(frames, y)
    others = [x[x.columns[::-1]] for x in frames]
    method = "transform" if hasattr(estimator, "transform") else "predict"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="feature names|columns"):
            getattr(estimator, method)(others)


@pytest.mark.parametrize("name", ENTRIES)
def test_in_a_pipeline(name):
    entry = ENTRIES[name]
    X, y = data(entry)
    want = answers(entry.make().fit(X, y), X)
    want.pop("forecast", None)
    assert_same(answers(make_pipeline(entry.make()).fit(X, y), X), want)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
@pytest.mark.parametrize("name", having("set_output"))
def test_frames_come_out_where_they_are_asked_for(name, kind):
    entry = ENTRIES[name]
    X, y = data(entry)
    estimator = entry.make().fit(X, y)
    want = estimator.transform(X)
    with config_context(transform_output=kind):
        found = entry.make().fit(X, y).transform(X)
    np.testing.assert_allclose(np.asarray(found), want)
    if want.ndim == 2:
        found = entry.make().set_output(transform=kind).fit(X, y).transform(X)
        assert type(found).__module__.startswith(kind)
        assert list(found.columns) == list(estimator.get_feature_names_out())
        np.testing.assert_allclose(found, want)


@pytest.mark.parametrize(
    "name", [n for n, e in ENTRIES.items() if e.target is not None and e.sample in ("step", "row")]
)
def test_labels_of_targets_in_another_order_are_told(name):
    entry = ENTRIES[name]
    X, y = data(entry)
    ids = pd.Index([f"row {i}" for i in range(len(X))])
    rows, targets = frame(X).set_axis(ids), pd.Series(y, ids)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        want = answers(entry.make().fit(rows, targets), rows)
    with pytest.warns(ReadingWarning, match=r"y\.reindex\(X\.index\)"):
        entry.make().fit(rows, targets[::-1])
    assert_same(answers(entry.make().fit(rows, targets[::-1].reindex(ids)), rows), want)


DISORDER = {
    "last step first": lambda X: X[::-1],
    "shuffled": lambda X: X.sample(frac=1, random_state=0),
    "one below the other": lambda X: pd.concat([X[: len(X) // 2], X[: len(X) - len(X) // 2]]),
}


@pytest.mark.parametrize("labels", ["dates", "periods", "numbers"])
@pytest.mark.parametrize("how", DISORDER)
@pytest.mark.parametrize("name", [n for n, e in ENTRIES.items() if e.sample == "step"])
def test_steps_in_another_order_than_their_index_are_told(name, how, labels):
    entry = ENTRIES[name]
    X, y = data(entry)
    index = {
        "dates": pd.date_range("2024-01-01", periods=len(X), freq="h"),
        "periods": pd.period_range("2024-01-01", periods=len(X), freq="h"),
        "numbers": pd.RangeIndex(len(X)),
    }[labels]
    rows = frame(X).set_axis(index)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        entry.make().fit(rows, y)
    disorder = "not in order|twice|not evenly spaced"
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        with pytest.raises((ValueError, ReadingWarning), match=disorder):
            entry.make().fit(DISORDER[how](rows), y)


@pytest.mark.parametrize(
    "name", [n for n, e in ENTRIES.items() if e.sample == "sequence" and n != "PerStep"]
)
def test_steps_of_frames_in_lists_are_in_the_order_of_their_index(name):
    entry = ENTRIES[name]
    X, y = data(entry)
    frames = [frame(x).set_axis(pd.date_range("2024", periods=len(x))) for x in X]
    with warnings.catch_warnings():
        warnings.simplefilter("error", ReadingWarning)
        entry.make().fit(frames, y)
    frames[1] = frames[1][::-1]
    with pytest.warns(ReadingWarning, match=r"X\[1\].*not in order"):
        entry.make().fit(frames, y)


NUMBERS_BESIDE = ["ESNRegressor", "ESNForecaster", "RidgeReadout", "RLSReadout", "AttentionReadout"]


@pytest.mark.parametrize("name", NUMBERS_BESIDE)
def test_targets_in_cells_are_columns(name):
    entry = ENTRIES[name]
    X, y = data(entry)
    y = np.random.RandomState(0).randn(len(X)) if y is None else np.asarray(y, dtype=float)
    both = np.column_stack([y, -y])
    want = entry.make().fit(X, both).predict(X)
    for given in (pd.Series(list(both)), list(both), pd.DataFrame(both), pl.DataFrame(both)):
        found = entry.make().fit(X, given).predict(X)
        np.testing.assert_allclose(found, want, rtol=1e-7, atol=1e-9)
