"""The model as an estimator: probabilities that add up, samples, forms, refusals."""

from itertools import product

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score

from dlkit import ReservoirStates, SequenceModel, _budgets
from dlkit.exceptions import ReadingWarning, UnfinishedSampleWarning
from dlkit.sequences import Sequences
from dlkit.symbols import NGramMixer

WORDS = ["banana", "bandana", "cabana", "ana", "nab", "cab"] * 4


def small(**more):
    return SequenceModel(15, random_state=0, **more)


def vectors(n=30, seed=0):
    r = np.random.RandomState(seed)
    return [0.3 * r.randn(k, 2).cumsum(axis=0) for k in r.randint(4, 9, size=n)]


@pytest.mark.compiled
@pytest.mark.parametrize("mixer", [None, NGramMixer(3)])
@pytest.mark.parametrize("stop", ["symbol", "bernoulli", "length"])
def test_probabilities_of_all_words_add_up_to_one(stop, mixer):
    model = small(stop=stop, mixer=mixer).fit(["ab", "abb", "b", "bab", "ba", "aab"] * 5)
    words = ["".join(w) for n in range(1, 8) for w in product("ab", repeat=n)]
    total = sum(np.exp(one.sum()) for one in model.log_likelihood(words))
    nothing = np.exp(model.log_likelihood(["a"])[0][0]) * 0  # no word is empty but by its symbol
    if stop == "symbol":
        nothing = model.predict_proba(["a"])[0][0, -1]
    longer = sum(
        np.exp(one[:-1].sum()) * (1 - np.exp(one[-1]))
        for w, one in zip(words, model.log_likelihood(words), strict=True)
        if len(w) == 7
    )
    assert total + nothing + longer == pytest.approx(1, abs=1e-4)


def test_a_probability_is_that_of_a_classifier_on_the_state():
    model = small(readout=LogisticRegression()).fit(WORDS)
    letters = model.alphabet_.tolist()
    state = model.driver_.rest(_single(np.zeros((1, 6))))
    told = model.log_likelihood(["cab"])[0]
    for t, (before, now) in enumerate(zip([None, *"cab"], [*"cab", None], strict=True)):
        u = np.zeros((1, len(letters) + 1), dtype=np.float32)
        u[0, -1 if before is None else letters.index(before)] = 1
        row = np.empty((1, model.driver_.n_columns), dtype=np.float32)
        state = model.driver_.run(_single(u), states=state.astype(np.float32), out=row)
        p = model.emission_.classifier.predict_proba(row)[0]
        assert told[t] == pytest.approx(np.log(p[-1 if now is None else letters.index(now)]))
    assert [len(one) for one in model.log_likelihood(["cab", "a"])] == [4, 2]


def _single(values):
    return Sequences(values, np.array([0, len(values)]), "list")


@pytest.mark.parametrize("stop", ["symbol", "bernoulli", "length"])
def test_samples_have_the_lengths_and_words_of_the_model(stop):
    model = small(stop=stop).fit(WORDS)
    told = model.sample(600, random_state=0)
    assert all(isinstance(w, str) and set(w) <= set("abcdn") for w in told)
    lengths = np.array([len(w) for w in told])
    want = np.array([len(w) for w in WORDS])
    gaps = [abs((lengths <= k).mean() - (want <= k).mean()) for k in range(12)]
    assert max(gaps) < 0.1
    for word in ("nab", "ana"):
        p = np.exp(model.log_likelihood([word])[0].sum())
        assert np.mean([w == word for w in told]) == pytest.approx(p, abs=4 * np.sqrt(p / 600))


def test_a_sample_does_not_depend_on_the_others():
    model = small(mixer=NGramMixer(3)).fit(WORDS)
    assert model.sample(5, random_state=0) == model.sample(9, random_state=0)[:5]
    assert model.sample(4, random_state=0) != model.sample(4, random_state=1)


