"""Every accepted form of a batch, packed and given back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlkit import ESNClassifier, ReservoirFeatures
from dlkit.sequences import pack, step_targets

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
    with pytest.warns(UserWarning, match="ESNForecaster"):
        ReservoirFeatures(5, random_state=0).fit(column)
    with pytest.warns(UserWarning, match="ESNClassifier reads"):
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
    with pytest.raises(ValueError, match="4 time steps, X has 5"):
        step_targets(one, np.zeros(4))
