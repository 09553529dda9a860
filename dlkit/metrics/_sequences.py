"""Errors of predicted sequences of symbols."""

import numpy as np

from .._readings import warn_of_labels
from .._validation import naming, refuse_masked

__all__ = ["edit_distance", "sequence_accuracy", "token_error_rate"]


def edit_distance(one, other):
    """Count the insertions, deletions and substitutions that turn a sequence into another.

    Parameters
    ----------
    one, other : str or sequence
        Symbols, compared by equality.

    Returns
    -------
    n : int
        Levenshtein's distance.

    Raises
    ------
    TypeError
        If one of them is no sequence.

    References
    ----------
    .. [1] Levenshtein (1966), Binary codes capable of correcting deletions, insertions and
       reversals, Soviet Physics Doklady 10(8).

    Examples
    --------
    >>> from dlkit.metrics import edit_distance
    >>> edit_distance("kitten", "sitting"), edit_distance([1, 2], [])
    (3, 2)
    """
    one, other = _symbols(one, "one"), _symbols(other, "other")
    codes = {}
    with naming("one or other"):
        a, b = (
            np.array([codes.setdefault(symbol, len(codes)) for symbol in sequence], dtype=np.int64)
            for sequence in (one, other)
        )
    places = np.arange(len(b) + 1)
    row = places.copy()
    for i, symbol in enumerate(a, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (b != symbol))
        # insertions: each place may be reached from any before
        row = np.minimum.accumulate(np.concatenate([[i], best]) - places) + places
    return int(row[-1])


def token_error_rate(y_true, y_pred):
    """Compute edit operations for each true symbol: of words the word or the character error rate.

    Parameters
    ----------
    y_true, y_pred : sequence of str or of sequences
        True and predicted sequences.

    Returns
    -------
    rate : float
        Sum of the edit distances, divided by the number of true symbols; may exceed one.

    Raises
    ------
    ValueError
        If truth and prediction differ in their number of sequences, or the truth holds no symbols.

    References
    ----------
    .. [1] Bisani & Ney (2008), Joint-sequence models for grapheme-to-phoneme conversion, Speech
       Communication 50(5): the phoneme error rate.

    Examples
    --------
    >>> from dlkit.metrics import token_error_rate
    >>> token_error_rate(["abc", "de"], ["abd", "de"])
    0.2
    """
    pairs = _pairs(y_true, y_pred)
    total = sum(len(true) for true, _ in pairs)
    if total == 0:
        raise ValueError("y_true holds no symbols, of which there could be a rate of errors.")
    with naming("y_true or y_pred"):
        return sum(edit_distance(*pair) for pair in pairs) / total


def sequence_accuracy(y_true, y_pred):
    """Compute the share of sequences that are predicted exactly.

    Parameters
    ----------
    y_true, y_pred : sequence of str or of sequences
        True and predicted sequences.

    Returns
    -------
    share : float

    Raises
    ------
    ValueError
        If truth and prediction differ in their number of sequences, or there are none.

    References
    ----------
    .. [1] Bisani & Ney (2008), Joint-sequence models for grapheme-to-phoneme conversion, Speech
       Communication 50(5): one minus the word error rate.

    Examples
    --------
    >>> from dlkit.metrics import sequence_accuracy
    >>> sequence_accuracy(["abc", "de"], ["abd", "de"])
    0.5
    """
    pairs = _pairs(y_true, y_pred)
    return sum(list(true) == list(predicted) for true, predicted in pairs) / len(pairs)


def _pairs(y_true, y_pred):
    warn_of_labels(y_true, y_pred, ("y_true", "y_pred"))
    y_true, y_pred = _symbols(y_true, "y_true"), _symbols(y_pred, "y_pred")
    if len(y_true) != len(y_pred):
        raise ValueError(
            f"y_true and y_pred must hold as many sequences, got {len(y_true)} and {len(y_pred)}."
        )
    if not y_true:
        raise ValueError("y_true must hold a sequence at least, got none.")
    return [
        (_symbols(a, "y_true"), _symbols(b, "y_pred")) for a, b in zip(y_true, y_pred, strict=True)
    ]


def _symbols(sequence, name):
    refuse_masked(sequence, name)
    if hasattr(sequence, "tolist"):
        sequence = sequence.tolist()
    try:
        return list(sequence)
    except TypeError as error:
        raise TypeError(f"{name} must be a sequence, got {sequence!r}.") from error
