"""Every accepted form of a batch, packed and given back."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    MiniRocket,
    ReservoirFeatures,
    ReservoirSearchCV,
    ReservoirStates,
)
from dlkit.datasets import load_japanese_vowels, make_lorenz
from dlkit.exceptions import ReadingWarning
from dlkit.sequences import (
    check_sequences,
    from_channels_first,
    from_long,
    from_panel,
    pack,
    step_targets,
    step_weights,
    to_long,
)

rng = np.random.RandomState(0)
RAGGED = [rng.randn(n, 3) for n in (4, 1, 7)]


def assert_same(batch, expected):
    assert len(batch) == len(expected)
    for i, x in enumerate(expected):
        np.testing.assert_array_equal(batch[i], np.asarray(x, float).reshape(len(x), -1))
    np.testing.assert_array_equal(batch.lengths, [len(x) for x in expected])


def object_array(parts):
    X = np.empty(len(parts), dtype=object)
    X[:] = parts
    return X


@pytest.mark.parametrize(
    "make",
    [
        lambda: RAGGED,
        lambda: tuple(RAGGED),
        lambda: object_array(RAGGED),
        lambda: [np.asfortranarray(x) for x in RAGGED],
        lambda: [pd.DataFrame(x, columns=["a", "b", "c"]) for x in RAGGED],
        lambda: [x.tolist() for x in RAGGED],
    ],
    ids=["list", "tuple", "object", "fortran", "frames", "nested"],
)
def test_ragged_forms(make):
    batch = pack(make())
    assert_same(batch, RAGGED)
    assert batch.form == "list"
    for got, x in zip(batch.unpack(), RAGGED, strict=True):
        np.testing.assert_array_equal(got, x)


def test_one_dimensional_members_come_back_one_dimensional():
    parts = [np.arange(3.0), np.arange(5.0)]
    batch = pack(parts)
    assert batch.n_channels == 1
    assert [x.shape for x in batch.unpack()] == [(3,), (5,)]
    assert [x.shape for x in batch.unpack(np.zeros((8, 2)))] == [(3, 2), (5, 2)]
    series = pack([pd.Series(x) for x in parts])
    np.testing.assert_array_equal(series.values, batch.values)


def test_cube_table_and_series():
    cube = rng.randn(5, 6, 2)
    batch = pack(cube)
    assert_same(batch, list(cube))
    assert np.shares_memory(batch.values, cube)
    np.testing.assert_array_equal(batch.unpack(), cube)
    table = rng.randn(5, 6)
    batch = pack(table)
    assert_same(batch, [x[:, None] for x in table])
    assert np.shares_memory(batch.values, table)
    np.testing.assert_array_equal(batch.unpack(), table)
    assert batch.unpack(np.zeros((30, 4))).shape == (5, 6, 4)
    batch = pack(table, rows="steps")
    assert_same(batch, [table])
    assert np.shares_memory(batch.values, table)
    assert batch.unpack(np.zeros(5)).shape == (5,)
    # nested lists of numbers of equal length are one table, as in scikit-learn
    np.testing.assert_array_equal(pack(table.tolist(), rows="steps").values, table)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8, np.float16, bool])
def test_dtypes(dtype):
    parts = [np.ones((3, 2), dtype), np.zeros((2, 2), dtype)]
    for X in (parts, np.ones((2, 3, 2), dtype), np.ones((4, 3), dtype)):
        expected = np.float32 if dtype == np.float32 else np.float64
        assert pack(X).values.dtype == expected
    mixed = [np.ones((3, 2), np.float32), np.ones((3, 2))]
    assert pack(mixed).values.dtype == np.float64


def test_fortran_strided_and_read_only_input():
    cube = rng.randn(4, 5, 3)
    frozen = cube.copy()
    frozen.flags.writeable = False
    for X in (np.asfortranarray(cube), cube[::-1][::-1], frozen):
        batch = pack(X)
        np.testing.assert_array_equal(batch.values, cube.reshape(-1, 3))
        assert batch.values.flags.c_contiguous
    assert np.shares_memory(pack(frozen).values, frozen)
    alone = rng.randn(9, 2)
    assert np.shares_memory(pack([alone]).values, alone)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=8),
    st.integers(1, 3),
    st.sampled_from([np.float32, np.float64]),
)
def test_unpacking_undoes_packing(lengths, n_channels, dtype):
    parts = [rng.randn(n, n_channels).astype(dtype) for n in lengths]
    batch = pack(parts)
    assert batch.values.dtype == dtype
    for got, x in zip(batch.unpack(), parts, strict=True):
        np.testing.assert_array_equal(got, x)


@pytest.mark.parametrize(
    ("X", "match"),
    [
        ([], "empty list"),
        ([np.zeros((3, 2)), np.zeros((0, 2))], "Sequence 1 of X is empty"),
        ([np.zeros((3, 2)), np.zeros((3, 4))], "sequence 0 has 2, sequence 1 has 4"),
        ([np.zeros((3, 2)), np.array([[1.0, np.nan]])], "NaN in sequence 1, step 0"),
        ([np.zeros((3, 2)), np.array([[0, 0], [np.inf, 0]])], "infinity in sequence 1, step 1"),
        (np.array([[0.0, np.nan], [0, 0]]), "NaN in sequence 0, step 1"),
        (np.zeros(4), "1D array"),
        (np.zeros((2, 2, 2, 2)), "4 dimensions"),
        (np.zeros((2, 0, 2)), "every sequence needs a step"),
        (np.zeros((0, 3)), "0 sample"),
        ([np.zeros((2, 2, 2))], "Sequence 0 of X has shape"),
        ([np.array([["a", "b"]])], "Sequence 0 of X is not an array of numbers"),
        (np.array([["a", "b"]]), "could not convert"),
        (["abc", "de"], "could not convert"),
        ([np.array([[1j, 2]])], "Complex"),
        ([[1.0, 2.0], [3.0, None]], "NaN"),
    ],
)
def test_bad_input_is_named(X, match):
    with pytest.raises((ValueError, TypeError), match=match):
        pack(X)


def test_large_finite_values_are_not_taken_for_infinity():
    assert len(pack(np.full((3, 2), 1.5e308))) == 3
    assert len(pack(np.full((3, 2), 3e38, np.float32))) == 3


def test_a_column_of_numbers_is_warned_about():
    column = rng.randn(200, 1)
    with pytest.warns(ReadingWarning, match="ESNForecaster"):
        ReservoirFeatures(5, random_state=0).fit(column)
    with pytest.warns(ReadingWarning, match="ESNClassifier reads"):
        ESNClassifier(5, random_state=0).fit(column, np.arange(200) % 2)
    ReservoirFeatures(5, random_state=0).fit([column])  # one series, said so: no warning


def test_step_targets():
    one = pack(np.zeros((5, 2)), rows="steps")
    np.testing.assert_array_equal(step_targets(one, range(5)), np.arange(5))
    several = pack([np.zeros((2, 1)), np.zeros((3, 1))])
    y = step_targets(several, [["a", "b"], ["c", "a", "b"]])
    assert y.tolist() == ["a", "b", "c", "a", "b"]
    assert step_targets(several, [np.zeros((2, 4)), np.ones((3, 4))]).shape == (5, 4)
    for y, match in [
        ([0, 1], "one target for each of the 2 series"),
        ([[0, 1]], "targets for 1 series, X has 2"),
        ([[0, 1], [0, 1]], "2 time steps in series 1, X has 3"),
        ([np.zeros((2, 2)), np.zeros((3, 3))], "Series 1 of y has shape"),
    ]:
        with pytest.raises(ValueError, match=match):
            step_targets(several, y)
    column = step_targets(one, [np.array([v]) for v in range(5)])
    np.testing.assert_array_equal(column, np.arange(5)[:, None])
    with pytest.raises(ValueError, match="Series 0 of y holds dates"):
        step_targets(one, np.array(["2020", "NaT", "NaT", "NaT", "NaT"], dtype="M8[D]"))
    with pytest.raises(ValueError, match="4 time steps, X has 5"):
        step_targets(one, np.zeros(4))


def test_step_weights():
    several = pack([np.zeros((2, 1)), np.zeros((3, 1))])
    assert step_weights(several, None) is None
    weight = step_weights(several, [[1, 2], [3, 4, 5]])
    assert weight.tolist() == [1, 2, 3, 4, 5]
    assert weight.dtype == float
    for spoiled, match in [
        ([np.ones((2, 1)), np.ones((3, 1))], r"of shape \(5,\), got shape \(5, 1\)"),
        ([[1, 2], [3, -4, 5]], "must not be negative"),
        ([[1, 2], [3, np.nan, 5]], "sample_weight contains NaN"),
        ([[1, 2], [3, 4]], "sample_weight has 2 time steps"),
        ([["a", "b"], ["c", "a", "b"]], "must hold real numbers"),
    ]:
        with pytest.raises(ValueError, match=match):
            step_weights(several, spoiled)


# forms that hold many sequences

DAYS = pd.date_range("2020", periods=3)


def panel_of(parts):
    names = ["a", "b", "c"]
    return pd.concat([pd.DataFrame(x, columns=names) for x in parts], keys=range(len(parts)))


def cells_of(parts):
    cells = np.empty((len(parts), 3), dtype=object)
    for i, x in enumerate(parts):
        for k in range(3):
            cells[i, k] = pd.Series(x[:, k])
    return cells


@pytest.mark.parametrize(
    "make",
    [
        lambda: pd.Series(RAGGED, index=list("xyz")),
        lambda: cells_of(RAGGED),
        lambda: pd.DataFrame(cells_of(RAGGED), columns=["a", "b", "c"]),
        lambda: pd.Series([pd.DataFrame(x) for x in RAGGED]),
    ],
    ids=["Series", "cells", "nested frame", "Series of frames"],
)
@pytest.mark.parametrize("rows", ["sequences", "steps"])
def test_tables_of_sequences_are_read_as_lists(make, rows):
    assert_same(pack(make(), rows=rows), RAGGED)
    want = ReservoirFeatures(5, random_state=0).fit_transform(RAGGED)
    got = ReservoirFeatures(5, random_state=0).fit_transform(make())
    np.testing.assert_array_equal(got, want)
    many = [*RAGGED, *RAGGED[::-1]]  # a long nested frame is no table of channels
    ReservoirFeatures(5, random_state=0).fit(pd.DataFrame(cells_of(many), columns=list("abc")))
    for one, x in zip(
        ReservoirStates(5, random_state=0).fit_transform(make()),
        ReservoirStates(5, random_state=0).fit_transform(RAGGED),
        strict=True,
    ):
        np.testing.assert_array_equal(one, x)


@pytest.mark.parametrize(
    ("X", "match"),
    [
        (
            panel_of(RAGGED),
            r"index of 2 levels.*hand over.*from_panel\(X\)",
        ),
        (panel_of(RAGGED)["a"], r"from_panel\(X\)"),
        (panel_of(RAGGED).reset_index().groupby("level_0"), r"is a groupby.*from_long\(df, id="),
        ({"a": RAGGED[0]}, r"of type dict: hand over list\(X.values\(\)\)"),
        ((x for x in RAGGED), r"of type generator: hand over list\(X\)"),
        (
            pd.DataFrame({"day": pd.date_range("2020", periods=3), "u": 1.0}),
            r"\['day'\] of X hold d",
        ),
        (
            pd.DataFrame({"day": pd.date_range("2020", periods=3)}),
            r"Columns \['day'\] of X hold dat",
        ),
        (
            pd.DataFrame({"who": list("aab"), "u": 1.0}),
            r"Columns \['who'\] of X hold what is no num",
        ),
        ([pd.DataFrame({"d": DAYS})], r"\['d'\] of X\[0\] hold dates"),
        ([pd.DataFrame({"d": list("abc")})], r"Columns \['d'\] of X\[0\] hold what is no number"),
        (np.array([["2020-01-01", "NaT"]], dtype="M8[D]"), "X holds dates"),
        ([np.array(["NaT"], dtype="m8[s]")], r"X\[0\] holds spans of time"),
        (pd.DataFrame({"n": [object()]}), r"Columns \['n'\] of X hold what is no number"),
        (
            pd.DataFrame(np.ones((3, 2)), columns=["a", "a"]),
            r"X has columns of the same name: \['a",
        ),
        (np.ma.masked_greater([[1.0, 2.0]], 1.5), "X has masked entries"),
        ([np.ma.masked_greater([1.0, 2.0], 1.5)], r"X\[0\] has masked entries"),
        (np.array([[pd.NaT, 1.0]], dtype=object), "X cannot be taken.*NaTType"),
        (None, "X cannot be taken: Expected 2D array"),
        ([[np.zeros(3), np.zeros(3)], [np.zeros(2), np.zeros(2)]], "X holds lists of several len"),
        ([np.zeros((2, 5)), np.zeros((2, 3))], r"All have 2 rows.*from_channels_first\(X\)"),
        (np.zeros(5), r"Expected 2D array(.|\n)*X.reshape\(-1, 1\).*in a batch of one, \[X\]"),
    ],
)
@pytest.mark.parametrize("rows", ["sequences", "steps"])
def test_other_forms_name_what_reads_them(X, match, rows):
    with pytest.raises((ValueError, TypeError), match=match):
        pack(X, rows=rows)


def test_a_series_of_numbers_is_one_series_and_no_batch():
    series = pd.Series([1.0, 2.0])
    with pytest.raises(ValueError, match=r"2-dimensional(.|\n)*X.to_frame\(\) to a step-level"):
        pack(series)
    assert_same(pack(series, rows="steps"), [[1.0, 2.0]])


def test_columns_of_several_levels():
    panel = panel_of([x[:4] for x in (RAGGED[0], RAGGED[2])])
    wide = panel.unstack()
    with pytest.raises(ValueError, match=r"columns of 2 levels.*from_panel\(X.stack\(\)\)"):
        pack(wide)
    assert_same(pack(from_panel(wide.stack())), [x[:4] for x in (RAGGED[0], RAGGED[2])])
    prices = pd.DataFrame(RAGGED[2], columns=pd.MultiIndex.from_product([["price"], list("abc")]))
    assert_same(pack(prices, rows="steps"), RAGGED[2:])


def test_converters_read_what_is_refused():
    panel = panel_of(RAGGED)
    assert_same(pack(from_panel(panel)), RAGGED)
    panel.index.names = ["who", "when"]
    long = panel.reset_index()
    assert_same(pack(from_long(long, id="who", time="when")), RAGGED)
    assert_same(pack(from_channels_first([x.T for x in RAGGED])), RAGGED)


def test_frames_of_a_list_have_the_same_columns():
    frames = [pd.DataFrame(x, columns=["a", "b", "c"]) for x in RAGGED]
    other = [*frames[:2], frames[2][["c", "b", "a"]]]
    with pytest.raises(ValueError, match=r"Sequence 2 of X has the columns \['c', 'b', 'a'\]"):
        pack(other)
    assert_same(pack([x[list(other[0].columns)] for x in other]), RAGGED)


@pytest.mark.parametrize("make", [ReservoirFeatures, ReservoirStates, MiniRocket])
def test_names_of_channels_are_kept_and_checked(make):
    frames = [pd.DataFrame(x, columns=["a", "b", "c"]) for x in (*RAGGED, rng.randn(12, 3))]
    size = {"n_kernels": 84} if make is MiniRocket else {"n_units": 5}
    model = make(**size, random_state=0).fit(frames)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    model.transform(frames)
    with pytest.raises(ValueError, match="feature names should match"):
        model.transform([x[["b", "a", "c"]] for x in frames])
    with pytest.raises(ValueError, match="feature names should match"):
        model.transform(pd.Series([x.rename(columns={"a": "d"}) for x in frames]))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.transform([x.to_numpy() for x in frames])
    model.fit([x.to_numpy() for x in frames])
    assert not hasattr(model, "feature_names_in_")
    with pytest.warns(UserWarning, match="fitted without feature names"):
        model.transform(frames)


def test_names_of_one_series_are_those_of_several():
    frames = [pd.DataFrame(x, columns=["a", "b", "c"]) for x in RAGGED]
    for first, second in ((frames, frames[0]), (frames[0], frames)):
        model = ReservoirStates(5, random_state=0).fit(first)
        model.transform(second)
        swap = ["c", "a", "b"]
        other = second[swap] if second is frames[0] else [x[swap] for x in second]
        with pytest.raises(ValueError, match="feature names should match"):
            model.transform(other)


# readings that are not the likeliest


def waves(n, t, c, seed=0):
    """Sequences of smooth channels, each of its own frequency."""
    r = np.random.RandomState(seed)
    phase, speed = r.uniform(0, 6, (n, 1, c)), r.uniform(0.1, 0.5, (n, 1, c))
    return np.sin(phase + speed * np.arange(t)[:, None]) + 0.1 * r.randn(n, t, c)


@pytest.mark.parametrize(("t", "c"), [(100, 1), (100, 2), (20, 2), (60, 3), (90, 6), (40, 12)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("form", [np.asarray, list, lambda X: [pd.DataFrame(x) for x in X]])
def test_channels_first_are_warned_about(t, c, dtype, form):
    right = (waves(10, t, c) + 0.3 * rng.randn(10, t, c)).astype(dtype)
    wrong = np.ascontiguousarray(from_channels_first(right))
    with pytest.warns(ReadingWarning, match=r"from_channels_first\(X\).*simplefilter"):
        ReservoirFeatures(5, random_state=0).fit(form(wrong))
    ReservoirFeatures(5, random_state=0).fit(form(right))


def test_a_series_with_its_channels_first_is_warned_about():
    series = waves(1, 500, 3)[0]
    with pytest.warns(ReadingWarning, match=r"one series of 3 steps and 500.*hand over X.T"):
        ReservoirStates(5, random_state=0).fit(series.T)
    ReservoirStates(5, random_state=0).fit(series)
    model = ESNForecaster(5, random_state=0, scaling=None).fit(series)
    with pytest.raises(ValueError, match=r"expecting 3 features.*hand over X.T"):
        model.predict(series.T)


def test_one_sequence_is_no_batch():
    X, y = waves(8, 30, 2), np.arange(8) % 2
    model = ESNClassifier(5, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"fitted with 2. If X is one sequence, .*: \[X\]"):
        model.predict(X[0])
    with pytest.raises(ValueError, match=r"fitted with 2.*from_channels_first\(X\)"):
        model.predict(from_channels_first(X))
    assert model.predict([X[0]]) == model.predict(X)[0]
    table = ESNClassifier(5, random_state=0).fit(X[:, :, 0], y)
    for one in (X[0, :, :1], pd.DataFrame(X[0, :, :1])):
        with pytest.raises(ValueError, match=r"expecting 30 features.* If X is one seq.*: \[X\]"):
            table.predict(one)
    with pytest.raises(ValueError, match=r"in a batch of one, \[X\]"):
        table.predict(X[0, :, 0])
    assert table.predict([X[0, :, :1]]) == table.predict(X[:, :, 0])[0]
    single = ESNClassifier(5, random_state=0).fit(X[:, :, :1], y)
    with pytest.warns(ReadingWarning, match=r"30 rows of one number.*hand over \[X\]"):
        single.predict(X[0, :, :1])


def test_rows_that_are_steps_are_warned_about():
    smooth = np.cumsum(waves(1, 400, 8)[0] * np.logspace(-2, 2, 8), axis=0)
    names = pd.DataFrame(rng.randn(400, 3), columns=["acc_x", "acc_y", "acc_z"])
    with pytest.warns(ReadingWarning, match=r"400 one-channel sequences.*row for each step"):
        check_sequences(BaseEstimator(), smooth, reset=True)
    with pytest.warns(ReadingWarning, match="column for each channel"):
        check_sequences(BaseEstimator(), names, reset=True)
    for X in (smooth, names):
        check_sequences(BaseEstimator(), X, reset=True, rows="steps")


def test_long_tables_are_warned_about():
    df = to_long(waves(10, 40, 2), id="subject", time="t")
    with pytest.warns(ReadingWarning, match=r"from_long\(X, id='subject', time='t'\)"):
        ESNClassifier(5, random_state=0).fit(df, np.repeat(np.arange(10) % 2, 40))
    with pytest.warns(ReadingWarning, match=r"one series of 400 steps and 4 channels.*from_long"):
        ESNForecaster(5, random_state=0, scaling=None).fit(df)
    ESNForecaster(5, random_state=0, scaling=None).fit(from_long(df, id="subject", time="t"))


def test_nested_lists_mean_the_same_whatever_their_lengths():
    a, b, c = [1.0, 2, 3, 4, 5, 6], [2.0, 1, 2, 1, 2, 1], [3.0, 2, 1, 3, 2, 1]
    with pytest.raises(ValueError, match=r"list of lists of numbers.*np.array\(x\) for x in X"):
        ESNForecaster(5, random_state=0, scaling=None).fit([a, b, [*c, 3.0]])
    with pytest.warns(ReadingWarning, match=r"3 steps and 6 chan.*3 series of one channel"):
        ESNForecaster(5, random_state=0, scaling=None).fit([a, b, c])
    model = ESNForecaster(5, random_state=0, scaling=None).fit([np.array(x) for x in (a, b, c)])
    assert np.shape(model.forecast(2)) == (3, 2)
    assert len(pack([a, b, c])) == len(pack([a, b, [*c, 3.0]])) == 3


ORDINARY = {
    "noise": lambda r: r.randn(30, 20, 3),
    "random walks": lambda r: np.cumsum(r.randn(30, 50, 4), axis=1),
    "short and wide": lambda r: r.randn(40, 8, 300),
    "waves": lambda r: waves(30, 40, 5),
    "short waves of many channels": lambda r: waves(30, 10, 40),
    "spectrograms": lambda r: np.exp(np.cumsum(np.cumsum(r.randn(20, 15, 64), 1), 2) / 60),
    "slow spectra": lambda r: np.cumsum(np.cumsum(r.randn(10, 10, 200), 1), 2),
    "common mode": lambda r: r.randn(20, 20, 1) + 0.2 * r.randn(20, 20, 64),
    "slow common mode": lambda r: np.cumsum(r.randn(20, 20, 1), 1) + 0.2 * r.randn(20, 20, 64),
    "one-hot letters": lambda r: np.eye(30)[r.randint(0, 30, (50, 12))],
    "counts": lambda r: r.poisson(2.0, (50, 12, 24)).astype(float),
    "offsets": lambda r: r.randn(30, 20, 40) + 1e3 * np.arange(40),
    "constant": lambda r: np.ones((20, 5, 20)),
    "table of noise": lambda r: r.randn(200, 12),
    "table of walks": lambda r: np.cumsum(r.randn(200, 24), axis=1),
    "table of waves, sorted by class": lambda r: waves(200, 30, 1)[np.argsort(r.rand(200))][..., 0],
    "table sorted by level": lambda r: np.sort(r.randn(200, 1), axis=0) * 9 + r.randn(200, 10),
    "sliding windows": lambda r: np.lib.stride_tricks.sliding_window_view(
        np.sin(np.arange(300) / 5) + 0.1 * r.randn(300), 20
    ),
    "windows of a walk": lambda r: np.lib.stride_tricks.sliding_window_view(
        np.cumsum(r.randn(300)), 10
    ),
    "days of hours": lambda r: pd.DataFrame(
        np.cumsum(r.randn(90, 24), axis=1), index=pd.date_range("2020", periods=90)
    ),
    "years of months": lambda r: pd.DataFrame(
        r.randn(50, 3), columns=["January", "February", "March"]
    ),
    "vowels": lambda r: load_japanese_vowels(subset="train", return_X_y=True)[0],
    "Lorenz": lambda r: list(make_lorenz(300, random_state=0).reshape(10, 30, 3)),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_data_give_no_warning(name):
    X = ORDINARY[name](np.random.RandomState(0))
    check_sequences(BaseEstimator(), X, reset=True)  # warnings are errors
    if isinstance(X, np.ndarray) and X.ndim == 3:
        check_sequences(BaseEstimator(), X[0], reset=True, rows="steps")
        check_sequences(BaseEstimator(), list(X), reset=True, rows="steps")


def test_a_search_warns_once_of_a_reading():
    X, y = rng.randn(40, 1, 100), np.arange(40) % 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")  # as outside tests
        ReservoirSearchCV(ESNClassifier(5, random_state=0), {"alpha": [0.1, 1.0]}, cv=4).fit(X, y)
    assert [one.category for one in caught] == [ReadingWarning]


def test_targets_behind_a_mask_are_refused():
    X = waves(2, 9, 1)
    for y in ([np.ma.masked_array(np.arange(9), np.arange(9) == 3)] * 2, np.ma.masked_less(X, 0)):
        with pytest.raises(ValueError, match="y has masked entries"):
            step_targets(pack(X), y)
    whole = np.ma.masked_array(np.zeros((2, 9)), mask=np.zeros((2, 9), dtype=bool))
    assert step_targets(pack(X), whole).shape == (18,)
