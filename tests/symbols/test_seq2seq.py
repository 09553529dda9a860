"""From sequences to sequences, as an estimator."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from dlkit import ReservoirStates
from dlkit.exceptions import UnfinishedSampleWarning
from dlkit.symbols import Seq2SeqESN


def words(n, longest=6, seed=0):
    r = np.random.RandomState(seed)
    return ["".join(r.choice(list("abcd"), k)) for k in r.randint(1, longest + 1, size=n)]


def small(**more):
    return Seq2SeqESN(30, decoder_units=20, random_state=0, **more)


def reverse(X):
    return [x[::-1] for x in X]


def doubled(X):
    return ["".join(2 * s for s in x) for x in X]


@pytest.mark.compiled
@pytest.mark.parametrize("stop", ["symbol", "bernoulli", "length"])
@pytest.mark.parametrize("change", [reverse, pytest.param(doubled, marks=pytest.mark.compiled)])
def test_words_are_changed(change, stop):
    X, test = words(150), words(20, seed=1)
    model = small(stop=stop).fit(X, change(X))
    assert model.score(test, change(test)) > 0.8
    assert all(isinstance(w, str) for w in model.predict(test))


def test_attention_is_where_the_symbol_came_from():
    X = words(150)
    model = small().fit(X, reverse(X))
    for x, weights in zip(X[:20], model.attention(X[:20], reverse(X[:20])), strict=True):
        assert weights.shape == (len(x), len(x) + 2)
        np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
        assert weights.argmax(axis=1).tolist() == list(range(len(x), 0, -1))


@pytest.mark.compiled
@pytest.mark.parametrize("context", ["state", "input", "both"])
def test_the_last_state_alone_tells_short_words(context):
    X = words(200, 3)
    model = small(context=context, encoder=ReservoirStates(40)).fit(X, X)
    guess = np.mean([x == max(set(X), key=X.count) for x in X])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnfinishedSampleWarning)
        assert model.score(X, X) > (3 * guess if context == "state" else 0.6)
    with pytest.raises(ValueError, match='context="attention"'):
        model.attention(X, X)


@pytest.mark.compiled
@pytest.mark.parametrize("output", ["gaussian", "empirical"])
@pytest.mark.parametrize("stop", ["bernoulli", "length"])
def test_vectors_become_vectors(output, stop):
    r = np.random.RandomState(0)
    X = [r.randn(n, 1) for n in r.randint(2, 7, size=120)]
    y = [np.hstack([5 - 2 * x[::-1], x[::-1]]) for x in X]
    model = small(output=output, stop=stop).fit(X, y)
    assert model.score(X, y) > 0.8
    told = model.predict(X[:10])
    assert np.mean([len(a) == len(b) for a, b in zip(told, y, strict=False)]) >= 0.7
    assert told[0].shape[1] == 2


def test_symbols_become_numbers_and_numbers_symbols():
    X = words(120)
    y = [0.5 + np.array(["abcd".index(s) for s in x]) for x in X]
    model = small(output="gaussian", stop=None).fit(X, y)
    told = model.predict(X)
    assert [a.shape for a in told] == [b.shape for b in y]
    assert np.abs(np.concatenate(told) - np.concatenate(y)).mean() < 0.3
    back = small().fit(y, X)
    assert back.score(y, X) > 0.7


def test_unknown_symbols():
    X = words(60)
    with pytest.raises(ValueError, match="the symbol 'x' at step 1,"):
        small().fit(X, X).predict(["axb"])
    assert len(small(unknown="ignore").fit(X, X).predict(["axb"])) == 1


def test_outputs_that_do_not_end_are_cut_and_named():
    X = words(60)
    model = small().fit(X, X)
    with pytest.warns(UnfinishedSampleWarning, match="max_length=2"):
        told = model.predict(["abcdab"], max_length=2)
    assert len(told[0]) == 2


def test_a_score_needs_an_output_for_each_input():
    X = words(60)
    with pytest.raises(ValueError, match="y holds 2 sequences, X has 3"):
        small().fit(X, X).score(X[:3], X[:2])


def test_an_output_does_not_depend_on_the_others():
    X = words(100)
    model = small().fit(X, reverse(X))
    assert model.predict(X[:9])[4:5] == model.predict(X[4:5])
    assert model.sample(X[:9], random_state=0)[:3] == model.sample(X[:3], random_state=0)
    again = pickle.loads(pickle.dumps(model))
    assert again.predict(X[:9]) == model.predict(X[:9])
    assert clone(model).fit(X, reverse(X)).predict(X[:9]) == model.predict(X[:9])


def test_strings_in_an_array_and_names_of_channels():
    X = words(60)
    want = small().fit(X, X).predict(X[:5])
    assert small().fit(np.array(X), np.array(X)).predict(np.array(X[:5])) == want
    frames = [pd.DataFrame(np.ones((3, 2)), columns=["a", "b"]) + i for i in range(20)]
    model = small(output="gaussian", stop=None).fit(frames, [frame.to_numpy() for frame in frames])
    assert model.n_channels_in_ == 2
    with pytest.raises(ValueError, match="feature names"):
        model.predict([frame[["b", "a"]] for frame in frames])


def test_an_encoder_that_reads_both_ways_ends_where_it_began():
    X = words(150, 4)
    encoder = ReservoirStates(40, bidirectional=True, passthrough=True)
    model = small(context="state", encoder=encoder, stop=None).fit(X, X)
    sources, _, states = model._open(["abca"])
    last = model._last(states, sources)[0] * model._spread + model._shift
    np.testing.assert_allclose(last[-40:], states[0, -40:], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(last[:-40], states[-1, :-40], rtol=1e-4, atol=1e-5)


def test_folds():
    X = np.array(words(120), dtype=object)
    assert cross_val_score(small(), X, np.array(reverse(X), dtype=object), cv=2).mean() > 0.5


@pytest.mark.parametrize(
    ("parameters", "X", "y", "match"),
    [
        ({"output": "gaussian", "stop": "symbol"}, ["ab"], [np.ones((2, 1))], "bernoulli"),
        ({}, ["ab", "b"], ["ab"], "2 sequences, y has 1"),
        ({}, ["ab"], None, "requires y"),
        ({}, ["ab", ""], ["ab", "b"], "Sequence 1 of X is empty"),
        ({}, ["ab", "b"], ["ab", ""], "Sequence 1 of y is empty"),
        ({"context": "all"}, ["ab"], ["ab"], "context"),
        ({"decoder": ReservoirStates(5, bidirectional=True)}, ["ab"], ["ab"], "decoder"),
        ({"encoder": ReservoirStates(5, washout=3)}, ["ab"], ["ab"], "encoder"),
        ({"stop": None}, ["ab", "ba"], ["aa", "aa"], "one symbol"),
    ],
)
def test_what_cannot_be_is_refused_by_name(parameters, X, y, match):
    model = small(**parameters)
    with pytest.raises(ValueError, match=match):
        model.fit(X, y)
    assert not hasattr(model, "emission_")


@pytest.mark.parametrize("stop", ["bernoulli", "length"])
def test_what_is_predicted_does_not_depend_on_the_company(stop):
    r = np.random.RandomState(0)
    X = [r.randn(n, 1) for n in r.randint(3, 9, size=20)]
    y = [np.tile(x, (1, 2))[: len(x) - 1 - i % 2] for i, x in enumerate(X)]
    model = small(output="gaussian", stop=stop, n_rounds=2).fit(X, y)
    together = model.predict(X)
    assert len({len(one) for one in together}) > 1
    for i, x in enumerate(X):
        np.testing.assert_allclose(model.predict([x])[0], together[i], rtol=1e-6, atol=1e-9)
    back = model.predict(X[::-1])[::-1]
    assert [len(one) for one in back] == [len(one) for one in together]
