"""Symbols and their numbers."""

import numpy as np
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
        (3, "list of sequences"),
        (np.zeros((2, 3, 4)), "shape"),
        ([[[1], [2, 3]]], "no sequence"),
    ],
)
def test_what_holds_no_symbols_is_refused(X, match):
    with pytest.raises(ValueError, match=match):
        check_symbols(X)


def test_symbols_that_cannot_be_sorted_are_refused():
    with pytest.raises(ValueError, match="sorted"):
        Alphabet.of(check_symbols([np.array([1, "a", None], dtype=object)]))
