"""The restricted Boltzmann machine."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_scalar
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .. import _budgets
from .._params import Integral, StrOptions, count, says
from .._products import times
from .._threads import one_blas_thread
from .._validation import refuse_overflow
from ._boltzmann import BoltzmannMachine
from ._divergence import Machine
from ._partition import MOST_ENUMERATED, annealed_log_partition, exact_log_partition, free_energy
from ._pseudo_likelihood import pseudo_likelihood
from ._tables import blocks, check_rows, filler
from ._units import HIDDEN, VISIBLE
from ._wiring import Dense

__all__ = ["RBM"]


def _has_likelihood(rbm):
    if says(rbm.visible, "gaussian") and says(rbm.hidden, "relu"):
        raise AttributeError(
            "visible='gaussian' with hidden='relu' has no score: its density need not have a "
            "finite integral. Use reconstruct or free_energy."
        )
    return True


class RBM(BoltzmannMachine):
    """A restricted Boltzmann machine, learned by contrastive divergence.

    Visible units v and hidden units h have the energy E(v, h) = −bᵀv − cᵀh − hᵀWv for binary
    visible units [1]_, and ‖v − b‖² / 2 − cᵀh − hᵀWv for Gaussian ones. Learning follows the
    gradient of the likelihood, with the expectation under the model taken from k steps of Gibbs
    sampling: of chains that go on from step to step (persistent contrastive divergence [2]_), or
    that begin at the data each time (contrastive divergence [1]_).

    Parameters
    ----------
    n_components : int, default=256
        Number of hidden units.
    visible : {"bernoulli", "gaussian"}, default="bernoulli"
        Kind of the visible units: binary, where data between 0 and 1 are taken as probabilities;
        or real with variance one, for data scaled to about that and centred.
    hidden : {"bernoulli", "relu"}, default="bernoulli"
        Kind of the hidden units: binary, or noisy rectified linear [3]_.
    persistent : bool, default=True
        Whether chains go on from one step to the next; else they begin at the mini-batch.
    n_gibbs : int, default=1
        Steps k of Gibbs sampling for each step of learning.
    n_chains : int, default=None
        Persistent chains; as many as a mini-batch has rows if None.
    learning_rate : float, default=0.05
        Length of a step along the mean gradient of a mini-batch.
    momentum : float, default=0.0
        Share of the last step that is added to the next, in [0, 1).
    weight_decay : float, default=0.0
        Strength of an L2 penalty on W.
    sparsity_target : float, default=None
        Mean activity that hidden units are drawn to, by their biases; none if None.
    sparsity_cost : float, default=1.0
        Strength of that pull.
    batch_size : int, default=10
        Rows of a mini-batch.
    n_epochs : int, default=10
        Passes of `fit` over the data, each in a new random order.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, order and all sampling.
    verbose : int, default=0
        1 reports progress.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Weights W, float32.
    intercept_visible_ : ndarray of shape (n_features,)
        Visible biases b, float32.
    intercept_hidden_ : ndarray of shape (n_components,)
        Hidden biases c, float32.
    machine_ : Machine
        The state of learning: the arrays above, velocities, chains, generator.
    n_features_in_ : int
        Number of visible units.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X had string names.

    See Also
    --------
    ConvRBM : Weights shared over positions, with probabilistic max-pooling.
    GreedyLayerwise : Several, one on top of the other: a deep belief network.

    Notes
    -----
    The visible biases begin at the data's mean (its log odds), as Hinton (2012, A practical guide
    to training restricted Boltzmann machines) advises. Learning computes in float32 whatever the
    dtype of X, since its gradient is an estimate of one or two digits; `transform` and all that
    evaluates a model compute in the dtype of X, log-likelihoods in float64. Where data and states
    are mostly zeros, learning adds up weights of what is not, faster than matrix products are.

    References
    ----------
    .. [1] Hinton (2002). Training products of experts by minimizing contrastive divergence.
       Neural Computation 14(8), eq. 5.
    .. [2] Tieleman (2008). Training restricted Boltzmann machines using approximations to the
       likelihood gradient. ICML.
    .. [3] Nair & Hinton (2010). Rectified linear units improve restricted Boltzmann machines.
       ICML, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> from dlkit.layerwise import RBM
    >>> X = np.repeat([[1, 1, 0, 0], [0, 0, 1, 1]], 100, axis=0).astype(float)
    >>> rbm = RBM(2, learning_rate=0.1, n_chains=500, n_epochs=50, random_state=0).fit(X)
    >>> rbm.transform(X).shape
    (200, 2)
    >>> log_z, error = rbm.log_partition()
    >>> bool((-rbm.free_energy(X) - log_z).mean() > -1.0)  # the best is log(1/2)
    True
    """

    _parameter_constraints = BoltzmannMachine._parameter_constraints | {
        "n_components": [count()],
        "n_chains": [count(), None],
        "hidden": [StrOptions(set(HIDDEN))],
    }

    def __init__(
        self,
        n_components=256,
        *,
        visible="bernoulli",
        hidden="bernoulli",
        persistent=True,
        n_gibbs=1,
        n_chains=None,
        learning_rate=0.05,
        momentum=0.0,
        weight_decay=0.0,
        sparsity_target=None,
        sparsity_cost=1.0,
        batch_size=10,
        n_epochs=10,
        random_state=None,
        verbose=0,
    ):
        self.n_components = n_components
        self.visible = visible
        self.hidden = hidden
        self.persistent = persistent
        self.n_gibbs = n_gibbs
        self.n_chains = n_chains
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.sparsity_target = sparsity_target
        self.sparsity_cost = sparsity_cost
        self.batch_size = batch_size
        self.n_epochs = n_epochs
        self.random_state = random_state
        self.verbose = verbose

    @property
    def components_(self):
        """Weights W, shape (n_components, n_features)."""
        return self._machine("components_").weights

    def _start(self, X, random_state):
        with np.errstate(over="ignore", invalid="ignore"):
            parts = blocks(X, _budgets.RBM_ROWS)
            mean = sum(part.sum(axis=0, dtype=np.float64) for _, part in parts) / X.shape[0]
        refuse_overflow(mean, "X")
        self._check_range(X)
        self._base = self._bias_of(mean)
        chains, n_hidden = self.n_chains or self.batch_size, int(self.n_components)
        return Machine.start(
            self.visible, self.hidden, (n_hidden, X.shape[1]), self._base,
            (int(chains), n_hidden), random_state,
        )  # fmt: skip

    def _check(self, X, reset):
        X = check_rows(self, X, reset)
        self._check_size(X.data[None] if issparse(X) else X, reset)
        return X

    def _fill(self, X):
        return filler(X)

    def _wiring(self, machine):
        return Dense(machine)

    def _going_on(self, X):
        m = self.machine_
        return {
            "n_components": (self.n_components, len(m.hidden_bias)),
            "visible": (self.visible, m.visible),
            "hidden": (self.hidden, m.hidden),
        }

    def _shaped(self, V):
        return V

    def transform(self, X):
        """Expectation of the hidden units given the visible ones.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.

        Returns
        -------
        H : ndarray of shape (n, n_components)
            Probabilities P(h = 1 | v); for ``hidden="relu"``, log(1 + exp(x)) of the input x.
        """
        return self._by_rows(X, self._up, "_n_features_out")

    def reconstruct(self, X):
        """Expectation of the visible units, given the expectation of the hidden ones given X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.

        Returns
        -------
        V : ndarray of shape (n, n_features)
        """

        def there_and_back(model, V):
            return VISIBLE[model[0]].mean(times(self._up(model, V), model[2]) + model[3])

        return self._by_rows(X, there_and_back, "n_features_in_")

    def free_energy(self, X):
        """Free energy F(v) = −log Σ_h exp(−E(v, h)): low where the model finds X likely.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.

        Returns
        -------
        F : ndarray of shape (n,)
            float64; ``-F - log_partition()[0]`` is the log-likelihood.
        """
        return self._by_rows(X, free_energy, None, np.float64)

    @available_if(_has_likelihood)
    def score_samples(self, X):
        """Pseudo-likelihood: Σᵢ log p(vᵢ | all other visible units), exactly, for each row.

        scikit-learn's ``BernoulliRBM.score_samples`` estimates the same from one i drawn at
        random. A binary unit's value between 0 and 1 counts as the probability of a one.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.

        Returns
        -------
        scores : ndarray of shape (n,)
            float64.
        """
        return self._by_rows(X, pseudo_likelihood, None, np.float64)

    @available_if(_has_likelihood)
    def score(self, X, y=None):
        """Mean of :meth:`score_samples`: what a grid search maximises.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n, n_features)
            Data.
        y : None
            Ignored.

        Returns
        -------
        score : float
        """
        return float(self.score_samples(X).mean())

    def log_partition(self, method="auto", n_chains=100, n_steps=1000, random_state=None):
        """Log of the partition function Z, the sum of exp(−E) over all states.

        Parameters
        ----------
        method : {"auto", "exact", "ais"}, default="auto"
            Enumeration of the states of the smaller binary layer, at most 20 units; or annealed
            importance sampling (Salakhutdinov & Murray 2008, On the quantitative analysis of deep
            belief networks, ICML), for binary hidden units. "auto" enumerates where it can.
        n_chains, n_steps : int, default=100, 1000
            Chains of the annealing, and intermediate distributions of each.
        random_state : int, RandomState instance or None, default=None
            Seeds the annealing; the estimator's own ``random_state`` if None.

        Returns
        -------
        log_z : float
        error : float
            Standard error: 0 where it is exact. An annealing too short may be further off than
            its spread tells.

        Raises
        ------
        ValueError
            If the method is not known or cannot serve for this model.
        """
        check_is_fitted(self)
        if method not in ("auto", "exact", "ais"):
            raise ValueError(f"method must be 'auto', 'exact' or 'ais', got {method!r}.")
        model = self._model(np.float64)
        with np.errstate(under="ignore"):
            exact = None if method == "ais" else exact_log_partition(model)
        if exact is not None:
            return exact, 0.0
        if method == "exact":
            raise ValueError(
                "method='exact' enumerates the states of a layer of binary units: at most "
                f"{MOST_ENUMERATED}, got {model[2].shape[0]} hidden ({model[1]}) and "
                f"{model[2].shape[1]} visible ({model[0]}) units."
            )
        if model[1] != "bernoulli":
            raise ValueError(f"method='ais' needs hidden='bernoulli', got hidden={model[1]!r}.")
        check_scalar(n_chains, "n_chains", Integral, min_val=1)
        check_scalar(n_steps, "n_steps", Integral, min_val=1)
        rng = self._random_state(random_state)
        with np.errstate(under="ignore"):
            return annealed_log_partition(model, self._base, n_chains, n_steps, rng)

    def _model(self, dtype):
        m = self.machine_
        arrays = (a.astype(dtype, copy=False) for a in (m.weights, m.visible_bias, m.hidden_bias))
        return m.visible, m.hidden, *arrays

    @staticmethod
    def _up(model, V):
        return HIDDEN[model[1]].mean(times(V, model[2].T) + model[4])

    def _by_rows(self, X, function, width, dtype=None):
        """Apply ``function(model, rows)`` to blocks of rows, which bounds what memory it takes.

        ``width`` is the name of the attribute that counts columns of the result; None: a number
        for each row.
        """
        check_is_fitted(self)
        X = self._check(X, reset=False)
        dtype = X.dtype if dtype is None else dtype
        model = self._model(dtype)
        out = np.empty((X.shape[0], *(() if width is None else (getattr(self, width),))), dtype)
        with one_blas_thread(), np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for rows, block in blocks(X, _budgets.RBM_ROWS):
                out[rows] = function(model, block.astype(dtype, copy=False))
        return refuse_overflow(out, "X")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    @property
    def _n_features_out(self):
        return len(self.machine_.hidden_bias)
