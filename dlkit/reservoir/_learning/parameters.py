"""Parameters that the estimators share: what is allowed, what is drawn from them, their objects."""

from inspect import signature
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, clone

from ..._announce import announce
from ..._forecasts.horizon import as_horizon
from ..._forecasts.units import as_scaling
from ..._jit.activations import ACTIVATIONS
from ..._params import (
    HasMethods,
    Interval,
    Real,
    StrOptions,
    check_params,
    count,
    non_negative,
    plain,
    shown,
)
from ...exceptions import IgnoredParameterWarning
from .._cells.cell import Cell
from .._cells.kinds import CELLS, as_cell
from .._matrices.topology import (
    TOPOLOGIES,
    WEIGHTS,
    InputWeights,
    Topology,
    as_input_weights,
    as_topology,
    size_of,
    takes_links,
)
from .._models.layers import MOST, Layers, as_layers, draw_layers
from .._models.plasticity import IntrinsicPlasticity
from .._models.reservoir import draw_reservoir
from .context import Context
from .feedback import Feedback, as_feedback
from .pooling import POOLINGS, ModelSpace, as_pooling
from .targets import new_readout

_FINITE = Interval(Real, None, None, closed="neither")

# Parameters that say which reservoir is drawn.
DRAWN = {
    "n_units": [count()],
    "spectral_radius": [non_negative()],
    "leak_rate": [Interval(Real, 0, 1, closed="right"), "array-like"],
    "input_scaling": [_FINITE, "array-like"],
    "bias_scaling": [_FINITE],
    "n_links": [count()],
    "topology": [StrOptions(set(TOPOLOGIES)), Topology, np.ndarray, "sparse matrix", callable],
    "control": [StrOptions({"radius", "effective", "norm"})],
    "input_weights": [StrOptions(set(WEIGHTS)), InputWeights],
    "activation": [StrOptions(set(ACTIVATIONS)), callable],
    "cell": [StrOptions(set(CELLS)), Cell],
    "plasticity": [IntrinsicPlasticity, None],
}

# All parameters of a reservoir that is run over sequences.
RESERVOIR = {
    **DRAWN,
    "bidirectional": ["boolean"],
    "context": [Integral, "array-like", Context, None],
    "layers": [count(most=MOST), list, Layers, None],
    "passthrough": ["boolean"],
    "washout": [count(0)],
    "noise": [non_negative()],
    "random_state": ["random_state"],
    "n_jobs": [Integral, None],
    "n_lanes": [count(), None],
    "verbose": ["verbose"],
}
POOLING = {"pooling": [StrOptions(set(POOLINGS)), ModelSpace]}
START = {"start": [StrOptions({"rest", "fit"})]}
FEEDBACK = {"feedback": ["boolean", Feedback]}
READOUT = {
    "readout": [HasMethods(["fit", "predict"]), None],
    "alpha": [non_negative(), "array-like", StrOptions({"auto"})],
}

# What a name, a number or a flag stands for, where the parameter can also be an object.
SHORTCUTS = {
    "topology": as_topology,
    "input_weights": as_input_weights,
    "cell": as_cell,
    "context": lambda context: context if context is None else Context(context),
    "layers": lambda layers: layers if layers is None else as_layers(layers),
    "pooling": as_pooling,
    "feedback": as_feedback,
    "plasticity": lambda plasticity: plasticity,
    "scaling": as_scaling,
    "horizon": as_horizon,
    "readout": lambda readout: readout,
}


def set_params(estimator, **params):
    """Set the parameters of this estimator, and of the objects that are its parameters.

    Parameters
    ----------
    **params : dict
        Names and values. ``pooling__n_components`` is the parameter ``n_components`` of the object
        ``pooling``; a name in its place, ``"model_space"``, becomes the object that it stands for.

    Returns
    -------
    self : object
    """
    nested = {key.partition("__")[0]: key for key in params if "__" in key}
    for name in SHORTCUTS.keys() & nested.keys() & set(estimator.get_params(deep=False)):
        value = as_object(name, params.pop(name, getattr(estimator, name)))
        if not hasattr(value, "set_params"):
            raise ValueError(
                f"{nested[name]!r} is a parameter of an object, but {name}={shown(value)} is "
                f"none: set {name} to an object that has this parameter first."
            )
        setattr(estimator, name, value)
    return BaseEstimator.set_params(estimator, **params)


def as_object(name, value):
    """Own object for the shortcut of a parameter; values that are no shortcut stay as they are."""
    if hasattr(value, "get_params"):
        return value
    try:
        found = SHORTCUTS[name](value)
    except (KeyError, ValueError, TypeError):  # what it is, fit checks
        return value
    return clone(found) if hasattr(found, "get_params") else value


