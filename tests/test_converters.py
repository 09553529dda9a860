"""Converters of tables, panels and nested frames that hold many sequences, there and back."""

from importlib import import_module

import numpy as np
import pandas as pd
import polars as pl
import pytest

from dlkit import _frames
from dlkit.exceptions import ReadingWarning
from dlkit.sequences import (
    from_channels_first,
    from_long,
    from_nested,
    from_panel,
    pack,
    to_long,
    to_panel,
)

rng = np.random.RandomState(0)
PARTS = [rng.randn(n, 2) for n in (4, 1, 6)]
FRAMES = [pd.DataFrame(x, columns=["a", "b"]) for x in PARTS]
LONG = pd.concat([f.assign(id=i, t=range(len(f))) for i, f in zip("zxy", FRAMES, strict=True)])


def assert_same(got, parts=PARTS):
    assert len(got) == len(parts)
    for one, x in zip(got, parts, strict=True):
        np.testing.assert_array_equal(np.asarray(one), x)


def test_a_long_table_in_any_order_of_rows():
    for df in (
        LONG,
        LONG.sample(frac=1, random_state=0).sort_values("id", key=lambda c: -c.map(ord)),
    ):
        X = from_long(df, id="id", time="t")
        order = [list("zxy").index(i) for i in df["id"].unique()]
        assert_same(X, [PARTS[k] for k in order])
        assert all(list(x.columns) == ["a", "b"] and x.index.name == "t" for x in X)
    assert_same(from_long(LONG.drop(columns="t"), id="id", time=None))
    twice = LONG.assign(day=0)
    assert_same(from_long(twice, id=["id", "day"], time="t"))


def test_targets_of_a_long_table():
    df = LONG.assign(label=LONG["id"].map({"z": 3, "x": 1, "y": 3}))
    X, y = from_long(df, id="id", time="t", target="label")
    assert_same(X)
    assert y.tolist() == [3, 1, 3]
    with pytest.raises(ValueError, match="target: sequence 0 of df has several values of 't'"):
        from_long(df, time=None, target="t")


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        (lambda df: df, {"id": "nr"}, r"no column 'nr', it has \['a', 'b', 'id', 't'\]"),
        (lambda df: df, {"id": "id", "time": "when"}, "no column 'when'"),
        (lambda df: df.assign(t=0), {"id": "id", "time": "t"}, "two rows of sequence 0"),
        (
            lambda df: df.replace({"id": {"x": None}}),
            {"time": None},
            "id: rows of df have no value",
        ),
    ],
)
def test_long_tables_that_cannot_be_read(change, options, match):
    with pytest.raises(ValueError, match=match):
        from_long(change(LONG), **options)


def test_panels_there_and_back():
    panel = to_panel(FRAMES)
    assert panel.index.names == ["sequence", "time"]
    assert_same(from_panel(panel))
    shuffled = panel.sample(frac=1, random_state=1).sort_index(level=0, sort_remaining=False)
    assert_same(from_panel(shuffled))
    assert_same(from_panel(to_panel([x[:, 0] for x in PARTS])["c0"]), [x[:, :1] for x in PARTS])
    three = pd.concat([panel], keys=["site"])
    assert_same(from_panel(three))
    with pytest.raises(ValueError, match="MultiIndex of at least two levels"):
        from_panel(FRAMES[0])


def test_long_tables_there_and_back():
    df = to_long(PARTS, id="nr", time="step")
    assert list(df.columns) == ["nr", "step", "c0", "c1"]
    assert_same(from_long(df, id="nr", time="step"))
    cube = rng.randn(3, 5, 2)
    assert_same(from_long(to_long(cube)), cube)
    X = from_panel(to_panel(cube, ["u", "v"]))
    assert_same(X, cube)
    assert list(X[0].columns) == list(from_long(to_long(cube, ["u", "v"]))[0].columns) == ["u", "v"]


