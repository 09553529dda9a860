"""Accuracy on JapaneseVowels: default settings, tuned on the training half, and ensembles.

    python benchmarks/accuracy/japanese_vowels.py

The standard split, 270 utterances to train on and 370 to test on. All choices are made by
cross-validation within the 270; the 370 are looked at once for each figure, at its end.

The test utterances were recorded on other occasions than the training utterances, which are in the
order of recording. So each of the five folds has successive utterances of each speaker. Shuffled
folds give a higher accuracy than the test half. The best settings differ by one or two errors, so
settings are chosen by the Brier score (mean squared error of the probabilities), to which every
utterance contributes.

Untuned       `ESNClassifier(random_state=seed)`, mean of seeds 0 to 9.
Tuned         `GridSearchCV` over a pipeline of scaling (or none) and `ESNClassifier` with seed 0;
              the setting that wins is then fitted with seeds 0 to 9.
Model space   Both directions, each utterance a ridge model of its states (Bianchi et al. 2021), in
              whitened coordinates: `ReservoirSearchCV` over `ESNClassifier` with seed 0, which
              reads the utterances, with their lengths as a further channel, or with their
              differences and lengths; what wins is fitted with seeds 0 to 9, and with seeds 0 to 19
              as a vote. And the 1000 tiny ESNs below, with their settings, run in both directions
              and given the model space beside the states at thirds; in the folds that has fewer
              errors than they alone, as it prints.
Ensembles     scikit-learn's `VotingClassifier`, soft, of small ESNs that differ in their seed.
  chosen      30 ESNs whose leak rates take turns; of two kinds, which read the utterances or, half
              of them, the differences of successive steps as well. The kind and setting with the
              best score in the folds is tested.
  published   The 1000 tiny ESNs of Jaeger et al. (2007), with their settings and nothing chosen: 4
              units, radius 0.2, leak rate 0.2, input scaling 1.5, the utterance's length as a
              further channel; least squares on state and input at thirds of the utterance,
              interpolated between steps.

References
----------
Bianchi, Scardapane, Løkse & Jenssen (2021), Reservoir computing approaches for representation and
classification of multivariate time series, IEEE TNNLS 32(5).
Jaeger, Lukoševičius, Popovici & Siewert (2007), Optimization and applications of echo state
networks with leaky-integrator neurons, Neural Networks 20(3).
"""

from itertools import cycle, islice
from time import perf_counter

