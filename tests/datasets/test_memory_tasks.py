"""Tasks for explicit memory, against their own definitions."""

import numpy as np
import pytest

from dlkit import datasets
from dlkit.datasets import (
    make_associative_recall,
    make_copy,
    make_latch,
    make_regular_language,
    make_repeat_copy,
)

MAKERS = [
    make_latch, make_copy, make_repeat_copy, make_associative_recall, make_regular_language,
]  # fmt: skip


@pytest.mark.parametrize("make", MAKERS)
def test_seed_gives_the_sequences(make):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = (make(6, random_state=seed) for seed in (3, 3, 4))
    for one, same in zip(first, again, strict=True):
        assert len(one) == 6
        assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first[0], other[0], strict=True))
    assert all(len(x) == len(target) for x, target in zip(*first, strict=True))
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_a_latch_flips_at_spikes():
    X, y = make_latch(5, 30, n_spikes=4, random_state=0)
    for x, target in zip(X, y, strict=True):
        assert x.sum() == 4
        held = 0
        for spike, told in zip(x[:, 0], target[:, 0], strict=True):
            held = 1 - held if spike else held
            assert told == held


def test_copies_follow_each_mark():
    for x, target in zip(*make_copy(20, n_bits=3, max_length=5, random_state=0), strict=True):
        (mark,) = np.flatnonzero(x[:, 3])
        np.testing.assert_array_equal(target[mark + 1 :], x[:mark, :3])
        assert not target[: mark + 1].any()
        assert not x[mark + 1 :].any()
    repeats = set()
    for x, target in zip(*make_repeat_copy(30, n_bits=3, random_state=0), strict=True):
        marks = np.flatnonzero(x[:, 3])
        n = marks[0]
        assert len(x) == n + len(marks) * (n + 1)
        repeats.add(len(marks))
        for mark in marks:
            np.testing.assert_array_equal(target[mark + 1 : mark + 1 + n], x[:n, :3])
    assert max(repeats) <= 10
    assert len(repeats) > 5


def test_the_item_after_the_one_asked_for_is_told():
    X, y = make_associative_recall(30, n_bits=4, item_length=2, random_state=0)
    for x, target in zip(X, y, strict=True):
        marks, (ask, end) = np.flatnonzero(x[:, 4]), np.flatnonzero(x[:, 5])
        items = [x[m + 1 : m + 3, :4].tolist() for m in marks]
        asked = items.index(x[ask + 1 : end, :4].tolist())
        assert target[end + 1 :].tolist() == items[asked + 1]
        assert not target[: end + 1].any()
        assert len({str(item) for item in items}) == len(items)


@pytest.mark.parametrize(
    ("language", "tells"),
    [
        ("parity", lambda word: word.count("b") % 2 == 1),
        ("(ab)*", lambda word: word == "ab" * (len(word) // 2)),
        (([[0, 1], [1, 1]], [False, True]), lambda word: "b" in word),
    ],
)
def test_languages(language, tells):
    X, y = make_regular_language(40, language, stray=0.2, random_state=0)
    told = set()
    for x, target in zip(X, y, strict=True):
        word = "".join("ab"[s] for s in x.argmax(axis=1))
        assert (x.sum(axis=1) == 1).all()
        for i in range(len(word)):
            assert target[i] == tells(word[: i + 1])
            told.add(int(target[i]))
    assert told == {0, 1}


@pytest.mark.parametrize(
    ("name", "kwargs", "match"),
    [
        ("make_latch", {"n_steps": 2}, "n_spikes=3"),
        ("make_copy", {"min_length": 3, "max_length": 2}, "min_length=3"),
        ("make_copy", {"n_bits": 0}, "n_bits"),
        ("make_repeat_copy", {"max_repeats": 0}, "max_repeats"),
        ("make_associative_recall", {"n_bits": 1, "item_length": 2}, "max_items=6"),
        ("make_associative_recall", {"min_items": 7}, "min_items=7"),
        ("make_regular_language", {"language": "(a|b)*"}, "language"),
        ("make_regular_language", {"language": ([[0, 2]], [True])}, "states 0 to 2"),
        ("make_regular_language", {"language": ([[0, 0]], [True, False])}, "shapes"),
        ("make_regular_language", {"language": ([[0], [0, 0]], [True])}, "language"),
        ("make_regular_language", {"stray": 2}, "stray"),
    ],
)
def test_errors_name_the_parameter(name, kwargs, match):
    with pytest.raises(ValueError, match=match):
        getattr(datasets, name)(4, **kwargs)
