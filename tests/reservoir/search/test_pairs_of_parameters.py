"""Pairs of parameters, searched over together, score as by GridSearchCV: some here, all by hand.

python -m tests.reservoir.search.test_pairs_of_parameters --all
"""

import argparse
from itertools import combinations

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from .test_every_parameter import CASES, VALUES, assert_same_scores

pytestmark = pytest.mark.compiled

N_PAIRS = 4  # of each estimator


def values(case, name, rng):
    """Two of the values of a parameter, in any order."""
    some = VALUES[name]
    if name == "readout" and case in ("classifier", "tagger"):
        some = [None, RidgeClassifier(0.1)]
    return [some[i] for i in rng.permutation(len(some))[:2]]


def pairs(case):
    """All pairs of an estimator's parameters."""
    return list(combinations(sorted(CASES[case][0].get_params(deep=False)), 2))


@pytest.mark.parametrize("number", range(N_PAIRS))
@pytest.mark.parametrize("case", CASES)
def test_some_pairs(case, number):
    rng = np.random.RandomState(100 * list(CASES).index(case) + number)
    some = pairs(case)
    pair = some[rng.randint(len(some))]
    assert_same_scores(case, {name: values(case, name, rng) for name in pair})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", required=True)
    parser.add_argument("--seed", type=int, default=0, help="of the values that are drawn")
    rng = np.random.RandomState(parser.parse_args().seed)
    failed = 0
    for case in CASES:
        for pair in pairs(case):
            grid = {name: values(case, name, rng) for name in pair}
            try:
                assert_same_scores(case, grid)
            except Exception as error:
                failed += 1
                print(f"{case}, {grid}: {type(error).__name__}: {str(error)[:300]}", flush=True)
    print(f"{sum(len(pairs(case)) for case in CASES)} pairs, {failed} differ")


if __name__ == "__main__":
    main()
