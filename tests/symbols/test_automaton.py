"""Automata found from examples, and reservoirs that follow them."""

import numpy as np
import pytest

from dlkit import ReservoirStates
from dlkit.datasets import make_regular_language
from dlkit.reservoir._driver import Driver
from dlkit.sequences import pack
from dlkit.symbols._automaton import infer, learn

NO_THREE_ONES = ([[0, 1], [0, 2], [3, 3], [3, 3]], [True, True, True, False])
LANGUAGES = ["parity", "(ab)*", NO_THREE_ONES]


def examples(language, seed=0, **lengths):
    X, y = make_regular_language(80, language, stray=0.3, random_state=seed, **lengths)
    return [x.argmax(axis=1) for x in X], [target.tolist() for target in y]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_found_tells_of_longer_words(language):
    moves, told = infer(*examples(language, max_length=15), 64)
    for word, outputs in zip(*examples(language, 1, min_length=40, max_length=60), strict=True):
        state = 0
        for symbol, output in zip(word, outputs, strict=True):
            state = moves[state][symbol]
            assert told[state] == output


def test_as_few_states_as_the_language_has():
    assert len(infer(*examples("parity"), 64)[0]) == 2
    assert len(infer(*examples("(ab)*"), 64)[0]) == 3


def test_examples_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="after 2 steps"):
        infer([[0, 1], [0, 1]], [[0, 0], [0, 1]], 64)


def test_too_many_states_are_refused():
    r = np.random.RandomState(0)
    words, outputs = r.randint(2, size=(20, 12)), []
    told = {}
    for word in words:
        outputs.append(
            [told.setdefault(tuple(word[: i + 1]), r.randint(2)) for i in range(len(word))]
        )
    with pytest.raises(ValueError, match="max_states=3"):
        infer(words, outputs, 3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reservoir_follows_the_automaton(language):
    X, y = make_regular_language(80, language, stray=0.3, max_length=15, random_state=0)
    batch, targets = pack(X), np.concatenate(y)[:, None].astype(float)
    driver = Driver.of(ReservoirStates(30, random_state=0), batch.n_channels)
    found = learn(batch, driver, targets, 64)
    longer, y = make_regular_language(5, language, min_length=300, max_length=400, random_state=1)
    np.testing.assert_array_equal(found.predict(pack(longer))[:, 0], np.concatenate(y))
    # step by step, as the reservoir goes: a state is replaced by the one stored for what it is
    x, want = longer[0][:20], []
    state = driver.rest(pack([x]))
    for t in range(len(x)):
        new = driver.run(pack([x[t : t + 1]]), states=state.copy())
        which = int(np.argmax(new @ found.classify[0].T + found.classify[1]))
        state = found.stored[which][None]
        want.append(which)
    assert found.reads(pack([x])).tolist() == want
