"""What both Boltzmann machines share: parameters, learning and Gibbs sampling as estimators."""

import numpy as np
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state, check_scalar
from sklearn.utils.validation import check_is_fitted

from .._announce import announce
from .._params import (
    Integral,
    Interval,
    Real,
    StrOptions,
    count,
    non_negative,
    positive,
    unchanged_on_failure,
)
from .._pictures import largest_of, warn_of_scale
from .._validation import n_samples
from ..exceptions import ScalingWarning
from ._divergence import Steps, learn, new_generator
from ._units import VISIBLE

__all__ = ["BoltzmannMachine"]


class BoltzmannMachine(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Subclasses say what samples are and how units are linked.

    ``_check(X, reset)`` returns samples that have a length, ``_fill(samples)`` a function that
    writes some of them to rows, ``_start(samples, random_state)`` a `Machine`, ``_wiring(machine)``
    its wiring, ``_going_on(samples)`` what must be as before, and ``_shaped(V)`` turns rows of
    visible states into samples.
    """

    _parameter_constraints = {
        "visible": [StrOptions(set(VISIBLE))],
        "persistent": ["boolean"],
        "n_gibbs": [count()],
        "learning_rate": [positive()],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "weight_decay": [non_negative()],
        "sparsity_target": [positive(), None],
        "sparsity_cost": [non_negative()],
        "batch_size": [count()],
        "n_epochs": [count(0)],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    @property
    def intercept_visible_(self):
        """Visible biases b."""
        return self._machine("intercept_visible_").visible_bias

    @property
    def intercept_hidden_(self):
        """Hidden biases c."""
        return self._machine("intercept_hidden_").hidden_bias

    def _machine(self, name):
        if "machine_" not in vars(self):
            raise AttributeError(f"{name} exists only once this {type(self).__name__} is fitted.")
        return self.machine_

    @unchanged_on_failure
    def fit(self, X, y=None):
        """Learn from scratch, by ``n_epochs`` passes over the samples.

        Parameters
        ----------
        X : array-like
            Samples, in the forms that the class takes.
        y : None
            Ignored.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter is not as allowed, X does not fit or is not finite, or learning
            diverges: the message then names ``learning_rate``. The estimator is left as it was.
        """
        self._validate_params()
        samples = self._check(X, reset=True)
        random_state = check_random_state(self.random_state)
        machine = self._start(samples, random_state)
        self._learn(machine, samples, self.n_epochs, random_state)
        return self

    @unchanged_on_failure
    def partial_fit(self, X, y=None):
        """Go on learning, by one pass over the samples in their order.

        Parameters
        ----------
        X : array-like
            Samples, as in :meth:`fit`.
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._validate_params()
        first = "machine_" not in vars(self)
        samples = self._check(X, reset=first)
        if first:
            machine = self._start(samples, check_random_state(self.random_state))
        else:
            for name, (now, then) in self._going_on(samples).items():
                if now != then:
                    raise ValueError(
                        f"partial_fit goes on with {name}={then!r}, got {now!r}: call fit to "
                        "begin anew."
                    )
            machine = self.machine_.copy()
        self._learn(machine, samples, 1)
        return self

    def _learn(self, machine, samples, n_epochs, random_state=None):
        fill, n = self._fill(samples), n_samples(samples)
        learn(machine, self._wiring(machine), fill, n, self, n_epochs, random_state)
        self.machine_ = machine

    def gibbs(self, X, n_steps=1, random_state=None):
        """Run Gibbs chains from given visible states.

        Parameters
        ----------
        X : array-like
            States to begin in, one chain each, of the shape of samples in :meth:`fit`.
        n_steps : int, default=1
            Steps, each hidden units given visible, then visible given hidden.
        random_state : int, RandomState instance or None, default=None
            Seeds the sampling; the estimator's own ``random_state`` if None.

        Returns
        -------
        V : ndarray of shape (n, ...)
            Visible states after the last step, float32.
        """
        check_is_fitted(self)
        check_scalar(n_steps, "n_steps", Integral, min_val=0)
        samples = self._check(X, reset=False)
        n = n_samples(samples)
        steps = self._steps(n, random_state)
        with np.errstate(over="ignore", under="ignore"):
            self._fill(samples)(steps.V, slice(n))
        return self._shaped(steps.walk(n, n_steps))

    def sample(self, n_samples=1, n_steps=1000, random_state=None):
        """Draw visible states from the model, by one Gibbs chain each from the data's mean.

        Parameters
        ----------
        n_samples : int, default=1
            Number of samples.
        n_steps : int, default=1000
            Steps of each chain. Models of strong weights mix slowly and want more.
        random_state : int, RandomState instance or None, default=None
            Seeds the sampling; the estimator's own ``random_state`` if None.

        Returns
        -------
        V : ndarray of shape (n_samples, ...)
            float32.
        """
        check_is_fitted(self)
        check_scalar(n_samples, "n_samples", Integral, min_val=1)
        check_scalar(n_steps, "n_steps", Integral, min_val=0)
        steps = self._steps(n_samples, random_state)
        mean = expit(self._base) if self.machine_.visible == "bernoulli" else self._base
        steps.V[:] = np.tile(mean, steps.V.shape[1] // len(mean))
        return self._shaped(steps.walk(n_samples, n_steps))

    def _steps(self, n, random_state):
        """Buffers for n chains, with a generator of their own."""
        machine = self.machine_.copy()
        machine.generator = new_generator(self._random_state(random_state))
        return Steps(machine, self._wiring(machine), 0, n)

    def _random_state(self, random_state):
        return check_random_state(self.random_state if random_state is None else random_state)

    def _check_range(self, X):
        """Warn where numbers are no probabilities, if that is what they are taken for."""
        if self.visible == "bernoulli" and (X.min() < 0 or X.max() > 1):
            announce(
                "visible='bernoulli' takes data from 0 to 1, got values from "
                f"{X.min():.3g} to {X.max():.3g}: scale X, or use visible='gaussian'.",
                ScalingWarning,
            )

    def _check_size(self, X, reset):
        """Note how large numbers are in ``fit``; warn where they are counts of levels only later.

        So it is where bytes meet a model of shares of 255. ``X`` are checked samples.
        """
        now = largest_of(X)
        if reset:
            self._largest = now
        elif self.visible == "bernoulli":
            warn_of_scale(self, vars(self).get("_largest", 0.0), now)

    def _bias_of(self, mean):
        """Visible biases of a model without weights that has this mean."""
        return logit(np.clip(mean, 0.01, 0.99)) if self.visible == "bernoulli" else mean

    def __sklearn_is_fitted__(self):
        return "machine_" in vars(self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