def test_temperature_top_k_and_beginnings():
    model = small().fit(WORDS)
    cold = set(model.sample(20, temperature=0, random_state=0))
    assert len(cold) == 1
    assert set(model.sample(20, top_k=1, random_state=0)) == cold
    assert all(w.startswith("cab") for w in model.sample(9, prefix="cab", random_state=0))
    told = model.sample(2, prefix=["ba", "n"], random_state=0)
    assert [told[0][:2], told[1][:1]] == ["ba", "n"]
    with pytest.warns(UnfinishedSampleWarning, match="of 5 samples"):
        told = model.sample(5, max_length=1, random_state=0)
    assert {len(w) for w in told} <= {0, 1}
    endless = small(stop=None).fit(WORDS)
    assert {len(w) for w in endless.sample(3, random_state=0)} == {7}
    assert {len(w) for w in endless.sample(3, max_length=40, random_state=0)} == {40}


@pytest.mark.compiled
@pytest.mark.parametrize("output", ["categorical", "gaussian", "empirical"])
@pytest.mark.parametrize("stop", ["auto", "length"])
@pytest.mark.parametrize("context", ["both", "input", "state"])
def test_sequences_follow_their_context(output, stop, context):
    r = np.random.RandomState(0)
    contexts = r.randint(2, size=(40, 1)).astype(float)
    if output == "categorical":
        X = ["ab" * 2 if c else "ba" * 5 for c in contexts[:, 0]]
    else:
        X = [c + 0.01 * r.randn(4 if c else 10, 1) for c in contexts[:, 0]]
    model = small(output=output, stop=stop, context=context).fit(X, contexts=contexts)
    low, high = (model.sample(4, contexts=[c], random_state=0) for c in (0.0, 1.0))
    assert np.mean([len(x) for x in low]) == pytest.approx(10, abs=1)
    assert np.mean([len(x) for x in high]) == pytest.approx(4, abs=1)
    if output == "categorical":
        assert {x[0] for x in low} == {"b"}
        assert {x[0] for x in high} == {"a"}
    else:
        assert np.mean(np.concatenate(high)) - np.mean(np.concatenate(low)) > 0.5
    assert model.score(X, contexts=contexts) > model.score(X, contexts=1 - contexts)


@pytest.mark.parametrize("output", ["gaussian", "gaussian_full", "empirical"])
def test_vectors(output):
    X = vectors()
    model = small(output=output).fit(X)
    told = model.log_likelihood(X)
    assert [len(one) for one in told] == [len(x) + 1 for x in X]
    scaled = clone(model).fit([1000 * x + 5 for x in X])
    shift = np.log(1000) * 2 * np.sum([len(x) for x in X])
    other = np.concatenate(scaled.log_likelihood([1000 * x + 5 for x in X]))
    assert other.sum() + shift == pytest.approx(np.concatenate(told).sum(), rel=1e-3)
    mean, std = model.predict(X, return_std=True)
    assert mean[0].shape == std[0].shape == (len(X[0]) + 1, 2)
    assert min(s.min() for s in std) > 0
    assert [x.shape[1] for x in model.sample(3, random_state=0)] == [2, 2, 2]
    np.testing.assert_allclose(model.sample(2, prefix=X[0], random_state=0)[1][: len(X[0])], X[0])
    assert model.perplexity(X) == pytest.approx(np.exp(-model.score(X)))
    assert all(((p >= 0) & (p <= 1)).all() for p in model.predict_stop(X))
    assert not hasattr(model, "predict_proba")


@pytest.mark.compiled
def test_blocks_change_nothing(monkeypatch):
    want = small(stop="bernoulli").fit(WORDS)
    bits = want.bits(WORDS)
    monkeypatch.setattr(_budgets, "STATES_BYTES", 4000)
    found = small(stop="bernoulli").fit(WORDS)
    assert found.bits(WORDS) == pytest.approx(bits, abs=2e-3)
    assert want.bits(WORDS) == pytest.approx(bits, abs=1e-6)


