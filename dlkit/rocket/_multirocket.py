"""MultiRocket: MiniRocket's kernels on a series and its differences, with four poolings."""

import numpy as np

from .._jit import minirocket as loops
from .._params import count
from ._base import BaseRocket, differences
from ._minirocket import draw_kernels, loop_arguments

POOLINGS = 4


class MultiRocket(BaseRocket):
    """Four features for each bias of MiniRocket's kernels, on the series and its differences.

    For each kernel and bias b, of the outputs above b: their share, the longest stretch of them,
    the mean of output plus b, and the mean of their place in the series (0 and −1 if there are
    none).

    Parameters
    ----------
    n_kernels : int, default=6_250
        Biases of all kernels, rounded down to a multiple of 84 (and never fewer than 84); each
        makes eight features, four of the series and four of its differences.
    max_dilations : int, default=32
        Most dilations of each kernel.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw of the series that biases are taken from, and of the channels.
    n_jobs : int, default=None
        Threads, as in joblib. The result does not depend on it.
    verbose : int, default=0
        1 reports the progress of long work.

    Attributes
    ----------
    kernels_ : tuple of two MiniRocketKernels
        Those of the series and those of its differences, as in :class:`MiniRocket`.
    n_channels_in_ : int
        Channels of the sequences seen in ``fit``.
    n_features_in_ : int
        Columns of ``X``, where ``fit`` saw a 2-D ``X`` (one-channel sequences of one length).

    See Also
    --------
    MiniRocket : The share of outputs alone; its notes on lengths and channels hold here too.
    Hydra : Its company in the strongest combination of the family.

    Notes
    -----
    Features are ordered as the authors' are (the series' and then the differences'; within them
    shares, stretches, means of output, means of place; then as :class:`MiniRocket`'s), and with
    their kernels and biases equal theirs. Three peculiarities of their code, which made the
    published figures, are kept: on differences the four left taps of a kernel lie one step nearer
    to the centre, though not in the outputs that biases are taken from; a stretch is the distance
    from one output below b, or the first or last output, to the next; and b is added to the outputs
    whose mean is taken. With several channels, the differences' biases and features are of the
    same channels, drawn apart from the series' (their code takes them of different ones).

    The differences of a sequence of length one are a single zero.

    References
    ----------
    .. [1] Tan, Dempster, Bergmeir & Webb (2022), MultiRocket: multiple pooling operators and
       transformations for fast and effective time series classification, Data Mining and Knowledge
       Discovery 36, sections 3.1 and 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from dlkit import MultiRocket, RidgeReadoutClassifier
    >>> X = [np.sin(np.arange(40) * w) for w in (0.3, 0.9, 0.31, 0.91)]
    >>> MultiRocket(random_state=0).fit_transform(X).shape
    (4, 49728)
    >>> classifier = make_pipeline(
    ...     MultiRocket(840, random_state=0),
    ...     StandardScaler(with_mean=False),
    ...     RidgeReadoutClassifier(np.logspace(-3, 3, 10)),
    ... )
    >>> classifier.fit(X, ["low", "high", "low", "high"]).predict([np.sin(0.89 * np.arange(50))])
    array(['high'], dtype='<U4')
    """

    _parameter_constraints = BaseRocket._parameter_constraints | {"max_dilations": [count()]}

    def __init__(
        self,
        n_kernels=6_250,
        *,
        max_dilations=32,
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.n_kernels = n_kernels
        self.max_dilations = max_dilations
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _draw(self, batch, rng):
        size = self.n_kernels, self.max_dilations
        return (
            draw_kernels(batch, *size, rng),
            draw_kernels(differences(batch), *size, rng, lead=1),
        )

    def _encode(self, batch, kernels, out):
        column = 0
        rows = loops.LANES * (batch.lengths.max() // loops.LANES + 2) * loops.LANES
        pooled = *np.zeros((2, rows), dtype=out.dtype), np.empty((POOLINGS, loops.LANES))
        for part, own in zip((batch, differences(batch)), kernels, strict=True):
            loops.poolings(*loop_arguments(part, own), pooled, column, out)
            column += POOLINGS * len(own.biases)

    @property
    def _n_features_out(self):
        return POOLINGS * sum(len(own.biases) for own in self.kernels_)