def draw(estimator, n_channels, fed=None, random_state=None, n_known=0):
    """Draw the reservoir, or the layers, that an estimator's parameters say.

    Parameters
    ----------
    estimator : estimator
        Has the parameters of ``DRAWN`` and ``random_state``; may have ``layers``.
    n_channels : int
        Channels that enter.
    fed : Fed, default=None
        Outputs that enter besides.
    random_state : int or RandomState, default=None
        Seeds the draw; the estimator's own if None.
    n_known : int, default=0
        Channels of these, the last, that are covariates.

    Returns
    -------
    Reservoir or DeepReservoir
    """
    params = {name: plain(getattr(estimator, name)) for name in DRAWN}
    warn_ignored(estimator)
    n_fed = 0 if fed is None else fed.n_outputs
    random_state = estimator.random_state if random_state is None else random_state

    def scaled(input_scaling):
        """Scaling of all channels that enter, given that of the user's own."""
        scaling = np.asarray(input_scaling, dtype=float)
        n_own = n_channels - n_known
        if n_fed + n_known == 0 or scaling.ndim > 1 or scaling.size not in (1, n_own):
            return input_scaling
        own = np.broadcast_to(scaling, n_own)
        beside = np.full(n_known, np.abs(own).mean())
        return np.concatenate([own, beside, np.full(n_fed, fed.scaling if n_fed else 0.0)])

    if estimator.layers is not None:
        return draw_layers(
            as_layers(estimator.layers), params, n_channels + n_fed, scaled,
            random_state, lambda own: check_params(estimator, own),
        )  # fmt: skip
    params["input_scaling"] = scaled(params["input_scaling"])
    params["n_units"] = size_of(params["n_units"], params["topology"])
    return draw_reservoir(n_channels=n_channels + n_fed, random_state=random_state, **params)


def warn_ignored(estimator):
    """Warn of parameters that were given but mean nothing beside the value of another."""
    common = {name: getattr(estimator, name) for name in DRAWN}
    each, own = [common], [{}]
    if estimator.layers is not None:
        layers = as_layers(estimator.layers)
        each = layers.of_each(common, lambda params: check_params(estimator, params))
        own = layers.settings if isinstance(layers.settings, list) else [{} for _ in each]
        own = [(layers.progression or {}) | settings for settings in own]

    found = []
    for name, beside in (("leak_rate", beside_cell), ("n_links", beside_topology)):
        idle = [beside(params) for params in each]
        if given(estimator, name) and all(idle):
            found.append((name, common[name], idle[0]))
        found += [
            (name, params[name], reason)
            for params, settings, reason in zip(each, own, idle, strict=True)
            if name in settings and reason
        ]
    n_units, shape = common["n_units"], getattr(common["topology"], "shape", (0, 1))
    square = len(shape) == 2 and shape[0] == shape[1]  # else the draw will refuse it
    if estimator.layers is None and square and given(estimator, "n_units") and n_units != shape[0]:
        reason = f"a topology that is a matrix: it has {shape[0]} units"
        found.append(("n_units", n_units, reason))
    for name, value, reason in found:
        warn_idle(name, value, reason)


def given(estimator, name):
    """Whether a parameter has another value than its default."""
    parameters = signature(type(estimator).__init__).parameters
    if name not in parameters:
        return False
    value, default = getattr(estimator, name), parameters[name].default
    if isinstance(default, tuple):  # clones have tuples of their own
        return not isinstance(value, tuple) or repr(value) != repr(default)
    return not (value is default or (np.ndim(value) == 0 and value == default))


def warn_idle(name, value, reason):
    """Warn that a parameter means nothing, and why."""
    announce(
        f"{name}={shown(value)} means nothing beside {reason}. Leave {name} out.",
        IgnoredParameterWarning,
    )


def beside_cell(params):
    """Why ``leak_rate`` means nothing; None if it does mean something."""
    cell = params["cell"]
    return None if as_cell(cell).leaks else f"cell={shown(cell)}, whose gates take its place"


def beside_topology(params):
    """Why ``n_links`` means nothing; None if it does mean something."""
    topology = params["topology"]
    if takes_links(topology) or as_cell(params["cell"]).takes_links:
        return None
    if isinstance(topology, (str, Topology)):
        return f"topology={shown(topology)}, as only 'sparse' draws so many links"
    kind = "function" if callable(topology) else "matrix"
    return f"a topology that is a {kind}: all links are those of the matrix"


def default_alphas(alpha, auto):
    """Penalties of the default readout; ``auto`` where the user leaves the choice to it."""
    return auto if isinstance(alpha, str) else alpha


def readout_of(estimator):
    """Unfitted copy of the user's readout, or the estimator's default one."""
    if estimator.readout is not None and given(estimator, "alpha"):
        reason = f"readout={shown(estimator.readout)}, which has penalties of its own"
        warn_idle("alpha", estimator.alpha, reason)
    return new_readout(estimator.readout, estimator._default_readout())
