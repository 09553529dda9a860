"""Whether a further stage of auto-context pays."""

import numpy as np
from scipy.special import stdtrit

__all__ = ["MOST_STAGES", "means_of_folds", "pays"]

GAIN = 0.005  # share of the loss that a further stage must save
SURE = 0.6  # that there is a saving at all, by Student's test: a stage too many costs little
MOST_STAGES = 10


def means_of_folds(losses, weight, folds):
    """Mean loss of each fold, and the folds' weights.

    Parameters
    ----------
    losses, weight : ndarray of shape (n,)
        Of each row, or each sample.
    folds : ndarray of shape (n,), int

    Returns
    -------
    means, weights : ndarray of shape (n_folds,)
        Of folds of no weight the mean is zero.
    """
    _, numbers = np.unique(folds, return_inverse=True)
    weights = np.bincount(numbers, weight)
    lost = np.bincount(numbers, weight * losses)
    return np.divide(lost, weights, out=np.zeros(len(weights)), where=weights > 0), weights


def pays(before, now, weights):
    """Whether a stage saves loss, and more than the parts left out differ about.

    Parameters
    ----------
    before, now : ndarray of shape (n_folds,)
        Mean losses of the parts by the last stage and by the one in question.
    weights : ndarray of shape (n_folds,)
        Weights of the parts.

    Returns
    -------
    pays : bool
        Whether what is saved on all parts is more than a share of the loss, and than chance would
        in two cases of five, by what the saving differs over the parts.
    """
    share = weights / weights.sum()
    saved = before - now
    mean, n = share @ saved, max(np.count_nonzero(share), 2)
    error = np.sqrt(np.square(share * (saved - mean)).sum() * n / (n - 1))
    return bool(mean > max(GAIN * (share @ before), stdtrit(n - 1, SURE) * error))
