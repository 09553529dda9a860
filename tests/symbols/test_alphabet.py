"""Symbols and their numbers."""

import numpy as np
import pandas as pd
import pytest

from dlkit.symbols._alphabet import Alphabet, check_symbols


@pytest.mark.parametrize(
    ("sequences", "symbols"),
    [
        (["banana", "bé☃𝄞"], ["a", "b", "n", "é", "☃", "𝄞"]),
        (["a\ud800"], ["a", "\ud800"]),
        ([[3, 1, 3], np.array([7, 1])], [1, 3, 7]),
        ([["AH", "B"], ["B", "AH", "K"]], ["AH", "B", "K"]),
        ([np.array([1.0, 2.0]), [2]], [1, 2]),
        ([[("C", 4), ("E", 4)], [("C", 4)]], [("C", 4), ("E", 4)]),
        ([(1, 2), (2,)], [1, 2]),
    ],
)
def test_numbers_lead_back_to_symbols(sequences, symbols):
    checked = check_symbols(sequences)
    alphabet = Alphabet.of(checked)
    assert alphabet.symbols.tolist() == symbols
    for one, given in zip(checked, sequences, strict=True):
        numbers = alphabet.encode(one, "X")
        assert numbers.tolist() == [symbols.index(s) for s in given]
        assert list(alphabet.decode(numbers)) == list(given)
    assert isinstance(alphabet.decode(numbers), str) == isinstance(sequences[0], str)


def test_unknown_symbols_are_named_or_marked():
    text = Alphabet.of(["abc"])
    with pytest.raises(ValueError, match="the symbol 'x' at step 1"):
        text.encode("axb", "X")
    assert text.encode("axb", "X", "ignore").tolist() == [0, -1, 1]
    numbers = Alphabet.of(check_symbols([[1, 5]]))
    assert numbers.encode(np.array([5, 2]), "X", "ignore").tolist() == [1, -1]
    with pytest.raises(ValueError, match="fit had strings"):
        text.encode(np.array([1]), "X")


@pytest.mark.parametrize(
    ("X", "match"),
    [
        ("banana", r"\[X\]"),
        ([], "X is empty"),
        (["ab", ""], "Sequence 1 of X is empty"),
        (["ab", [1, 2]], "unlike sequence 0"),
        ([[1, 2], "ab"], "unlike sequence 0"),
        ([[0.5, 1.0]], "not whole"),
        ([np.zeros((3, 2))], 'output="gaussian"'),
        (3, "list of strings"),
        (np.zeros((2, 3, 4)), "shape"),
        ([[[1], [2, 3]]], "no sequence"),
        ([1, 2, 3], r"Sequence 0 of X is 1, a single symbol.*\[X\]"),
        (np.array([1, 2]), "a single symbol"),
        ([b"ab"], "bytes"),
        (["ab", None], "Sequence 1 of X is missing"),
        (["ab", float("nan")], "Sequence 1 of X is missing"),
        ([[1.0, np.nan]], "missing"),
        ([[1, "a"]], "one type"),
        ((word for word in ["ab"]), r"generator: hand over list\(X\)"),
        ({"ab"}, "got set"),
        (None, "got NoneType"),
        (np.array([["ab"], ["b"]]), r"X\[:, 0\]"),
        (np.array([["ab"], ["b"]], dtype=object), r"X\[:, 0\]"),
        ([np.ma.masked_array([1, 2], [0, 1])], "masked"),
        (pd.DataFrame({"word": ["ab"]}), r"X\['word'\]"),
    ],
)
def test_what_holds_no_symbols_is_refused(X, match):
    with pytest.raises(ValueError, match=match):
        check_symbols(X)


@pytest.mark.parametrize(
    "X",
    [pd.Series(["ab", "b"], index=[7, 9]), np.array(["ab", "b"]), np.array(["ab", "b"], object)],
)
def test_strings_come_in_many_lists(X):
    assert check_symbols(X) == ["ab", "b"]
    assert check_symbols(X[:0], fewest=0) == []


def test_empty_sequences_are_taken_where_they_may_be():
    assert check_symbols(["ab", ""], shortest=0) == ["ab", ""]
    assert Alphabet.of(["", "a"]).encode("", "X").tolist() == []


def test_symbols_that_cannot_be_sorted_are_refused():
    with pytest.raises(ValueError, match="sorted"):
        Alphabet.of(check_symbols([np.array([1, "a", None], dtype=object)]))