import _above  # noqa: F401
import numpy as np
from _common import machine, settings, summary, table
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import (
    GridSearchCV,
    ParameterGrid,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from dlkit import (
    ESNClassifier,
    PerStep,
    ReservoirFeatures,
    ReservoirSearchCV,
    ReservoirStates,
    RidgeReadoutClassifier,
)
from dlkit.datasets import load_japanese_vowels
from dlkit.reservoir import ModelSpace

SEEDS = range(10)
FOLDS = StratifiedKFold(5)
GRID = {
    "scale": [PerStep(StandardScaler()), "passthrough"],
    "esn__pooling": ["last", "mean", "last_mean", "moments"],
    "esn__leak_rate": [0.1, 0.2, 0.4, 0.7],
    "esn__input_scaling": [0.1, 0.2, 0.4, 0.8],
    "esn__spectral_radius": [0.1, 0.5, 0.9],
}
SPACE_GRID = {
    "spectral_radius": [0.6, 0.9],
    "leak_rate": [0.4, 0.6],
    "input_scaling": [0.4, 0.8, 1.2],
    "pooling__alpha": [30.0, 100.0],
}
N_VOTES = 20
N_SMALL = 30
ENSEMBLE_GRID = {
    "kind": ["plain", "differences"],
    "n_units": [50, 100],
    "leak_rates": [(0.2,), (0.4,), (0.2, 0.4)],
    "input_scaling": [0.2, 0.4, 0.8],
    "spectral_radius": [0.1, 0.3],
}
N_TINY, LONGEST = 1000, 29
TINY = {
    "topology": "dense", "spectral_radius": 0.2, "leak_rate": 0.2, "input_scaling": 1.5,
    "bias_scaling": 1.5,
}  # fmt: skip


def with_differences(X):
    """Join to each step the slope there."""
    return [np.hstack([x, np.gradient(x, axis=0)]) for x in X]


def with_length(X):
    """Join to each step the length of its sequence."""
    return [np.hstack([x, np.full((len(x), 1), len(x) / LONGEST)]) for x in X]


def at_thirds(X):
    """Rows of sequences at thirds of their length, between steps by interpolation, joined."""
    rows = []
    for x in X:
        place = np.array([1, 2, 3]) * (len(x) - 1) / 3
        before = np.minimum(place.astype(int), len(x) - 2)
        share = (place - before)[:, None]
        rows.append(((1 - share) * x[before] + share * x[before + 1]).ravel())
    return np.array(rows)


def vote(members):
    return VotingClassifier([(str(i), m) for i, m in enumerate(members)], voting="soft")


def small(kind, leak_rates, **setting):
    """ESNs with seeds 0, 1, ..., whose leak rates take turns."""
    members = []
    for seed, a in enumerate(islice(cycle(leak_rates), N_SMALL)):
        esn = ESNClassifier(pooling="last_mean", leak_rate=a, random_state=seed, **setting)
        if kind == "differences" and seed % 4 >= 2:
            esn = make_pipeline(FunctionTransformer(with_differences), esn)
        members.append(esn)
    return vote(members)


def tiny(seed, both_ways=False):
    """One of the ESNs of Jaeger et al.; in both directions, with a model space, if so asked."""
    setting = TINY | {"bidirectional": both_ways, "random_state": seed}
    features = make_pipeline(
        ReservoirStates(4, passthrough=True, **setting), FunctionTransformer(at_thirds)
    )
    if both_ways:
        space = ReservoirFeatures(4, pooling=ModelSpace(8, whiten=True), **setting)
        features = make_union(space, features)
    return make_pipeline(
        FunctionTransformer(with_length), features, RidgeReadoutClassifier(alpha=0.0)
    )


def untuned(train, test):
    scores = [ESNClassifier(random_state=seed).fit(*train).score(*test) for seed in SEEDS]
    print(f"\nAs it comes, by seed: {', '.join(f'{score:.4f}' for score in scores)}")
    mean = np.mean(scores)
    summary("untuned, mean of 10 seeds", "≥ 0.985", f"{mean:.4f}", mean >= 0.985)


def search(model, grid, train, names=None):
    """Search a grid; print the best settings (by ``names``) and return the best, fitted."""
    start = perf_counter()
    fitted = GridSearchCV(
        model, grid, scoring=["accuracy", "neg_brier_score"], refit="neg_brier_score", cv=FOLDS,
        n_jobs=-1,
    ).fit(*train)  # fmt: skip
    found = fitted.cv_results_
    names = [settings(params) for params in found["params"]] if names is None else names
    print(
        f"\n{len(names)} settings × {FOLDS.get_n_splits()} folds in {perf_counter() - start:.0f} s;"
        " the best:\n"
    )
    accuracy, brier = found["mean_test_accuracy"], -found["mean_test_neg_brier_score"]
    order = np.argsort(brier, kind="stable")[:5]
    rows = [(names[i], brier[i], accuracy[i]) for i in order]
    print(table(["setting", "Brier score in the folds", "accuracy in the folds"], rows))
    return fitted.best_estimator_


def tuned(train, test):
    model = Pipeline([("scale", "passthrough"), ("esn", ESNClassifier(random_state=0))])
    best = search(model, GRID, train)
    scores = [best.set_params(esn__random_state=seed).fit(*train).score(*test) for seed in SEEDS]
    print(f"\nThe first of them, by seed: {', '.join(f'{score:.4f}' for score in scores)}")
    mean = np.mean(scores)
    summary("tuned, mean of 10 seeds", "≥ 0.990", f"{mean:.4f}", mean >= 0.99)


def model_space(train, test):
    readings = {
        "plain": lambda X: X,
        "with lengths": with_length,
        "with differences and lengths": lambda X: with_length(with_differences(X)),
    }
    esn = ESNClassifier(200, bidirectional=True, pooling=ModelSpace(whiten=True), random_state=0)
    (X, y), searches = train, {}
    for name, reading in readings.items():
        start = perf_counter()
        search = ReservoirSearchCV(esn, SPACE_GRID, cv=FOLDS, scoring="neg_brier_score")
        searches[name] = search.fit(reading(X), y)
        print(
            f"\nModel space, {name}: {settings(search.best_params_)}, Brier score "
            f"{-search.best_score_:.4f} in the folds; {len(search.cv_results_['params'])} settings "
            f"in {perf_counter() - start:.0f} s"
        )
    name = max(searches, key=lambda name: searches[name].best_score_)
    best = searches[name].best_params_
    train, test = ((readings[name](X), y) for X, y in (train, test))
    members = [clone(esn).set_params(**best, random_state=seed) for seed in range(N_VOTES)]
    together = vote(members).fit(*train)
    alone = np.mean([member.score(*test) for member in together.estimators_[: len(SEEDS)]])
    summary("both directions and model space, mean of 10 seeds", "-", f"{alone:.4f}", True)
    score = together.score(*test)
    what = f"both directions and model space, vote of {N_VOTES} seeds"
    summary(what, "≥ 0.993", f"{score:.4f}", score >= 0.993)


def tiny_spaces(train, test):
    X, y = np.array(train[0], dtype=object), train[1]
    in_folds = []
    for both_ways in (False, True):
        model = vote([tiny(seed, both_ways) for seed in range(100)])
        in_folds.append(np.sum(cross_val_predict(model, X, y, cv=FOLDS, n_jobs=-1) != y))
    print(
        f"\nA hundred of the published members have {in_folds[0]} errors of {len(y)} in the folds, "
        f"in both directions and with a model space {in_folds[1]}"
    )
    score = vote([tiny(seed, True) for seed in range(N_TINY)]).fit(*train).score(*test)
    what = f"both directions and model space, {N_TINY} tiny ESNs"
    summary(what, "≥ 0.993", f"{score:.4f}", score >= 0.993)


def chosen(train, test):
    choices = list(ParameterGrid(ENSEMBLE_GRID))
    votes = {"vote": [small(**choice) for choice in choices]}
    model = Pipeline([("vote", None)])
    best = search(model, votes, train, [settings(choice) for choice in choices])
    count_errors(f"ensemble of {N_SMALL}, chosen, errors of 370", best, test)


def published(train, test):
    model = vote([tiny(seed) for seed in range(N_TINY)]).fit(*train)
    alone = np.mean([member.score(*test) for member in model.estimators_[:10]])
    print(f"\nOf the published members, the first ten score {alone:.4f} on average")
    count_errors(f"ensemble of {N_TINY}, published, errors of 370", model, test)


def count_errors(what, model, test):
    X, y = test
    wrong = np.flatnonzero(model.predict(X) != y)
    print(f"\nErrors: test utterances {wrong.tolist()}")
    summary(what, "≤ 1", len(wrong), len(wrong) <= 1)


def main():
    print(machine())
    train = load_japanese_vowels(subset="train", return_X_y=True)
    test = load_japanese_vowels(subset="test", return_X_y=True)
    untuned(train, test)
    tuned(train, test)
    model_space(train, test)
    tiny_spaces(train, test)
    chosen(train, test)
    published(train, test)


if __name__ == "__main__":
    main()
