"""Who is compared: dlkit's maps and readouts with settled settings, beside what is to be beaten."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from .._params import InvalidParameterError
from .._per_step import PerStep
from ..conv import ConvFeatures
from ..forecasting import SeasonalForecaster
from ..layerwise import RandomAutoencoder
from ..readout import (
    BoundedReadout,
    HingeReadoutClassifier,
    LogisticReadoutClassifier,
    RidgeReadout,
    RidgeReadoutClassifier,
)
from ..reservoir import ESNClassifier, ESNForecaster, ESNRegressor, NVARForecaster
from ..rocket import Hydra, MiniRocket, MultiRocket, Quant, SparseScaler
from ..trees import TreeClassifier, TreeFeatures, TreeRegressor
from ._contender import Contender
from ._naive import NaiveForecaster, flat

__all__ = ["choose"]

ALPHAS = np.logspace(-3, 3, 10)
ALWAYS = "ridge"


def choose(problem, models, random_state):
    """The contenders of a problem that ``models`` asks for, cheap ones first."""
    makers = {
        "rows": _rows,
        "sequences": _sequences,
        "images": _images,
        "trees": _trees,
        "forecast": _forecasts,
    }
    every = makers[problem.kind](problem, random_state)
    names = ["naive", *(each.name for each in every)]
    if isinstance(models, str):
        if models not in ("all", "fast"):
            raise InvalidParameterError(
                f"models must be 'all', 'fast', a list of names of {names} or a dict of "
                f"estimators, got {models!r}."
            )
        return [each for each in every if models == "all" or each.fast]
    theirs = models.items() if isinstance(models, dict) else [m for m in models if _pair(m)]
    for name, model in theirs:
        _check(name, model, problem, names)
    found = [Contender(name, model, own=False, fast=False, growth=3.0) for name, model in theirs]
    if isinstance(models, dict):
        return [*every, *found]
    unknown = [one for one in models if not _pair(one) and one not in names]
    if unknown:
        raise InvalidParameterError(
            f"models has {unknown}, but for {problem.kind} there are {names}; hand over your own "
            "as pairs (name, estimator)."
        )
    return [each for each in every if each.name == ALWAYS or each.name in models] + found


def _pair(model):
    return isinstance(model, tuple) and len(model) == 2


def _check(name, model, problem, names):
    methods = ("fit", "forecast") if problem.kind == "forecast" else ("fit", "predict")
    if not isinstance(name, str) or name in names:
        raise InvalidParameterError(f"models has the name {name!r}: names must be new strings.")
    missing = [one for one in methods if not callable(getattr(model, one, None))]
    if missing or isinstance(model, type):
        raise InvalidParameterError(
            f"models[{name!r}] must be an object with {' and '.join(methods)}, got {model!r}."
        )


def _pick(problem, classifier, regressor):
    return classifier if problem.target == "classification" else regressor


def _ridge(problem):
    return _pick(problem, RidgeReadoutClassifier(ALPHAS), RidgeReadout(ALPHAS))


def _bounded(problem, scaler):
    """A readout behind random features: scaled, of numbers also bounded."""
    return _pick(problem, make_pipeline(scaler, RidgeReadoutClassifier(ALPHAS)), BoundedReadout())


def _forest(problem, random_state, **settings):
    kind = _pick(problem, ExtraTreesClassifier, ExtraTreesRegressor)
    return kind(200, random_state=random_state, **settings)


def _flat():
    return FunctionTransformer(flat)


def _rows(problem, random_state):
    n = min(problem.lengths)
    filled = [SimpleImputer()] if problem.missing else []
    scaled = make_pipeline(*filled, StandardScaler()) if filled else StandardScaler()
    boosting = _pick(problem, HistGradientBoostingClassifier, HistGradientBoostingRegressor)
    kernel = make_pipeline(
        *filled, StandardScaler(), Nystroem(n_components=min(500, n), random_state=random_state)
    )
    layer = make_pipeline(
        *filled, StandardScaler(), RandomAutoencoder(512, random_state=random_state)
    )
    forest = _forest(problem, random_state)
    found = [Contender("ridge", _ridge(problem), scaled)]
    if problem.target == "classification":
        found += [Contender("logistic", LogisticReadoutClassifier(), scaled)]
    return [
        *found,
        Contender("extra trees", make_pipeline(*filled, forest) if filled else forest),
        Contender("kernel + ridge", _ridge(problem), kernel, wide=min(500, n)),
        Contender("random layer + ridge", _ridge(problem), layer),
        Contender("boosting", boosting(random_state=random_state), fast=False),
    ]


def _sequences(problem, random_state):
    seed = {"random_state": random_state}
    quantiles = Quant(1)
    plain = StandardScaler(with_mean=False)
    quant = Quant()
    both = _both(6_250, random_state)
    reservoir = _pick(problem, ESNClassifier, ESNRegressor)
    esn = PerStep(StandardScaler())
    found = []
    if problem.equal:
        found += [Contender("ridge", _ridge(problem), make_pipeline(_flat(), StandardScaler()))]
    else:
        found += [Contender("ridge", make_pipeline(StandardScaler(), _ridge(problem)), quantiles)]
    return [
        *found,
        Contender("quantiles + trees", _forest(problem, random_state), quantiles),
        Contender("MiniRocket", _bounded(problem, plain), MiniRocket(**seed)),
        Contender("ESN", reservoir(**seed), esn, solves=True),
        Contender("Quant + ridge", _bounded(problem, StandardScaler()), quant, fast=False),
        Contender("Quant", _forest(problem, random_state, max_features=0.1), quant, fast=False),
        Contender("MultiRocket + Hydra", _behind(problem), both, fast=False),
        Contender(
            "ESN, model space",
            reservoir(200, pooling="model_space", **seed),
            esn,
            fast=False,
            solves=True,
        ),
        *_vote(problem, random_state),
    ]


def _both(n_kernels, random_state):
    """Features of Hydra and MultiRocket, scaled each in its way."""
    return make_union(
        make_pipeline(Hydra(random_state=random_state), SparseScaler()),
        make_pipeline(MultiRocket(n_kernels, random_state=random_state), StandardScaler()),
    )


def _vote(problem, random_state):
    """Mean probabilities of four that see different things, with fewer kernels and trees."""
    if problem.target != "classification":
        return []
    ridge, seed = _ridge(problem), {"random_state": random_state}
    forest = ExtraTreesClassifier(100, max_features=0.1, **seed)
    plain = StandardScaler(with_mean=False)
    members = [
        ("MiniRocket", make_pipeline(MiniRocket(**seed), plain, ridge)),
        ("ESN", make_pipeline(PerStep(StandardScaler()), ESNClassifier(**seed))),
        ("Quant", make_pipeline(Quant(), forest)),
        ("MultiRocket + Hydra", make_pipeline(_both(1_500, random_state), ridge)),
    ]
    vote = VotingClassifier(members, voting="soft")
    return [Contender("vote", vote, fast=False, growth=2.0, favoured=True)]


def _behind(problem):
    """A readout behind features that are scaled already."""
    return _pick(problem, RidgeReadoutClassifier(ALPHAS), BoundedReadout())


def _images(problem, random_state):
    seed = {"random_state": random_state}
    kernel = _kernel_size(problem.X[0])
    size = {"kernel_size": kernel, "padding": "same"}
    n = min(problem.lengths)
    found = []
    if problem.equal:
        rows = _flat()
        p = int(np.prod(np.shape(problem.X[0])))
        parts = max(1, min(50, n // 2, p - 1))
        found += [
            Contender("ridge", _ridge(problem), make_pipeline(rows, StandardScaler())),
            Contender("extra trees", _forest(problem, random_state), rows),
            Contender(
                "PCA + kernel + ridge", _ridge(problem),
                make_pipeline(
                    _flat(), PCA(parts, whiten=True, **seed),
                    Nystroem(n_components=min(500, n), gamma=0.5 / parts, **seed),
                ), wide=min(500, n), least=2 * parts,
            ),
        ]  # fmt: skip
    drawn = ConvFeatures(64, kernels="random", **size, **seed)  # two features for each kernel
    learned = ConvFeatures(128, **size, **seed)
    found += [
        Contender("random convolutions", _bounded(problem, StandardScaler()), drawn),
        Contender("k-means convolutions", _bounded(problem, StandardScaler()), learned, False),
    ]
    if problem.target == "classification":
        hinge = make_pipeline(StandardScaler(), HingeReadoutClassifier())
        found += [Contender("k-means convolutions + hinge", hinge, learned, False)]
    return found


def _kernel_size(image):
    """Kernels of some six rows and columns, of small images five and of tiny ones three."""
    least = min(np.shape(image)[:2])
    return (3, 3) if least < 8 else (5, 5) if least < 24 else (6, 6)


def _trees(problem, random_state):
    seed = {"random_state": random_state}
    kind = _pick(problem, TreeClassifier, TreeRegressor)
    features = TreeFeatures(pooling="mean", n_units=100, leak_rate=1.0, spectral_radius=0.0, **seed)
    reservoir = TreeFeatures(**seed)
    return [
        Contender("ridge", make_pipeline(StandardScaler(), _ridge(problem)), features),
        Contender("tree reservoir", kind(**seed), solves=True),
        Contender("tree reservoir + trees", _forest(problem, random_state), reservoir, False),
    ]


def _forecasts(problem, random_state):
    season = min(problem.periods) if problem.periods else 1
    longest = max(problem.periods) if problem.periods else 1
    n = problem.size
    ahead = {"horizon": problem.n_steps}
    delays = int(max(1, min(max(2 * season, 8), n // 4)))
    found = []
    if season > 1:
        found += [Contender("seasonal naive", NaiveForecaster(season))]
    seasons = {"period": problem.periods} if problem.periods else {"period": None}
    found += [
        Contender("drift", NaiveForecaster(drift=True)),
        Contender("ridge", NVARForecaster(delays, order=1, alpha=ALPHAS, **ahead)),
        Contender("seasonal", SeasonalForecaster()),
        Contender("NVAR", NVARForecaster(min(delays, 6), **ahead)),
        Contender("ESN", ESNForecaster(random_state=random_state, **ahead)),
        Contender("ESN, step by step", ESNForecaster(random_state=random_state), fast=False),
    ]
    if season > 1 and n > 4 * longest:
        inner = ESNForecaster(100, random_state=random_state, horizon=problem.n_steps)
        found += [Contender("seasonal + ESN", SeasonalForecaster(inner, **seasons), fast=False)]
    return found
