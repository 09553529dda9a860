"""ListOps, against an evaluator of the text."""

import numpy as np
import pytest

from dlkit.datasets import make_listops


def text_of(labels, parents):
    """The tree as text: ``(MAX 3 (MIN 1 2))``."""

    def write(i):
        below = [j for j, above in enumerate(parents) if above == i]
        if labels[i].isdigit():
            return labels[i]
        return f"({labels[i]} {' '.join(write(j) for j in below)})"

    return write(list(parents).index(-1))


def value(tokens):
    """Value of the text, by counting how often each digit occurs."""
    token = tokens.pop(0)
    if token != "(":
        return int(token)
    operation, counts = tokens.pop(0), [0] * 10
    while tokens[0] != ")":
        counts[value(tokens)] += 1
    tokens.pop(0)
    seen = [digit for digit in range(10) for _ in range(counts[digit])]
    if operation == "SUM_MOD":
        return int(str(sum(digit * n for digit, n in enumerate(counts)))[-1])
    half = len(seen) // 2
    return {
        "MAX": seen[-1],
        "MIN": seen[0],
        "MED": seen[half] if len(seen) % 2 else (seen[half - 1] + seen[half]) // 2,
    }[operation]


@pytest.mark.parametrize("options", [{}, {"max_args": 9}, {"max_depth": 2, "p_operation": 0.6}])
def test_labels_are_the_values(options):
    X, y = make_listops(200, random_state=0, **options)
    assert len(X) == 200
    assert y.dtype == np.int64
    told = [
        value(text_of(*tree).replace("(", "( ").replace(")", " )").split()) for tree in X
    ]  # fmt: skip
    assert told == y.tolist()
    assert {label for labels, _ in X for label in labels} == {
        "MAX", "MIN", "MED", "SUM_MOD", *map(str, range(10))
    }  # fmt: skip


def test_depth_and_arguments_are_bounded():
    X, _ = make_listops(300, max_depth=3, max_args=4, p_operation=0.5, random_state=1)
    depths, arguments = set(), set()
    for labels, parents in X:
        depth = {-1: 0}
        for i, above in enumerate(parents):
            depth[i] = depth[above] + (not labels[i].isdigit())
            assert above < i
        depths.add(max(depth.values()))
        counts = np.bincount(np.array(parents[1:]), minlength=len(labels))
        arguments |= set(counts[[not label.isdigit() for label in labels]].tolist())
        assert all(n == 0 for n, label in zip(counts, labels, strict=True) if label.isdigit())
    assert depths == {1, 2, 3}
    assert arguments == {2, 3, 4}


def test_one_operation_where_none_may_follow():
    X, _ = make_listops(20, p_operation=0, random_state=0)
    assert all(set(parents) == {-1, 0} for _, parents in X)


def test_the_seed_gives_the_trees():
    first, again, other = (make_listops(5, random_state=seed) for seed in (3, 3, 4))
    assert first[0] == again[0]
    assert first[0] != other[0]
    drawn = make_listops(5, random_state=np.random.RandomState(3))
    assert drawn[0] == first[0]
    np.testing.assert_array_equal(first[1], drawn[1])


@pytest.mark.parametrize(
    ("parameter", "wrong"),
    [("n_samples", 0), ("max_depth", 0), ("max_args", 1), ("p_operation", 1.5)],
)
def test_wrong_parameters_are_named(parameter, wrong):
    with pytest.raises(ValueError, match=parameter):
        make_listops(**({"n_samples": 2} | {parameter: wrong}))
