"""Which candidates share what: a draw, a run, or all but the penalty of their readout."""

from copy import copy
from dataclasses import dataclass, field
from numbers import Number

import numpy as np
from sklearn.base import clone

from ..._forecasts.series import pack_series
from ..._params import check_params
from ...sequences import pack
from .._classifier import ESNClassifier
from .._forecaster import ESNForecaster
from .._learning.feedback import as_feedback
from .._learning.pooling import as_pooling
from .._models.plasticity import plastic
from .._regressor import ESNRegressor
from .._step_esn import StepESN
from .._step_forecaster import Forecaster
from .._tagger import ESNTagger

# Parameters by what they concern; all that are named nowhere here concern the run.
DRAW = (
    "n_units", "topology", "n_links", "control", "input_weights", "cell", "plasticity", "context",
    "layers", "random_state",
)  # fmt: skip
SCALES = ("spectral_radius", "leak_rate", "input_scaling", "bias_scaling", "activation")
READOUT = ("alpha", "class_weight")
NOTHING = ("n_jobs", "verbose")


@dataclass
class Setting:
    """One run: candidates that differ in their readout alone.

    Attributes
    ----------
    esn : estimator
        The first candidate's estimator.
    draw : tuple
        Key of the draw, which other settings may share.
    plans : dict of list of (int, estimator)
        Candidates, by number, under the key of their class weights.
    driver : Driver
        Runs what is drawn, as ``draw_reservoirs`` finds it.
    """

    esn: object
    draw: tuple
    plans: dict = field(default_factory=dict)
    driver: object = None

    def add(self, i, esn, given):
        """Take in candidate i."""
        self.plans.setdefault(_same(given.get("class_weight")), []).append((i, esn))

    @property
    def per_step(self):
        """Whether a row is a time step."""
        return isinstance(self.esn, StepESN)

    @property
    def begins(self):
        """Key of what says where the series of a fold begin, and in which units they are."""
        return getattr(self.esn, "start", None), _same(getattr(self.esn, "scaling", None))

    @property
    def rows(self):
        """What a row of a 2-D ``X`` is, see ``pack``."""
        return "steps" if self.per_step else "sequences"

    def packed(self, X):
        """All data, packed."""
        if isinstance(self.esn, Forecaster):
            return pack_series(X).raw
        return pack(X, rows=self.rows)

    @property
    def pooling(self):
        """Pooling of sequences."""
        return None if self.per_step else as_pooling(self.esn.pooling)

    @property
    def learned(self):
        """Key of all that says which rows and targets a readout learns from."""
        esn = self.esn
        ahead = _same(getattr(esn, "horizon", None)), _same(getattr(esn, "scaling", None))
        return esn.washout, _same(esn.context), *ahead

    @property
    def separate(self):
        """Whether what the readout sees of a sequence depends on the fold.

        It does under noise in training, plasticity, a pooling that learns, and where series are
        also run from their ends. So does the state in which the training of a series ends, where
        a state is more than a row. So do the units of a forecaster.
        """
        if getattr(self.esn, "scaling", None) is not None:
            return True
        if self.driver.noise > 0 or plastic(self.driver.drawn):
            return True
        if not self.per_step:
            return self.pooling.learns
        drawn = self.driver.drawn
        n_states = drawn.rest(1, np.float64).shape[1]
        return self.driver.both_ways or n_states != drawn.n_features


def make_plan(estimator, candidates):
    """Group candidates into settings.

    Returns
    -------
    settings : list of Setting
        In order of first appearance; ``draw_reservoirs`` is to follow.
    reasons : list of str
        Why some candidates are in none of them; empty where each of those is merely invalid, as
        its fit will report.
    """
    settings, reasons = {}, []
    defaults = estimator.get_params(deep=False)
    for i, params in enumerate(candidates):
        given = defaults | params
        run = tuple(_same(v) for name, v in given.items() if name not in (*READOUT, *NOTHING))
        if run in settings and params.keys() <= defaults.keys():
            try:
                esn = _sibling(settings[run].esn, given)
            except (ValueError, TypeError):
                continue
            settings[run].add(i, esn, given)
            continue
        esn = clone(estimator)
        reason = None
        if type(esn) not in (ESNClassifier, ESNRegressor, ESNForecaster, ESNTagger):
            reason = f"{type(esn).__name__} is none of dlkit's echo state networks"
        else:
            try:
                esn.set_params(**clone(params, safe=False))
                esn._validate_params()
            except (ValueError, TypeError):
                continue
            if esn.readout is not None:
                reason = f"readout={esn.readout!r} is not the default one"
            elif as_feedback(getattr(esn, "feedback", False)) is not None:
                reason = "outputs that are fed back are those of each candidate's own readout"
            elif esn.random_state is None:
                reason = "random_state=None draws another reservoir for each fit"
        if reason is not None:
            if reason not in reasons:
                reasons.append(reason)
            continue
        nested = (k for k in sorted(params) if k.partition("__")[0] in DRAW and "__" in k)
        draw = *(_same(given[name]) for name in DRAW), *((k, _same(params[k])) for k in nested)
        settings.setdefault(run, Setting(esn, draw)).add(i, esn, given)
    return list(settings.values()), reasons


def _sibling(esn, given):
    """Copy of an unfitted, valid estimator with another's parameters of the readout.

    A clone and a check of all parameters would take a tenth as long as a fit.
    """
    esn = copy(esn)
    others = {name: clone(given[name], safe=False) for name in READOUT + NOTHING if name in given}
    vars(esn).update(others)
    check_params(esn, others)
    return esn


def _same(value):
    """Key of a parameter's value: equal for equal numbers and names, else for one object."""
    plain = value is None or isinstance(value, (Number, str))
    return type(value), value if plain else id(value)


def draw_reservoirs(settings, n_channels):
    """Give each setting its driver, drawing once for all that share a draw.

    Returned are the settings that can be drawn; a fit of the others will raise the error.
    """
    drawn, good = {}, []
    for setting in settings:
        esn, known = setting.esn, None
        try:
            if setting.draw in drawn and esn.layers is None:
                scales = {name: getattr(esn, name) for name in SCALES}
                known = drawn[setting.draw].with_settings(**scales)
            setting.driver = esn._new_driver(n_channels, drawn=known)
            drawn[setting.draw] = setting.driver.drawn
            good.append(setting)
        except (ValueError, TypeError):
            continue
    return good
