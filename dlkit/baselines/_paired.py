"""Whether one contender is better than another: a test of differences fold by fold."""

import numpy as np
from scipy import stats

__all__ = ["paired", "standard_error"]


def paired(scores, others, ratio):
    """Mean difference of scores over folds that both have, and how likely chance makes as much.

    The variance of the mean is s² (1/k + n_test/n_train): scores of folds whose training samples
    overlap vary together (Nadeau & Bengio 2003, Machine Learning 52, section 3, in the form that
    k-fold cross-validation takes).

    Parameters
    ----------
    scores, others : dict of int to float
        By the number of the fold.
    ratio : float
        Test samples for each training sample; 0 where folds are independent.

    Returns
    -------
    difference, p : float
        NaN where nothing can be said.

    Examples
    --------
    >>> from dlkit.baselines._paired import paired
    >>> difference, p = paired({0: 0.9, 1: 0.8, 2: 0.85}, {0: 0.5, 1: 0.5, 2: 0.4}, 0.5)
    >>> round(difference, 2), round(p, 3)
    (0.38, 0.032)
    """
    common = sorted(scores.keys() & others.keys())
    if not common:
        return np.nan, np.nan
    gaps = np.array([scores[fold] - others[fold] for fold in common])
    mean, k = float(gaps.mean()), len(gaps)
    if k < 2:
        return mean, np.nan
    error = standard_error(gaps, ratio)
    if error <= 1e-12 * max(abs(mean), 1e-300):
        return mean, float(mean == 0)
    return mean, float(2 * stats.t.sf(abs(mean) / error, k - 1))


def standard_error(gaps, ratio):
    """Standard error of the mean of differences over folds, see :func:`paired`."""
    return float(np.sqrt(np.var(gaps, ddof=1) * (1 / len(gaps) + ratio)))
