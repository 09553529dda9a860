"""A reservoir with a memory that is written and read."""

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._announce import announce
from .._params import (
    HasMethods,
    Integral,
    StrOptions,
    count,
    non_negative,
    plain,
    unchanged_on_failure,
)
from .._validation import check_array
from ..exceptions import OverwrittenMemoryWarning
from ..reservoir import ReservoirStates
from ..reservoir._driver import Driver
from ..sequences import check_sequences, step_targets, step_weights
from . import _automaton, _pointer

_LONGEST = 4000  # steps of a sequence that is learned from: memory grows with their square
_KINDS = 256  # of inputs, for an automaton


class ReservoirMemoryMachine(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Reservoir with an explicit memory, for numbers at each time step.

    A fixed random reservoir runs over each sequence. Beside it inputs are written, unchanged, to a
    ring of rows, and a reading pointer moves over the ring; the output is a linear map of the
    reservoir's state and of the row read. Linear classifiers decide what is written and how the
    pointer moves. What was written stays as long as is asked for, and a pointer moves on sequences
    longer than those in training as it did on these: no state fades.

    Parameters
    ----------
    n_units : int, default=128
        Number of units of the reservoir, unless ``reservoir`` is given.
    addressing : {"pointer", "content", "states"}, default="pointer"
        How memory is found again. ``"pointer"``: at each step the reading pointer stays, goes one
        row on, or goes back to the first row. ``"content"``: it can also jump behind the row whose
        input, and those before it, are most like the current ones, or the last ones. ``"states"``:
        what is stored are states of the reservoir, one for each state of a finite automaton found
        from the examples; inputs and targets must then be symbols, a few different rows.
    memory_size : int, default=1000
        Rows of the ring. Rows written beyond overwrite the oldest, which is warned of.
    key_length : int, default=4
        Steps that are compared, for ``addressing="content"``, by the sum of squared differences of
        all channels.
    max_states : int, default=64
        Most states of the automaton, for ``addressing="states"``.
    reservoir : ReservoirStates, default=None
        Unfitted, with other parameters of the reservoir. If None, cycles with jumps, as in [1]_,
        and ``input_scaling=1.0`` for ``addressing="states"``.
    alpha : float, array-like or "auto", default="auto"
        Ridge penalty of the outputs; of several, the best by generalised cross-validation.
        ``"auto"`` stands for 7 values from 1e-10 to 1e2.
    controller : classifier, default=None
        A linear classifier, with ``coef_`` and ``intercept_`` after ``fit``, that decides;
        ``LogisticRegression(max_iter=60)`` if None.
    max_rounds : int, default=6
        Most rounds of alignment, from each of several beginnings.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw of the reservoir, and of the steps that decisions are learned from where
        there are many.
    n_jobs : int, default=None
        Threads that run the reservoir, as in joblib.
    verbose : int, default=0
        1 announces loops that are being compiled.

    Attributes
    ----------
    machine_ : object
        What was learned: decisions and outputs.
    driver_ : Driver
        The reservoir, and how it is run.
    n_states_ : int
        States of the automaton, with ``addressing="states"``.
    training_error_ : float
        Root mean squared error on the training data, run by the machine's own decisions.
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        The same, where ``fit`` saw a 2-D ``X``.

    See Also
    --------
    ESNForecaster : A number for each time step, of what a reservoir still knows.
    dlkit.datasets.make_copy : A task for memory, as are its neighbours.

    Notes
    -----
    Which row should be read when is not known in training. Dynamic programming finds the cheapest
    way of the pointer, given the linear map; decisions and map are fitted to that way, and so on in
    turn, in time that grows with the square of the length of a sequence. Of several beginnings the
    one is kept that errs least when it is run by its own decisions. Decisions depend on the input,
    the state, the row read last, the row after it and the first one, so that the machine also
    knows what it has read. Predictions take time in proportion to the length, and with
    ``addressing="content"`` to the length times the rows written.

    ``addressing="states"`` finds the automaton by merging states [3]_. Its states are those of the
    shortest beginnings that tell them apart, and a machine that has seen every transition follows
    them without error at any length.

    References
    ----------
    .. [1] B. Paassen and A. Schulz, "Reservoir memory machines", ESANN 2020.
    .. [2] B. Paassen, A. Schulz, T. Stewart and B. Hammer, "Reservoir memory machines as neural
       computers", IEEE Trans. Neural Networks and Learning Systems, 2021.
    .. [3] J. Oncina and P. Garcia, "Inferring regular languages in polynomial updated time",
       Pattern Recognition and Image Analysis, 1992.

    Examples
    --------
    Copies of at most 6 steps are learned, and one of 30 is asked for:

    >>> import numpy as np
    >>> from dlkit import ReservoirMemoryMachine
    >>> from dlkit.datasets import make_copy
    >>> X, y = make_copy(40, n_bits=3, max_length=6, random_state=0)
    >>> machine = ReservoirMemoryMachine(20, random_state=0).fit(X, y)
    >>> X, y = make_copy(1, n_bits=3, min_length=30, max_length=30, random_state=1)
    >>> bool(np.abs(machine.predict(X)[0] - y[0]).max() < 1e-3)
    True

    A word of any length with an odd number of ones:

    >>> from dlkit.datasets import make_regular_language
    >>> X, y = make_regular_language(50, "parity", random_state=0)
    >>> machine = ReservoirMemoryMachine(20, addressing="states", random_state=0).fit(X, y)
    >>> machine.predict([np.eye(2)[[1] * 501]])[0][-1]
    np.float64(1.0)
    """

    _parameter_constraints = {
        "n_units": [count()],
        "addressing": [StrOptions({"pointer", "content", "states"})],
        "memory_size": [count(2)],
        "key_length": [count()],
        "max_states": [count()],
        "reservoir": [ReservoirStates, None],
        "alpha": [non_negative(), "array-like", StrOptions({"auto"})],
        "controller": [HasMethods(["fit", "predict"]), None],
        "max_rounds": [count()],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        n_units=128,
        *,
        addressing="pointer",
        memory_size=1000,
        key_length=4,
        max_states=64,
        reservoir=None,
        alpha="auto",
        controller=None,
        max_rounds=6,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_units = n_units
        self.addressing = addressing
        self.memory_size = memory_size
        self.key_length = key_length
        self.max_states = max_states
        self.reservoir = reservoir
        self.alpha = alpha
        self.controller = controller
        self.max_rounds = max_rounds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @unchanged_on_failure
    def fit(self, X, y):
        """Draw the reservoir, and learn what is written, read and told.

        Parameters
        ----------
        X : array-like or list of array-like
            One series, of shape (T, C), its rows consecutive steps; or several: a list of arrays
            of shape (T_i, C) or (T_i,), or an array of shape (n, T, C).
        y : array-like or list of array-like
            Targets in the form of ``X``: of shape (T,) or (T, n_outputs) for one series.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a sequence has more than 4000 steps; with ``addressing="states"`` if ``X`` has more
            than 256 different rows, ``y`` does not follow from ``X``, or no automaton of at most
            ``max_states`` states tells how.
        """
        if y is None:
            raise ValueError(
                "ReservoirMemoryMachine requires y to be passed, but the target y is None."
            )
        self._validate_params()
        batch = check_sequences(self, X, reset=True, rows="steps")
        targets = check_array(
            step_targets(batch, y), ensure_2d=False, dtype=np.float64, input_name="y"
        )
        self._tail = targets.shape[1:]
        targets = targets.reshape(len(targets), -1)
        rng = check_random_state(self.random_state)
        driver = Driver.of(self._reservoir(rng), batch.n_channels)
        driver.check(batch)
        driver.check_scale(batch)
        self.driver_ = driver.adapted(batch)
        for stale in ("n_states_", "training_error_"):
            vars(self).pop(stale, None)
        if self.addressing == "states":
            self._fit_states(batch, targets)
        else:
            self._fit_pointer(batch, targets, rng)
        return self

    def _reservoir(self, rng):
        seed = rng.randint(2**31 - 1)
        if self.reservoir is None:
            scaling = 1.0 if self.addressing == "states" else 0.1
            return ReservoirStates(
                plain(self.n_units), topology="cycle_jumps", input_scaling=scaling,
                random_state=seed,
            )  # fmt: skip
        reservoir = clone(self.reservoir)
        reservoir._validate_params()
        if reservoir.random_state is None:
            reservoir.set_params(random_state=seed)
        return reservoir

    def _fit_pointer(self, batch, targets, rng):
        longest = int(batch.lengths.max())
        if longest > _LONGEST:
            raise ValueError(
                f"X has a sequence of {longest} steps; a machine learns from sequences of at most "
                f"{_LONGEST}: cut them."
            )
        controller = self.controller
        if controller is None:
            controller = LogisticRegression(max_iter=60)
        alpha = np.logspace(-10, 2, 7) if isinstance(self.alpha, str) else self.alpha
        size, width, rounds = plain((self.memory_size, self.key_length, self.max_rounds))
        self.machine_, self.training_error_, lost = _pointer.learn(
            batch, self._states(batch), targets, n_slots=size, width=width,
            n_actions=5 if self.addressing == "content" else 3, alpha=alpha,
            controller=controller, n_rounds=rounds, rng=rng,
        )  # fmt: skip
        self._warn_lost(lost)

    def _fit_states(self, batch, targets):
        if self.driver_.both_ways:
            raise ValueError('addressing="states" excludes a reservoir with bidirectional=True.')
        n_kinds = len(np.unique(batch.values, axis=0))
        if n_kinds > _KINDS:
            raise ValueError(
                f'X has {n_kinds} different rows; addressing="states" takes symbols, at most '
                f"{_KINDS} different rows."
            )
        self.machine_ = _automaton.learn(batch, self.driver_, targets, plain(self.max_states))
        self.n_states_ = len(self.machine_.stored)
        told = self.machine_.predict(batch)
        self.training_error_ = float(np.sqrt(np.mean((told - targets) ** 2)))

    def _states(self, batch):
        out = np.empty((len(batch.values), self.driver_.n_columns), dtype=batch.values.dtype)
        self.driver_.run(batch, out=out, n_jobs=self.n_jobs)
        return out

    def _warn_lost(self, lost):
        if lost:
            announce(
                f"{lost} rows of the memory were overwritten by later ones: sequences write more "
                f"than memory_size={self.memory_size} rows. Use a larger memory_size, if rows are "
                "to be kept.",
                OverwrittenMemoryWarning,
            )

    def predict(self, X):
        """Outputs at each time step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`.

        Returns
        -------
        outputs : ndarray or list of ndarray
            In the form of ``X``: of shape (T,) or (T, n_outputs) for one series, as ``y`` was.
        """
        batch = self._check(X)
        if isinstance(self.machine_, _automaton.Automaton):
            told, lost = self.machine_.predict(batch), 0
        else:
            told, lost = self.machine_.predict(batch, self._states(batch))
        self._warn_lost(lost)
        told = told.astype(batch.values.dtype).reshape(len(told), *self._tail)
        return batch.unpack(told)

    def read(self, X):
        """What is read at each time step.

        Parameters
        ----------
        X : array-like or list of array-like
            Series, as in :meth:`fit`.

        Returns
        -------
        steps : ndarray or list of ndarray of int64
            In the form of ``X``: the step of the series whose input is read, −1 where nothing is;
            with ``addressing="states"`` the number of the automaton's state.
        """
        batch = self._check(X)
        if isinstance(self.machine_, _automaton.Automaton):
            return batch.unpack(self.machine_.reads(batch))
        return batch.unpack(self.machine_.reads(batch, self._states(batch))[0])

    def _check(self, X):
        check_is_fitted(self)
        batch = check_sequences(self, X, reset=False, rows="steps")
        self.driver_.check(batch)
        return batch

    def score(self, X, y, sample_weight=None):
        """Coefficient of determination R² over all steps.

        Parameters
        ----------
        X : array-like or list of array-like
            Series.
        y : array-like or list of array-like
            Targets in the form of ``X``.
        sample_weight : array-like or list of array-like, default=None
            Weights of the steps, in the form of ``y``.

        Returns
        -------
        score : float
        """
        batch = self._check(X)
        sample_weight = step_weights(batch, sample_weight)
        both = (
            np.asarray(step_targets(batch, each), dtype=np.float64) for each in (y, self.predict(X))
        )
        return r2_score(*both, sample_weight=sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
