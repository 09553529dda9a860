"""Transducers on languages that are known, on odd input, with several readouts."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler

from dlkit import AttentionReadoutClassifier, LogisticReadoutClassifier, ReservoirStates
from dlkit.symbols import SequenceTransducer

pytestmark = pytest.mark.compiled


def language(n=300, seed=0):
    """Spelling whose sounds depend on the next letter, and on the sound before."""
    rng = np.random.RandomState(seed)
    words, sounds = [], []
    for _ in range(n):
        word = "".join(rng.choice(list("acinthx"), size=rng.randint(2, 8)))
        sound = ""
        for i, letter in enumerate(word):
            following = word[i + 1 : i + 2]
            if letter == "c":
                sound += "s" if following == "i" else "k"
            elif letter == "t":
                sound += "" if following == "h" else "t"
            elif letter == "h":
                sound += "T" if word[i - 1 : i] == "t" and i else ""
            else:
                sound += {"x": "ks"}.get(letter, letter)
        words.append(word)
        sounds.append(sound)
    return words, sounds


@pytest.mark.parametrize(
    "readout",
    [
        None,
        LogisticReadoutClassifier(0.1),
        AttentionReadoutClassifier(random_state=0),
        AttentionReadoutClassifier(metric="match", n_queries=100, random_state=0),
    ],
)
def test_rules_are_found(readout):
    words, sounds = language()
    model = SequenceTransducer(readout, window=2, random_state=0).fit(words[:240], sounds[:240])
    least = 0.7 if getattr(readout, "metric", None) == "euclidean" else 0.9
    assert model.score(words[240:], sounds[240:]) > least
    assert all(isinstance(one, str) for one in model.predict(words[:3]))


def test_what_aligns_makes_up_the_target():
    words, sounds = language(100)
    model = SequenceTransducer(window=2, random_state=0).fit(words, sounds)
    for word, sound, pair in zip(words, sounds, model.alignment_, strict=True):
        assert "".join(letter for letter, _ in pair) == word
        assert "".join("".join(chunk) for _, chunk in pair) == sound
    assert ("k", "s") in model.chunks_
    assert model.source_symbols_ == sorted(set("".join(words)))


def test_several_outputs_with_their_probabilities():
    words, sounds = language(150)
    model = SequenceTransducer(window=1, beam=8, random_state=0).fit(words, sounds)
    for outputs in model.predict_nbest(words[:10], 4):
        assert 1 <= len(outputs) <= 4
        scores = [score for _, score in outputs]
        assert scores == sorted(scores, reverse=True)
        assert np.exp(scores).sum() <= 1 + 1e-9
        assert len({output for output, _ in outputs}) == len(outputs)


def test_lists_of_symbols_and_an_encoder():
    words, sounds = language(200)
    X = [[ord(letter) for letter in word] for word in words]
    y = [list(sound) for sound in sounds]
    states = ReservoirStates(20, bidirectional=True, random_state=0)
    model = SequenceTransducer(
        LogisticReadoutClassifier(0.1), window=1, history=1, encoder=states
    ).fit(X[:150], y[:150])
    assert model.score(X[150:], y[150:]) > 0.85
    assert isinstance(model.predict(X[:1])[0], list)
    arrays = SequenceTransducer(window=2, random_state=0).fit([np.array(x) for x in X], y)
    assert arrays.score(X, y) > 0.95


def test_company_does_not_matter():
    words, sounds = language(150)
    model = SequenceTransducer(window=2, random_state=0).fit(words[:100], sounds[:100])
    together = model.predict(words[100:])
    assert [model.predict([word])[0] for word in words[100:]] == together
    assert model.predict([]) == []
    assert model.predict(["", words[0]])[0] == ""


def test_a_copy_a_clone_and_a_grid():
    words, sounds = language(80)
    model = SequenceTransducer(window=1, random_state=0).fit(words, sounds)
    twin = pickle.loads(pickle.dumps(model))
    assert twin.predict_nbest(words) == model.predict_nbest(words)
    assert clone(model).fit(words, sounds).predict(words) == model.predict(words)
    grid = GridSearchCV(SequenceTransducer(random_state=0), {"window": [1, 2]}, cv=2)
    assert grid.fit(words, sounds).best_params_["window"] in (1, 2)


def test_symbols_never_seen():
    words, sounds = language(80)
    model = SequenceTransducer(window=1, random_state=0).fit(words, sounds)
    with pytest.raises(ValueError, match='unknown="ignore"'):
        model.predict(["zan"])
    for readout in (None, LogisticReadoutClassifier()):
        other = clone(model).set_params(unknown="ignore", readout=readout).fit(words, sounds)
        assert other.predict(["zan"])[0].endswith("an")


def test_targets_too_long():
    words, sounds = language(80)
    model = SequenceTransducer(window=1, random_state=0)
    with pytest.raises(ValueError, match=r"y\[80\] has 5 symbols.*max_chunk=2"):
        model.fit([*words, "an"], [*sounds, "kants"])
    model.set_params(unaligned="skip").fit([*words, "an"], [*sounds, "kants"])
    assert model.n_skipped_ == 1
    assert model.alignment_[-1] is None
    with pytest.raises(ValueError, match="max_chunk"):
        model.fit(["a", "b"], ["kants", "kants"])


@pytest.mark.parametrize(
    ("X", "y", "match"),
    [
        (["ab", ""], ["a", ""], "Sequence 1 of X is empty"),
        (["ab"], ["a", "b"], "inconsistent"),
        ("ab", ["a"], r"\[X\]"),
        (["ab"], None, "requires y"),
        ([], [], "X is empty"),
        ([3], ["a"], "a single symbol"),
        (["ab"], [1], "Sequence 0 of y is 1"),
        (["ab"], [""], "empty targets"),
        ([[1, "a"]], ["a"], "one type"),
        ([["a"], "b"], ["a", "b"], "strings, or none"),
    ],
)
def test_bad_input_is_named(X, y, match):
    model = SequenceTransducer()
    with pytest.raises(ValueError, match=match):
        model.fit(X, y)
    with pytest.raises(NotFittedError):
        model.predict(["a"])


def test_symbols_may_be_tuples():
    X = [[("c", 1), ("a", 0)], [("c", 0), ("a", 0)]] * 3
    model = SequenceTransducer(window=1, random_state=0).fit(X, ["ka", "sa"] * 3)
    assert model.predict([[("c", 0), ("a", 0)]]) == ["sa"]
    assert model.source_symbols_ == [("a", 0), ("c", 0), ("c", 1)]


def test_an_encoder_that_nothing_reads_is_refused():
    words, sounds = language(20)
    for readout in (None, AttentionReadoutClassifier(metric="match")):
        model = SequenceTransducer(readout, encoder=ReservoirStates(10, bidirectional=True))
        with pytest.raises(ValueError, match="encoder needs a readout of numbers"):
            model.fit(words, sounds)


@pytest.mark.parametrize("n", [0, -1, 2.5])
def test_a_number_of_outputs_that_is_none(n):
    words, sounds = language(20)
    model = SequenceTransducer(window=1, random_state=0).fit(words, sounds)
    with pytest.raises(ValueError, match="n must be a whole number"):
        model.predict_nbest(words, n)


def test_an_encoder_that_takes_no_lists_is_named():
    words, sounds = language(20)
    model = SequenceTransducer(LogisticReadoutClassifier(), encoder=StandardScaler())
    with pytest.raises(ValueError, match="encoder=StandardScaler.*list of arrays"):
        model.fit(words, sounds)
