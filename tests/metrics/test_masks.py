import numpy as np
import pytest
from sklearn.metrics import f1_score, jaccard_score

from dlkit.exceptions import ReadingWarning
from dlkit.metrics import boundary_f1, dice, mean_iou

RNG = np.random.RandomState(0)
TRUE = [RNG.randint(0, 3, (5, 6)), RNG.randint(0, 3, (4, 9))]
PRED = [RNG.randint(0, 3, one.shape) for one in TRUE]


def flat(maps):
    return np.concatenate([one.ravel() for one in maps])


def test_overlaps_are_those_of_positions():
    a, b = flat(TRUE), flat(PRED)
    np.testing.assert_allclose(mean_iou(TRUE, PRED), jaccard_score(a, b, average="macro"))
    np.testing.assert_allclose(dice(TRUE, PRED), f1_score(a, b, average="macro"))
    np.testing.assert_allclose(
        mean_iou(TRUE, PRED, average=None), jaccard_score(a, b, average=None)
    )
    known = a != 0
    np.testing.assert_allclose(
        dice(TRUE, PRED, unlabeled=0),
        f1_score(a[known], b[known], labels=[1, 2], average="macro"),
    )


def test_labels_that_occur_nowhere_are_left_out():
    found = mean_iou([[0, 0]], [[0, 0]], labels=[0, 7], average=None)
    assert found[0] == 1
    assert np.isnan(found[1])
    assert mean_iou([[0, 0]], [[0, 0]], labels=[0, 7]) == 1
    assert np.isnan(dice([[0.0]], [[0.0]], labels=[7]))


def naive_boundary_f1(true, pred, label, tolerance):
    def boundary(area):
        found = []
        for p in np.argwhere(area):
            for step in [(1, 0), (-1, 0), (0, 1), (0, -1)]:
                q = p + step
                if (q >= 0).all() and (q < area.shape).all() and not area[tuple(q)]:
                    found.append(p)
                    break
        return np.array(found)

    a, b = boundary(true == label), boundary(pred == label)
    distance = np.linalg.norm(a[:, None] - b[None], axis=-1)
    recall = (distance.min(axis=1) <= tolerance).mean()
    precision = (distance.min(axis=0) <= tolerance).mean()
    return 2 * recall * precision / (recall + precision)


@pytest.mark.parametrize("tolerance", [0, 1, 1.5])
def test_boundary_f1_is_that_of_the_definition(tolerance):
    true, pred = np.zeros((2, 12, 14), dtype=int)
    true[3:9, 2:8], pred[4:9, 4:11] = 1, 1
    for label in (0, 1):
        found = boundary_f1([true], [pred], labels=[label], tolerance=tolerance)
        np.testing.assert_allclose(found, naive_boundary_f1(true, pred, label, tolerance))


def test_boundaries_that_one_map_lacks():
    y = np.zeros((1, 6, 6), dtype=int)
    other = y.copy()
    other[0, 2:4, 2:4] = 1
    np.testing.assert_array_equal(boundary_f1(other, y, average=None), [0, 0])
    assert np.isnan(boundary_f1(y, y))
    assert boundary_f1(other, other, spacing=(2.0, 1.0)) == 1


@pytest.mark.parametrize("metric", [mean_iou, dice, boundary_f1])
def test_what_cannot_be_compared_is_named(metric):
    with pytest.raises(ValueError, match=r"y_true\[1\] and y_pred\[1\]"):
        metric(TRUE, [PRED[0], PRED[1][:2]])
    with pytest.raises(ValueError, match="as many maps, got 2 and 1"):
        metric(TRUE, PRED[:1])
    with pytest.raises(ValueError, match="'average' parameter"):
        metric(TRUE, PRED, average="micro")
    with pytest.raises(ValueError, match="no labels"):
        metric([[0]], [[0]], unlabeled=0)
    with pytest.raises(ValueError, match="maps"):
        metric(3, 4)
    with pytest.raises(ValueError, match="a map at least"):
        metric([], [])


@pytest.mark.parametrize("metric", [mean_iou, dice, boundary_f1])
def test_probabilities_are_no_labels(metric):
    with pytest.raises(ValueError, match=r"y_pred holds .\.25, which is no label.*argmax"):
        metric(TRUE, [0.25 + one for one in PRED])
    marked = [np.where(one == 0, np.nan, one).astype(np.float32) for one in TRUE]
    want = metric(TRUE, PRED, unlabeled=0)
    for nan in (float("nan"), np.float32("nan")):
        assert metric(marked, PRED, unlabeled=nan) == want


def test_one_map_is_not_taken_for_many_in_silence(recwarn):
    y = (np.hypot(*np.mgrid[-10:10, -12:12]) < 6).astype(int)
    with pytest.warns(ReadingWarning, match=r"20 maps of 24 steps.*hand over \[y_true\]"):
        boundary_f1(y, y)
    recwarn.clear()
    boundary_f1([y], [y])
    boundary_f1(list(y), list(y))
    series = RNG.randint(0, 2, (20, 24))
    boundary_f1(series, series)
    assert not recwarn.list


def test_negative_tolerance_is_refused():
    with pytest.raises(ValueError, match="tolerance"):
        boundary_f1(TRUE, PRED, tolerance=-1)


@pytest.mark.parametrize("metric", [mean_iou, dice, boundary_f1])
def test_labels_of_another_kind_than_those_of_maps_are_refused(metric):
    words = [one.astype(str) for one in TRUE]
    with pytest.raises(ValueError, match="labels holds text, '1' say, but y_true numbers"):
        metric(TRUE, PRED, labels=["1"])
    with pytest.raises(ValueError, match="labels holds numbers, 1 say, but y_true text"):
        metric(words, words, labels=[1])
    with pytest.raises(ValueError, match="unlabeled holds text"):
        metric(TRUE, PRED, unlabeled="0")
