"""Positions that an output attends to."""

import numpy as np
import pytest

from dlkit import ESNClassifier
from dlkit.plotting import AttentionDisplay
from dlkit.symbols import Seq2SeqESN


def test_weights_are_the_models():
    words = ["ab", "ba", "aab", "bab", "abb", "bba"] * 4
    model = Seq2SeqESN(12, decoder_units=8, n_rounds=3, random_state=0)
    model.fit(words, [word[::-1] for word in words])
    display = AttentionDisplay.from_estimator(model, "aab", "baa")
    np.testing.assert_array_equal(display.image_.get_array(), model.attention(["aab"], ["baa"])[0])
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == ["⊢", "a", "a", "b", "⊣"]
    assert [t.get_text() for t in display.ax_.get_yticklabels()] == ["b", "a", "a"]
    own = AttentionDisplay.from_estimator(model, "aab")
    assert own.target == list(model.predict(["aab"])[0])
    with pytest.raises(ValueError, match="y is an empty output"):
        AttentionDisplay.from_estimator(model, "aab", "")


def test_names_of_steps():
    weights = np.eye(3)
    display = AttentionDisplay.from_predictions(weights, source=[7, 8, 9], target=np.ones((3, 2)))
    assert display.source == ["7", "8", "9"]
    assert display.target == ["0", "1", "2"]
    display.figure_.canvas.draw()
    assert AttentionDisplay.from_predictions(weights, cmap="gray").image_.get_cmap().name == "gray"
    with pytest.raises(ValueError, match="source has 4 steps, but weights are for 3"):
        AttentionDisplay.from_predictions(weights, source="abcd")
    with pytest.raises(TypeError, match="ESNClassifier has no attention"):
        AttentionDisplay.from_estimator(ESNClassifier(), "a")
