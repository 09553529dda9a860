"""Nested operations on lists of digits: trees whose label is the value of the whole."""

import numpy as np
from sklearn.utils import check_random_state

from .._params import Interval, Real, count, validate_params

OPERATIONS = {
    "MAX": max,
    "MIN": min,
    "MED": lambda values: int(np.median(values)),
    "SUM_MOD": lambda values: sum(values) % 10,
}


@validate_params(
    {
        "n_samples": [count()],
        "max_depth": [count()],
        "max_args": [count(2)],
        "p_operation": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_listops(n_samples, *, max_depth=5, max_args=5, p_operation=0.25, random_state=None):
    """Draw ListOps: nested lists of digits, each under an operation; the label is the value.

    The root is an operation with two or more arguments. An argument is an operation in turn with
    probability ``p_operation``, where the depth allows one, and a digit otherwise [1]_. Operations
    are the maximum, the minimum, the median (of an even number of values, the mean of the middle
    two, rounded down) and the sum modulo 10.

    Parameters
    ----------
    n_samples : int
        Number of trees.
    max_depth : int, default=5
        Most operations on the way from the root to a leaf; at least 1.
    max_args : int, default=5
        Most arguments of an operation; at least 2. Each number from 2 on is as likely.
    p_operation : float, default=0.25
        Probability that an argument is an operation.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Returns
    -------
    X : list of (labels, parents)
        Trees as :mod:`dlkit.trees` takes them: symbols ``"MAX"``, ``"MIN"``, ``"MED"``,
        ``"SUM_MOD"`` and ``"0"`` to ``"9"``, and the number of each node's parent, -1 for the root.
        Nodes are in the order of the text: the root first, then its first argument with all that
        is below.
    y : ndarray of shape (n_samples,), int64
        Values of the roots.

    Raises
    ------
    ValueError
        If a number is not positive, or a probability lies outside of [0, 1].

    References
    ----------
    .. [1] N. Nangia and S. R. Bowman, "ListOps: a diagnostic dataset for latent tree learning",
       NAACL student research workshop 2018.

    Examples
    --------
    >>> from dlkit.datasets import make_listops
    >>> X, y = make_listops(1, max_args=3, random_state=1)
    >>> X[0]
    (['MIN', '9', '0', 'MAX', '6', '4', '2'], [-1, 0, 0, 0, 3, 3, 3])
    >>> y.tolist()
    [0]
    """
    rng = check_random_state(random_state)
    names = list(OPERATIONS)
    X, y = [], np.empty(n_samples, dtype=np.int64)

    def grow(depth, above):
        if depth and (depth == max_depth or rng.uniform() >= p_operation):
            digit = int(rng.randint(10))
            labels.append(str(digit))
            parents.append(above)
            return digit
        name, mine = names[rng.randint(len(names))], len(labels)
        labels.append(name)
        parents.append(above)
        n = rng.randint(2, max_args + 1)
        return OPERATIONS[name]([grow(depth + 1, mine) for _ in range(n)])

    for i in range(n_samples):
        labels, parents = [], []
        y[i] = grow(0, -1)
        X.append((labels, parents))
    return X, y