def test_a_classifier_may_learn_from_the_last_steps_alone():
    X = ["xyz" * 5] * 3 + ["xzy" * 5] * 3
    some, all_ = (small(stop=None, max_steps=m).fit(X) for m in (45, None))
    assert some.bits(X[-1:]) < all_.bits(X[-1:])
    assert some.bits(X[:1]) > all_.bits(X[:1])
    mixed = small(stop=None, max_steps=45, mixer=NGramMixer(3)).fit(X)
    assert mixed.bits(X) < some.bits(X)


def test_unknown_symbols():
    strict, lenient = small().fit(WORDS), small(unknown="ignore").fit(WORDS)
    with pytest.raises(ValueError, match="the symbol 'x' at step 2"):
        strict.score(["abxa"])
    told = lenient.log_likelihood(["abxa"])[0]
    assert np.isnan(told).tolist() == [False, False, True, False, False]
    assert np.isfinite(lenient.score(["abxa"]))
    mixed = small(unknown="ignore", mixer=NGramMixer(3)).fit(WORDS)
    assert np.isfinite(mixed.score(["abxa", "xx"]))
    with pytest.raises(ValueError, match="unknown symbols only"):
        small(unknown="ignore", stop=None).fit(WORDS).score(["xx"])


def test_numbers_and_tokens_are_symbols():
    numbers = small().fit([[3, 1, 3, 1], [3, 1], [1, 3, 1]] * 4)
    assert numbers.sample(3, random_state=0)[0].dtype.kind == "i"
    assert set(numbers.sample(3, prefix=[3], random_state=0)[0]) <= {1, 3}
    tokens = small().fit([["AH", "B"], ["B", "AH", "K"]] * 6)
    assert set(np.concatenate(tokens.sample(5, random_state=0))) <= {"AH", "B", "K"}


@pytest.mark.compiled
def test_searches_and_folds():
    assert np.isfinite(cross_val_score(small(), WORDS, cv=3)).all()
    grid = {"reservoir__spectral_radius": [0.3, 0.9], "stop": ["symbol", "bernoulli"]}
    search = GridSearchCV(small(reservoir=ReservoirStates(10)), grid, cv=2).fit(WORDS)
    assert np.isfinite(search.best_score_)


@pytest.mark.parametrize(
    ("parameters", "X", "more", "match"),
    [
        ({"output": "gaussian", "stop": "symbol"}, [np.ones((3, 1))], {}, "bernoulli"),
        ({"output": "gaussian", "mixer": NGramMixer()}, [np.ones((3, 1))], {}, "mixer"),
        ({"mixer": NGramMixer(order=0)}, WORDS, {}, "order"),
        ({"readout": ReservoirStates}, WORDS, {}, "readout"),
        ({"reservoir": ReservoirStates(5, bidirectional=True)}, WORDS, {}, "bidirectional=False"),
        ({"stop": None}, ["aa", "aaa"], {}, "one symbol only"),
        ({}, WORDS, {"contexts": np.zeros((3, 1))}, r"contexts must have shape \(24, 1\)"),
        ({}, WORDS, {"contexts": np.full((24, 1), np.nan)}, "contexts contains NaN"),
        ({}, "banana", {}, r"\[X\]"),
        ({"unknown": "skip"}, WORDS, {}, "unknown"),
    ],
)
def test_what_cannot_be_is_refused_by_name(parameters, X, more, match):
    model = small(**parameters)
    with pytest.raises(ValueError, match=match):
        model.fit(X, **more)
    assert not hasattr(model, "emission_")


