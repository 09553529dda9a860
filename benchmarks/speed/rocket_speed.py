"""The ROCKET family: fit and transform of random series, and a classifier from end to end.

Series are N(0, 1), float32, of one channel. Each transform has its default parameters (10,000
features, for MultiRocket 49,728; Hydra 64 groups) and is fitted anew for every call.

*apart* is the largest difference of dlkit's features from aeon's, for 50 of the series and the
kernels that aeon drew; it is relative where features exceed one. For ROCKET the comparison is
another, because aeon lets the compiler choose the order of its sums: an output within rounding of
zero may count as positive or not. So aeon's features must lie between dlkit's with biases 1e-6
smaller and 1e-6 larger, without normalisation, which aeon rounds in another way.

MiniRocketClassifier: aeon's class, and dlkit's MiniRocket with the same scaler and
RidgeReadoutClassifier, fit and score on ACSF1 (100 + 100 series of 1460 steps), the largest problem
the aeon wheel ships.
"""

import numpy as np
from _bench import Benchmark, Limit, Ratio
from _peers import installed, rocket_kernels, rocket_peer
from _timing import Figures, perf_counter
from get_data import load_problem
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dlkit

TIE = np.float32(1e-6)
CLASSIFIER = "MiniRocketClassifier"
ASKED = {"MiniRocket": 2, "Rocket": 10, "MultiRocket": 3, "Hydra": 2, CLASSIFIER: 2}


def setup(threads, transform, n_series, n_steps):
    if transform == CLASSIFIER:
        return classifiers(threads)
    X = np.random.RandomState(0).standard_normal((n_series, n_steps)).astype(np.float32)
    X64, cube = X.astype(np.float64), X[:, None]
    here = installed("aeon") and (transform != "Hydra" or installed("torch"))
    apart = differ(transform, X[:50], threads) if here else np.nan

    def ours(i):
        start = perf_counter()
        new(transform, threads).fit_transform(X)
        return Figures(seconds=perf_counter() - start, apart=apart)

    def theirs(i):
        return rocket_peer(transform, n_jobs=threads, random_state=0).fit_transform(cube)

    return {
        "dlkit": ours,
        "dlkit, one thread": lambda i: new(transform, 1).fit_transform(X),
        "dlkit, float64": lambda i: new(transform, threads).fit_transform(X64),
        "aeon": theirs if here else None,
    }


def new(transform, threads):
    return getattr(dlkit, transform)(n_jobs=threads, random_state=0)


def differ(transform, X, threads):
    """How far features lie from aeon's where the kernels are the same."""
    raw = {"normalise": False} if transform == "Rocket" else {}
    peer = rocket_peer(transform, n_jobs=threads, random_state=0, **raw).fit(X[:, None])
    model = new(transform, threads)
    model.set_params(**{"normalize": False} if raw else {}).fit(X)
    kernels = model.kernels_ = rocket_kernels(transform, peer)
    theirs = np.asarray(peer.transform(X[:, None]))
    least = most = model.transform(X)
    if transform == "Rocket":
        least, most = (
            with_biases(model, kernels, kernels.biases + shift).transform(X)
            for shift in (-TIE, TIE)
        )
    beyond = np.maximum(least - theirs, theirs - most)
    return max(0.0, np.max(beyond / np.maximum(np.abs(theirs), 1)))


def with_biases(model, kernels, biases):
    model.kernels_ = kernels._replace(biases=biases.astype(np.float32))
    return model


def classifiers(threads):
    train, test = load_problem("ACSF1")
    (X, y), (X_test, y_test) = (
        (np.array(X, dtype=np.float32)[..., 0], y) for X, y in (train, test)
    )

    def ours(i):
        start = perf_counter()
        model = make_pipeline(
            new("MiniRocket", threads),
            StandardScaler(with_mean=False),
            dlkit.RidgeReadoutClassifier(np.logspace(-3, 3, 10)),
        ).fit(X, y)
        accuracy = model.score(X_test, y_test)
        return Figures(seconds=perf_counter() - start, accuracy=accuracy)

    def theirs(i):
        from aeon.classification.convolution_based import MiniRocketClassifier

        start = perf_counter()
        model = MiniRocketClassifier(n_jobs=threads, random_state=0).fit(X[:, None], y)
        accuracy = model.score(X_test[:, None], y_test)
        return Figures(seconds=perf_counter() - start, accuracy=accuracy)

    return {"dlkit": ours, "aeon": theirs if installed("aeon") else None}


def of(name):
    return lambda transform, **case: transform == name


def cases(*sizes):
    return [
        {"transform": transform, "n_series": n, "n_steps": steps} for transform, n, steps in sizes
    ]


BENCHMARK = Benchmark(
    title="ROCKET family: fit and transform, and a classifier from end to end",
    setup=setup,
    cases=cases(
        ("MiniRocket", 200, 500),
        ("MiniRocket", 1000, 1000),
        ("Rocket", 200, 500),
        ("MultiRocket", 200, 500),
        ("Hydra", 200, 500),
        (CLASSIFIER, 200, 1460),
    ),
    quick=cases(("MiniRocket", 20, 100), ("Hydra", 20, 100)),
    judged=[
        *(
            Ratio("aeon", ratio, where=of(name), label=f"{name}: aeon, seconds")
            for name, ratio in ASKED.items()
        ),
        Limit("dlkit", 1e-5, figure="apart", where=lambda transform, **c: transform != CLASSIFIER),
    ],
)
