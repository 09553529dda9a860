"""The JapaneseVowels data set."""

from importlib.resources import files

import numpy as np
from sklearn.utils import Bunch

from .._params import StrOptions, validate_params


@validate_params(
    {"subset": [StrOptions({"all", "train", "test"})], "return_X_y": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def load_japanese_vowels(*, subset="all", return_X_y=False):
    """Load the JapaneseVowels data set. The task is to tell which of nine men speaks.

    A sample is an utterance of the vowels "ae": a sequence of 7 to 29 steps of 12 LPC cepstrum
    coefficients. The class is the speaker. The standard split has 270 utterances for training
    (30 a speaker) and 370 for testing (24 to 88 a speaker).

    ==================  ============================
    Classes                                        9
    Utterances                  270 train + 370 test
    Channels                                      12
    Steps an utterance                    7, ..., 29
    Values                real, -1.852765 - 2.203141
    ==================  ============================

    Parameters
    ----------
    subset : {'all', 'train', 'test'}, default='all'
        Which utterances to load. 'all' starts with the 270 for training.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    data : :class:`~sklearn.utils.Bunch`
        A dictionary-like object with the attributes

        data : list of ndarray of shape (n_steps, 12), float64
            The utterances, with the same decimals as the source.
        target : ndarray of shape (n_utterances,), int64
            The speakers, 0 to 8 (1 to 9 in the source).
        target_names : list of str
            Names of the speakers, "speaker 1" to "speaker 9".
        feature_names : list of str
            Names of the 12 channels.
        n_train : int
            How many of the utterances are for training; these stand first.
        DESCR : str
            Description, licence and attribution.
    (data, target) : tuple if ``return_X_y`` is True
        The utterances and the speakers.

    Raises
    ------
    ValueError
        If ``subset`` is none of those above.

    References
    ----------
    .. [1] M. Kudo, J. Toyama and M. Shimbo, "Multidimensional curve classification using
       passing-through regions", Pattern Recognition Letters 20, 1999. Data: UCI Machine Learning
       Repository, https://doi.org/10.24432/C5NS47, CC BY 4.0.

    Examples
    --------
    >>> from dlkit.datasets import load_japanese_vowels
    >>> X, y = load_japanese_vowels(subset="train", return_X_y=True)
    >>> len(X), X[0].shape, X[1].shape, y[0]
    (270, (20, 12), (26, 12), np.int64(0))
    """
    folder = files("dlkit.datasets") / "data"
    with (folder / "japanese_vowels.npz").open("rb") as file, np.load(file) as stored:
        planes, lengths, target = stored["planes"], stored["lengths"], stored["target"]
        n_train = int(stored["n_train"])
    # The file stores differences of successive steps, in units of 1e-6, plus an offset that makes
    # them positive. Their low, middle and high bytes are three arrays, which compress better
    # (benchmarks/make_japanese_vowels.py).
    differences = sum(planes[i].astype(np.int64) << 8 * i for i in range(3)) - 2**23
    values = np.cumsum(differences, axis=0) / 1e6
    data = [part.copy() for part in np.split(values, np.cumsum(lengths)[:-1])]
    chosen = {"all": slice(None), "train": slice(n_train), "test": slice(n_train, None)}[subset]
    data, target = data[chosen], target[chosen].astype(np.int64)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=[f"speaker {i}" for i in range(1, 10)],
        feature_names=[f"lpc_cepstrum_{i}" for i in range(1, 13)],
        n_train=0 if subset == "test" else n_train,
        DESCR=(folder / "japanese_vowels.rst").read_text(encoding="utf-8"),
    )
