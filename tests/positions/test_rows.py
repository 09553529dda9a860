import numpy as np
import pytest

from dlkit.conv._samples import check_samples
from dlkit.positions._data import check_labels
from dlkit.positions._rows import _allotted, check_groups, draw_rows, regions_of


def drawn(y, budget, folds=3, unlabeled=None, weights=None, reach=None):
    samples = check_samples([np.zeros(one.shape) for one in y], y[0].ndim)
    maps = check_labels(list(y), unlabeled, weights)
    return draw_rows(maps, samples, budget, folds, np.random.RandomState(0), reach=reach)


def test_every_position_is_taken_where_there_are_few():
    y = [np.array([[0, 1, 2], [2, 1, 0]]), np.array([[1, 2]])]
    rows, _ = drawn(y, None, unlabeled=0)
    assert [p.tolist() for p in rows.positions] == [[1, 2, 3, 4], [0, 1]]
    assert rows.targets.tolist() == [0, 1, 1, 0, 0, 1]
    assert rows.weight is None


def test_classes_keep_the_weight_they_have(monkeypatch):
    monkeypatch.setattr("dlkit._budgets.LOOK_ENTRIES", 37)
    rng = np.random.RandomState(0)
    y = [(rng.uniform(size=(30, 40)) < share).astype(int) for share in (0.01, 0.3)]
    rows, _ = drawn(y, 200)
    assert len(rows) == 200
    assert (rows.targets == 1).mean() > 0.2 > np.mean(y)
    for i, part in enumerate(rows.slices()):
        assert len(rows.positions[i]) == 100
        np.testing.assert_array_equal(y[i].ravel()[rows.positions[i]], rows.targets[part])
        assert (np.diff(rows.positions[i]) > 0).all()
        share = rows.weight[part] @ rows.targets[part] / rows.weight[part].sum()
        np.testing.assert_allclose(share, y[i].mean())


def test_weights_of_positions_and_of_samples_count():
    y = [np.array([[0, 1]]), np.array([[0, 1]])]
    by_sample, _ = drawn(y, None, weights=np.array([1.0, 3.0]))
    by_map, _ = drawn(y, None, weights=[np.full((1, 2), 1.0), np.full((1, 2), 3.0)])
    np.testing.assert_allclose(by_sample.weight, [0.5, 0.5, 1.5, 1.5])
    np.testing.assert_allclose(by_map.weight, by_sample.weight)


def test_shares_that_cannot_be_used_go_to_others():
    taken = _allotted(np.array([[5, 2], [1000, 1000], [1000, 3]]), 300)
    assert taken.sum() == 300
    assert taken[0].tolist() == [5, 2]
    assert taken[2, 1] == 3
    assert _allotted(np.array([[1000, 1], [1000, 1]]), 2)[:, 1].sum() == 1  # no class is lost


def test_samples_are_left_out_whole_and_slabs_of_few_samples():
    spaces, positions = [(4, 9)] * 4, [np.arange(36)] * 4
    regions = regions_of(spaces, positions, 2, np.random.RandomState(0))
    assert sorted(region.fold for region in regions) == [0, 0, 1, 1]
    assert all(region.high == (4, 9) for region in regions)
    regions = regions_of(spaces[:1], [np.array([1, 2, 8, 10, 17])], 3, np.random.RandomState(0))
    assert [(r.low, r.high, r.fold) for r in regions] == [
        ((0, 0), (4, 1), 0), ((0, 1), (4, 8), 1), ((0, 8), (4, 9), 2),
    ]  # fmt: skip


def test_every_row_has_the_fold_of_its_region():
    y = [np.random.RandomState(0).randint(0, 2, (6, 20))]
    rows, regions = drawn(y, None, folds=4)
    for position, fold in zip(rows.positions[0], rows.folds, strict=True):
        at = np.unravel_index(position, (6, 20))
        own = [
            r for r in regions if all(a <= i < b for a, i, b in zip(r.low, at, r.high, strict=True))
        ]
        assert [r.fold for r in own] == [fold]


def test_groups_are_left_out_whole():
    names = ["b", "a", "b", "c", "a", "b"]
    groups = check_groups(names, 6)
    spaces, positions = [(2, 3)] * 6, [np.arange(6)] * 6
    for n_folds in (2, 3, 9):
        regions = regions_of(spaces, positions, n_folds, np.random.RandomState(0), groups)
        folds = {name: {r.fold for r in regions if names[r.sample] == name} for name in "abc"}
        assert all(len(found) == 1 for found in folds.values())
        assert len(set.union(*folds.values())) == min(n_folds, 3)
    two = regions_of(spaces[:2], positions[:2], 5, np.random.RandomState(0), np.array([0, 1]))
    assert sorted(r.fold for r in two) == [0, 1]  # no slabs


@pytest.mark.parametrize("groups", [["a"] * 5, ["a", "b"], 3, [["a"], ["b"]]])
def test_groups_that_cannot_be_are_named(groups):
    with pytest.raises(ValueError, match="groups"):
        check_groups(groups, 5)


@pytest.mark.parametrize("reach", [0, 2, 3, 50])
def test_rows_that_see_into_another_slab_are_known(reach):
    """For each row: the other slab at whose distance it is, but no more than half of its own."""
    y = [np.random.RandomState(0).randint(0, 2, (6, 20)), np.arange(14).reshape(1, 14) % 2]
    rows, regions = drawn(y, None, folds=4, reach=(9, reach))
    for i, part in enumerate(rows.slices()):
        own = [r for r in regions if r.sample == i]
        for position, near in zip(rows.positions[i], rows.near[part], strict=True):
            at = np.unravel_index(position, y[i].shape)[1]
            k = next(k for k, r in enumerate(own) if r.low[1] <= at < r.high[1])
            seen = min(reach, (own[k].high[1] - own[k].low[1]) // 2)
            want = [
                r.fold for r in own
                if r is not own[k] and (r.low[1] - seen <= at < r.high[1] + seen)
            ]  # fmt: skip
            assert near == (want[0] if want else -1)
            assert len(want) < 2


def test_samples_left_out_whole_are_near_none():
    y = [np.random.RandomState(0).randint(0, 2, (6, 7)) for _ in range(4)]
    rows, _ = drawn(y, None, folds=4, reach=(3, 3))
    assert (rows.near == -1).all()