def test_channels_first():
    cube = rng.randn(4, 2, 7)
    assert_same(from_channels_first(cube), [x.T for x in cube])
    assert np.shares_memory(from_channels_first(cube), cube)
    np.testing.assert_array_equal(from_channels_first(from_channels_first(cube)), cube)
    assert_same(from_channels_first([x.T for x in PARTS]))
    assert_same(from_channels_first([x.T.tolist() for x in PARTS]))
    np.testing.assert_array_equal(from_channels_first(cube[0]), cube[0].T)
    with pytest.raises(ValueError, match="got \\(3,\\)"):
        from_channels_first(np.zeros(3))


@pytest.mark.parametrize("cell", [pd.Series, np.asarray, list])
def test_nested_tables(cell):
    frame = pd.DataFrame({c: [cell(x[:, k]) for x in PARTS] for k, c in enumerate("ab")})
    assert _frames.is_nested(frame)
    X = from_nested(frame)
    assert_same(X)
    assert list(X[0].columns) == ["a", "b"]
    cells = np.empty((3, 2), dtype=object)
    for i, x in enumerate(PARTS):
        for k in range(2):
            cells[i, k] = cell(x[:, k])
    assert _frames.is_nested(cells)
    assert_same(from_nested(cells))
    assert_same(list(pack(cells).unpack()))
    frame.at[2, "b"] = cell([1.0])
    with pytest.raises(ValueError, match=r"Sequence 2 of X has channels of the lengths \[6, 1\]"):
        from_nested(frame)


def test_channels_of_other_times_are_told(recwarn):
    a, b = pd.Series([1.0, 2.0], [5, 6]), pd.Series([3.0, 4.0], [5, 6])
    from_nested(pd.DataFrame({"a": [a], "b": [b]}))
    assert not recwarn
    with pytest.warns(ReadingWarning, match="step 0 is 5 in one and 6 in another.*pd.concat"):
        from_nested(pd.DataFrame({"a": [a], "b": [b.set_axis([6, 7])]}))


def test_polars():
    pl = import_module("polars")
    df = pl.DataFrame({c: LONG[c].to_list() for c in LONG.columns})
    X = from_long(df, id="id", time="t")
    assert_same(X)
    assert X[0].columns == ["a", "b"]
    assert_same(from_panel(to_panel(X)))
    with pytest.raises(ValueError, match=r"Columns \['day'\] of X hold dates"):
        pack(X[0].with_columns(day=pl.date(2020, 1, 1)))


@pytest.mark.parametrize("convert", [from_long, from_panel, from_nested, from_channels_first])
@pytest.mark.parametrize("thing", [None, 3, "a", {"a": 1}, np.zeros(3), object()])
def test_converters_name_what_they_cannot_take(convert, thing):
    with pytest.raises((ValueError, TypeError), match=r"\b(df|panel|X)\b"):
        convert(thing)


@pytest.mark.parametrize("convert", [to_panel, to_long])
@pytest.mark.parametrize("thing", [None, 3, [], [1.0, 2.0], {"a": 1}, "abc", [[1.0], None]])
def test_converters_back_name_what_they_cannot_take(convert, thing):
    with pytest.raises((ValueError, TypeError), match=r"\bX\b"):
        convert(thing)


ROWS = pd.DataFrame({"id": list("bbaa"), "t": [2, 1, 1, 2], "u": [2.0, 1.0, 3.0, 4.0]})


@pytest.mark.parametrize(
    "times",
    [["2024-02", "2024-01", "2024-01", "2024-02"], ["02", "01", "01", "02"],
     pd.Categorical(["feb", "jan", "jan", "feb"], ["jan", "feb"], ordered=True),
     pd.array([2, 1, 1, 2], dtype="UInt8"), pd.to_datetime(["2024", "2023", "2023", "2024"])],
)  # fmt: skip
def test_times_that_are_sorted_as_they_are(times):
    for table in (ROWS.assign(t=times), ROWS.assign(t=times, id=pd.Categorical(ROWS["id"]))):
        assert [x["u"].tolist() for x in from_long(table, time="t")] == [[1.0, 2.0], [3.0, 4.0]]
        panel = from_panel(table.set_index(["id", "t"]))
        assert [x["u"].tolist() for x in panel] == [[1.0, 2.0], [3.0, 4.0]]


