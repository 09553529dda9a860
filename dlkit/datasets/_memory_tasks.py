"""Tasks for explicit memory: many short sequences, each with a target for every step."""

import numpy as np
from sklearn.utils import check_random_state

from .._params import Interval, Real, StrOptions, count, validate_params


def _between(least, most, names):
    if least > most:
        raise ValueError(f"{names[0]}={least} must be at most {names[1]}={most}.")


@validate_params(
    {
        "n_sequences": [count()],
        "n_steps": [count()],
        "n_spikes": [count(0)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_latch(n_sequences, n_steps=200, *, n_spikes=3, random_state=None):
    """Draw the latch task: the output flips at each spike of the input, and is held between.

    Parameters
    ----------
    n_sequences : int
        Number of sequences.
    n_steps : int, default=200
        Length of each.
    n_spikes : int, default=3
        Spikes in each, at steps drawn without replacement; at most ``n_steps``.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Returns
    -------
    X : list of ndarray of shape (n_steps, 1), float64
        1 at a spike, else 0.
    y : list of ndarray of shape (n_steps, 1), float64
        The number of spikes so far, this step's included, modulo 2.

    Raises
    ------
    ValueError
        If a number is not positive, or ``n_spikes`` exceeds ``n_steps``.

    References
    ----------
    .. [1] B. Paassen and A. Schulz, "Reservoir memory machines", ESANN 2020.

    Examples
    --------
    >>> from dlkit.datasets import make_latch
    >>> X, y = make_latch(1, 8, n_spikes=2, random_state=0)
    >>> X[0].ravel().tolist()
    [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    >>> y[0].ravel().tolist()
    [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    """
    if n_spikes > n_steps:
        raise ValueError(f"n_spikes={n_spikes} must be at most n_steps={n_steps}.")
    rng = check_random_state(random_state)
    X = []
    for _ in range(n_sequences):
        x = np.zeros((n_steps, 1))
        x[rng.choice(n_steps, n_spikes, replace=False)] = 1.0
        X.append(x)
    return X, [np.cumsum(x, axis=0) % 2 for x in X]


@validate_params(
    {
        "n_sequences": [count()],
        "n_bits": [count()],
        "min_length": [count()],
        "max_length": [count()],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_copy(n_sequences, *, n_bits=8, min_length=1, max_length=20, random_state=None):
    """Draw the copy task: random bits, a mark, and then the same bits as the output.

    Parameters
    ----------
    n_sequences : int
        Number of sequences.
    n_bits : int, default=8
        Bits of a step, each 0 or 1 with equal probability.
    min_length, max_length : int, default=1 and 20
        Least and greatest number of steps to copy; drawn uniformly.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Returns
    -------
    X : list of ndarray of shape (2 L + 1, n_bits + 1), float64
        L steps of bits, the mark (1 on the last channel), L steps of zeros.
    y : list of ndarray of shape (2 L + 1, n_bits), float64
        Zeros up to the mark, then the bits in their order.

    Raises
    ------
    ValueError
        If a number is not positive, or ``min_length`` exceeds ``max_length``.

    References
    ----------
    .. [1] A. Graves, G. Wayne and I. Danihelka, "Neural Turing machines", arXiv:1410.5401, 2014.

    Examples
    --------
    >>> from dlkit.datasets import make_copy
    >>> X, y = make_copy(1, n_bits=2, min_length=2, max_length=2, random_state=0)
    >>> X[0].astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    >>> y[0].astype(int).tolist()
    [[0, 0], [0, 0], [0, 0], [0, 1], [1, 0]]
    """
    _between(min_length, max_length, ("min_length", "max_length"))
    rng = check_random_state(random_state)
    lengths = rng.randint(min_length, max_length + 1, size=n_sequences)
    return _copies(rng, n_bits, lengths, np.ones(n_sequences, dtype=int))


def _copies(rng, n_bits, lengths, repeats):
    """Bits, then a mark and room for a copy, so many times."""
    X, y = [], []
    for n, times in zip(lengths, repeats, strict=True):
        bits = rng.randint(2, size=(n, n_bits)).astype(float)
        x = np.zeros((n + times * (n + 1), n_bits + 1))
        target = np.zeros((len(x), n_bits))
        x[:n, :n_bits] = bits
        for i in range(n, len(x), n + 1):
            x[i, n_bits] = 1.0
            target[i + 1 : i + 1 + n] = bits
        X.append(x)
        y.append(target)
    return X, y


@validate_params(
    {
        "n_sequences": [count()],
        "n_bits": [count()],
        "max_length": [count()],
        "max_repeats": [count()],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_repeat_copy(n_sequences, *, n_bits=8, max_length=10, max_repeats=10, random_state=None):
    """Draw the repeat-copy task: each mark asks for the same bits once more.

    Parameters
    ----------
    n_sequences : int
        Number of sequences.
    n_bits : int, default=8
        Bits of a step, each 0 or 1 with equal probability.
    max_length : int, default=10
        Greatest number L of steps to copy; drawn uniformly from 1 on.
    max_repeats : int, default=10
        Greatest number R of copies; drawn uniformly from 1 on.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Returns
    -------
    X : list of ndarray of shape (L + R (L + 1), n_bits + 1), float64
        L steps of bits; then, R times, the mark (1 on the last channel) and L steps of zeros.
    y : list of ndarray of shape (L + R (L + 1), n_bits), float64
        The bits after each mark, zeros elsewhere.

    Raises
    ------
    ValueError
        If a number is not positive.

    References
    ----------
    .. [1] A. Graves, G. Wayne and I. Danihelka, "Neural Turing machines", arXiv:1410.5401, 2014,
       section 4.2.

    Examples
    --------
    >>> from dlkit.datasets import make_repeat_copy
    >>> X, y = make_repeat_copy(3, random_state=0)
    >>> [len(x) for x in X] == [len(target) for target in y]
    True
    """
    rng = check_random_state(random_state)
    lengths = rng.randint(1, max_length + 1, size=n_sequences)
    return _copies(rng, n_bits, lengths, rng.randint(1, max_repeats + 1, size=n_sequences))


@validate_params(
    {
        "n_sequences": [count()],
        "n_bits": [count()],
        "item_length": [count()],
        "min_items": [count(2)],
        "max_items": [count(2)],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_associative_recall(
    n_sequences, *, n_bits=6, item_length=3, min_items=2, max_items=6, random_state=None
):
    """Draw the associative-recall task: asked for an item, tell the item that came after it.

    Parameters
    ----------
    n_sequences : int
        Number of sequences.
    n_bits : int, default=6
        Bits of a step, each 0 or 1 with equal probability.
    item_length : int, default=3
        Steps of an item.
    min_items, max_items : int, default=2 and 6
        Least and greatest number of items; drawn uniformly. The items of a sequence differ.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Returns
    -------
    X : list of ndarray of shape (T_i, n_bits + 2), float64
        For each item a mark (1 on the last channel but one) and the item; then a mark for the
        question (1 on the last channel), one of the items but the last, the same mark again, and
        ``item_length`` steps of zeros.
    y : list of ndarray of shape (T_i, n_bits), float64
        In these last steps the item that followed the one asked for, zeros before.

    Raises
    ------
    ValueError
        If a number is not positive, ``min_items`` exceeds ``max_items``, or there are not as many
        different items.

    References
    ----------
    .. [1] A. Graves, G. Wayne and I. Danihelka, "Neural Turing machines", arXiv:1410.5401, 2014.

    Examples
    --------
    >>> from dlkit.datasets import make_associative_recall
    >>> X, y = make_associative_recall(5, random_state=0)
    >>> X[0].shape[1], y[0].shape[1]
    (8, 6)
    """
    _between(min_items, max_items, ("min_items", "max_items"))
    if n_bits * item_length < 63 and 2 ** (n_bits * item_length) < 4 * max_items:
        raise ValueError(
            f"max_items={max_items} is too many to differ: items of n_bits={n_bits} and "
            f"item_length={item_length} allow {2 ** (n_bits * item_length) // 4}."
        )
    rng = check_random_state(random_state)
    X, y = [], []
    for _ in range(n_sequences):
        n_items, seen, items = rng.randint(min_items, max_items + 1), set(), []
        while len(items) < n_items:
            item = rng.randint(2, size=(item_length, n_bits))
            if item.tobytes() not in seen:
                seen.add(item.tobytes())
                items.append(item)
        asked = rng.randint(n_items - 1)
        x = np.zeros(((n_items + 1) * (item_length + 1) + 1 + item_length, n_bits + 2))
        for i, item in enumerate([*items, items[asked]]):
            at = i * (item_length + 1)
            x[at, n_bits + (i == n_items)] = 1.0
            x[at + 1 : at + 1 + item_length, :n_bits] = item
        x[-item_length - 1, -1] = 1.0
        target = np.zeros((len(x), n_bits))
        target[-item_length:] = items[asked + 1]
        X.append(x)
        y.append(target)
    return X, y


# transitions[state][symbol] and which states accept; state 0 is the first
_LANGUAGES = {
    "parity": ([[0, 1], [1, 0]], [False, True]),
    "(ab)*": ([[1, 2], [2, 0], [2, 2]], [True, False, False]),
}


@validate_params(
    {
        "n_sequences": [count()],
        "language": [StrOptions(set(_LANGUAGES)), "array-like"],
        "min_length": [count()],
        "max_length": [count()],
        "stray": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_regular_language(
    n_sequences, language="parity", *, min_length=1, max_length=20, stray=0.1, random_state=None
):
    """Draw words, and tell of each of their beginnings whether a regular language has it.

    Parameters
    ----------
    n_sequences : int
        Number of words.
    language : {"parity", "(ab)*"} or tuple, default="parity"
        ``"parity"`` are the words of 0 and 1 with an odd number of 1, ``"(ab)*"`` those that repeat
        *ab*. Others are given as a deterministic finite automaton, ``(transitions, accepting)``:
        ``transitions[q][s]`` is the state after state q and symbol s, ``accepting[q]`` says whether
        state q accepts; a word begins in state 0.
    min_length, max_length : int, default=1 and 20
        Least and greatest number of symbols; drawn uniformly.
    stray : float, default=0.1
        Share of the symbols that are any, with equal probability. The others are those after which
        the word can still become one of the language, as far as there are such symbols.
    random_state : int, RandomState instance or None, default=None
        Seeds the draw.

    Returns
    -------
    X : list of ndarray of shape (T_i, n_symbols), float64
        One-hot symbols.
    y : list of ndarray of shape (T_i,), int64
        1 where the language has the word up to this symbol, else 0.

    Raises
    ------
    ValueError
        If the automaton's shapes do not fit together, a transition leads to a state that does not
        exist, or ``min_length`` exceeds ``max_length``.

    References
    ----------
    .. [1] M. Tomita, "Dynamic construction of finite-state automata from examples using
       hill-climbing", Annual Conference of the Cognitive Science Society, 1982.

    Examples
    --------
    >>> from dlkit.datasets import make_regular_language
    >>> X, y = make_regular_language(1, "(ab)*", min_length=6, max_length=6, stray=0)
    >>> X[0].argmax(axis=1).tolist(), y[0].tolist()
    ([0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 0, 1])
    """
    _between(min_length, max_length, ("min_length", "max_length"))
    moves, accepting = _automaton(language)
    n_states, n_symbols = moves.shape
    alive = accepting.copy()
    for _ in range(n_states):
        alive |= alive[moves].any(axis=1)
    rng = check_random_state(random_state)
    X, y = [], []
    for n in rng.randint(min_length, max_length + 1, size=n_sequences):
        state, word, told = 0, [], []
        for strays in rng.uniform(size=n) < stray:
            hopeful = np.flatnonzero(alive[moves[state]])
            free = np.arange(n_symbols) if strays or not len(hopeful) else hopeful
            word.append(free[rng.randint(len(free))])
            state = moves[state, word[-1]]
            told.append(accepting[state])
        X.append(np.eye(n_symbols)[word])
        y.append(np.array(told, dtype=np.int64))
    return X, y


def _automaton(language):
    """Transitions and accepting states, checked."""
    try:
        moves, accepting = _LANGUAGES[language] if isinstance(language, str) else language
        moves, accepting = np.asarray(moves), np.asarray(accepting, dtype=bool)
    except (ValueError, TypeError) as error:
        raise ValueError(f"language must be (transitions, accepting): {error}") from error
    sound = moves.ndim == 2 and moves.size and moves.dtype.kind in "iu"
    if not sound or accepting.shape != moves.shape[:1]:
        raise ValueError(
            "language must have transitions of shape (n_states, n_symbols), whole numbers, and "
            f"accepting of shape (n_states,), got shapes {moves.shape} and {accepting.shape}."
        )
    if moves.min() < 0 or moves.max() >= len(moves):
        raise ValueError(
            f"language has transitions to states {moves.min()} to {moves.max()}, but only states 0 "
            f"to {len(moves) - 1}."
        )
    return moves.astype(np.int64), accepting