def test_calls_that_cannot_be_are_refused_by_name():
    model = small().fit(WORDS)
    for more, match in [
        ({"n": 0}, "n must"), ({"temperature": -1}, "temperature"), ({"top_k": 0}, "top_k"),
        ({"max_length": 0}, "max_length"), ({"prefix": "x"}, "symbol 'x'"),
        ({"n": 3, "prefix": ["a", "b"]}, "2 beginnings"), ({"contexts": [1.0]}, "fit had none"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=match):
            model.sample(**more)
    told = small().fit(WORDS, contexts=np.zeros((24, 2)))
    with pytest.raises(ValueError, match="contexts are missing"):
        told.score(WORDS)
    with pytest.raises(ValueError, match=r"shape \(24, 2\)"):
        told.score(WORDS, contexts=np.zeros((24, 3)))
    with pytest.raises(ValueError, match="stop=None"):
        small(stop=None).fit(WORDS).predict_stop(WORDS)


@pytest.mark.filterwarnings("ignore::dlkit.exceptions.UnfinishedSampleWarning")
def test_a_beginning_is_returned_as_it_was_given():
    model = small(unknown="ignore").fit(WORDS)
    for one in model.sample(3, prefix="zb", max_length=5, random_state=0):
        assert one[:2] == "zb"
        assert set(one[2:]) <= set("abcdn")
    model = small(unknown="ignore").fit([[1, 2, 3], [2, 3]] * 5)
    assert model.sample(1, prefix=[9, 1], random_state=0)[0][:2].tolist() == [9, 1]
    with pytest.raises(ValueError, match="symbol 'z' at step 0"):
        small().fit(WORDS).sample(prefix="zb")


def test_contexts_that_fit_did_not_have():
    with pytest.raises(ValueError, match="contexts are given, but fit had none"):
        small().fit(WORDS).score(WORDS[:2], contexts=np.ones((2, 1)))


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda m: m.sample(2, prefix=3), "prefix must be a beginning"),
        (lambda m: m.sample(2, prefix="xa"), "Sequence 0 of prefix has the symbol 'x'"),
        (lambda m: m.sample(2.0), "n must be a whole number"),
        (lambda m: m.score([1, 2]), "a single symbol"),
        (lambda m: small(output="gaussian").fit(WORDS), 'use output="categorical"'),
        (lambda m: small(output="gaussian").fit(np.array(WORDS)), 'use output="categorical"'),
        (lambda m: small(stop=None).fit(["aa", "a"]), "one symbol only, 'a',"),
    ],
)
def test_mistakes_are_named(call, match):
    model = small().fit(WORDS)
    with pytest.raises(ValueError, match=match):
        call(model)


def test_a_beginning_may_be_empty():
    model = small().fit(WORDS)
    assert model.sample(3, prefix="", random_state=0) == model.sample(3, random_state=0)


def test_contexts_in_the_place_of_y_are_announced():
    contexts = np.arange(len(WORDS))[:, None] % 2
    with pytest.warns(ReadingWarning, match="contexts=y"):
        small().fit(WORDS, contexts)
    small().fit(WORDS, np.zeros(len(WORDS)))  # as from a search that has labels


@pytest.mark.parametrize("output", ["gaussian", "gaussian_full", "empirical"])
def test_a_channel_that_is_constant_costs_no_digits_of_the_others(output):
    rng = np.random.RandomState(0)
    X = [rng.randn(n, 1) for n in rng.randint(4, 9, size=15)]
    wide = [np.column_stack([x, np.full(len(x), 0.1)]) for x in X]
    with np.errstate(all="raise", under="ignore"):
        model = SequenceModel(10, output=output, stop=None, random_state=0).fit(wide)
        told = model.log_likelihood(wide)
        drawn = model.sample(3, max_length=4, random_state=0)
    steps = np.concatenate(told)
    assert np.isfinite(steps).all()
    # of a variance of 1e-24, the least that there is
    alone = SequenceModel(10, output=output, stop=None, random_state=0).fit(X)
    beside = steps - np.concatenate(alone.log_likelihood(X))
    np.testing.assert_allclose(beside, -0.5 * np.log(2 * np.pi) + np.log(1e12), atol=4.0)
    np.testing.assert_allclose(np.concatenate(drawn)[:, 1], 0.1, rtol=1e-6)