def test_times_of_polars_enums():
    table = pl.DataFrame(ROWS.assign(t=["feb", "jan", "jan", "feb"]).to_dict("list"))
    table = table.with_columns(pl.col("t").cast(pl.Enum(["jan", "feb"])))
    assert [x["u"].to_list() for x in from_long(table, time="t")] == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"t": ["10", "9", "1", "2"]}, "holds text, '10' the first"),
        ({"t": ["t2", "t10", "t1", "t2"]}, "holds text, 't2' the first"),
        ({"t": ["01/02/24", "02/01/24", "01/02/24", "02/01/24"]}, "holds text"),
        ({"t": [2, np.nan, 1, 2]}, "no value in row 1"),
        ({"t": pd.to_datetime(["2024", None, "2024", "2025"])}, "no value in row 1"),
        ({"t": pd.array([2, None, 1, 2], dtype="Int64")}, "no value in row 1"),
    ],
)
def test_times_that_cannot_be_sorted_are_refused(change, match):
    table = ROWS.assign(**change)
    with pytest.raises(ValueError, match=f"time: df.'t'.*{match}"):
        from_long(table, time="t")
    with pytest.raises(ValueError, match=f"last level of the index of panel.*{match}"):
        from_panel(table.set_index(["id", "t"]))


def test_times_of_polars_that_cannot_be_sorted():
    table = pl.DataFrame(ROWS.to_dict("list"))
    with pytest.raises(ValueError, match="time: df.'t'.*holds text, '10' the first"):
        from_long(table.with_columns(t=pl.Series(["10", "9", "1", "2"])), time="t")
    for times in ([2, None, 1, 2], [2.0, np.nan, 1.0, 2.0]):
        with pytest.raises(ValueError, match="time: df.'t'.*no value in row 1"):
            from_long(table.with_columns(t=pl.Series(times)), time="t")


def test_rows_of_no_sequence_and_rows_that_come_twice():
    lost = ROWS.assign(id=["b", None, "a", "a"])
    for table in (lost, pl.DataFrame(ROWS.to_dict("list") | {"id": ["b", None, "a", "a"]})):
        with pytest.raises(ValueError, match="df have no value in 'id'"):
            from_long(table, time="t")
    with pytest.raises(ValueError, match="panel has rows without a label in level 0"):
        from_panel(lost.set_index(["id", "t"]))
    with pytest.raises(ValueError, match=r"panel has two rows labelled \('b', .*2"):
        from_panel(ROWS.assign(t=[2, 2, 1, 2]).set_index(["id", "t"]))
    with pytest.raises(ValueError, match=r"df has columns of the same name: \['u'\]"):
        from_long(pd.concat([ROWS, ROWS[["u"]]], axis=1), time="t")
    with pytest.warns(ReadingWarning, match=r"'id' says .*: then hand over panel.swaplevel\(\)"):
        from_panel(ROWS.assign(id=[1, 1, 2, 2]).set_index(["t", "id"]))


def test_tables_have_the_same_channels_in_all_sequences():
    with pytest.raises(ValueError, match=r"Sequence 1 of X has the columns \['b'\]"):
        to_panel([pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]})])
    with pytest.raises(ValueError, match=r"Sequence 1 of X has the channels \['c0', 'c1'\]"):
        to_long([np.zeros((2, 1)), np.zeros((2, 2))])
    assert to_panel(pd.DataFrame(np.arange(6.0).reshape(2, 3)))["c0"].tolist() == list(range(6))
    masked = np.ma.masked_array(np.ones((2, 3)), np.eye(2, 3, dtype=bool))
    for X in (masked, list(masked)):
        with pytest.raises(ValueError, match=r"X(\[0\])? has masked entries"):
            to_long(X)
