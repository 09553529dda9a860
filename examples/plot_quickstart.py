"""
=============================================
Quickstart: real speech, and a chaotic series
=============================================

An echo state network tells nine speakers apart by a spoken vowel: with default settings, in a
pipeline, and tuned by ``GridSearchCV``. Another one forecasts a chaotic series.
"""

from pathlib import Path
from time import perf_counter

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit import ESNClassifier, ESNForecaster, PerStep, ReservoirFeatures
from dlkit.datasets import load_japanese_vowels, make_mackey_glass
from dlkit.metrics import nrmse
from dlkit.plotting import plot_forecast


def timed(label, work):
    """Run ``work``, print what it returns and how long it took."""
    start = perf_counter()
    text, result = work()
    print(f"{label:<46} {text}   {perf_counter() - start:6.2f} s", flush=True)
    return result


# %%
# The data: utterances of two Japanese vowels by nine men, as sequences of unequal length.

X_train, y_train = load_japanese_vowels(subset="train", return_X_y=True)
X_test, y_test = load_japanese_vowels(subset="test", return_X_y=True)
lengths = [len(x) for x in X_train + X_test]
print(
    f"JapaneseVowels: {len(X_train)} training and {len(X_test)} test utterances, "
    f"{min(lengths)} to {max(lengths)} steps, {X_train[0].shape[1]} channels, "
    f"{len(set(y_train))} speakers"
)

# %%
# With default settings. The first fit also loads the compiled loops; the first time ever, they are
# compiled.


def untuned():
    model = ESNClassifier(random_state=0).fit(X_train, y_train)
    return f"test accuracy {model.score(X_test, y_test):.4f}", model


timed("ESNClassifier(), first fit in this process", untuned)
timed("ESNClassifier(), again", untuned)

# %%
# In a pipeline, with any scikit-learn classifier behind the reservoir's features.


def pipeline():
    model = make_pipeline(
        PerStep(StandardScaler()),
        ReservoirFeatures(input_scaling=0.1, random_state=0),
        StandardScaler(),
        LogisticRegression(C=0.1, max_iter=500),
    ).fit(X_train, y_train)
    return f"test accuracy {model.score(X_test, y_test):.4f}", model


timed("PerStep + ReservoirFeatures + LogisticRegression", pipeline)

# %%
# Tuned, by cross-validation on the training half alone. The utterances are in the order of
# recording, and those of the test half were recorded later, so folds are not shuffled. The best
# settings differ by an error or two, so the Brier score of the probabilities chooses the setting.

grid = {
    "pooling": ["last_mean", "moments"],
    "leak_rate": [0.2, 0.4, 0.7],
    "spectral_radius": [0.1, 0.5, 0.9],
    "input_scaling": [0.4, 0.8],
}
search = GridSearchCV(
    ESNClassifier(random_state=0),
    grid,
    cv=StratifiedKFold(5),
    scoring={"accuracy": "accuracy", "brier": "neg_brier_score"},
    refit="brier",
    n_jobs=2,
)
n_settings = np.prod([len(values) for values in grid.values()])


def tuned():
    search.fit(X_train, y_train)
    return f"test accuracy {search.best_estimator_.score(X_test, y_test):.4f}", search


timed(f"GridSearchCV, {n_settings} settings x 5 folds", tuned)
print("  best settings:", ", ".join(f"{k}={v}" for k, v in search.best_params_.items()))
accuracy = search.cv_results_["mean_test_accuracy"][search.best_index_]
print(f"  cross-validated accuracy {accuracy:.4f}")

# %%
# A forecast. The network learns to predict the next step of the Mackey-Glass series. Then each
# prediction is the input for the next one.

series = make_mackey_glass(3500, random_state=0)
past, future = series[:3000], series[3000:]


def forecast():
    esn = ESNForecaster(500, leak_rate=0.5, input_scaling=0.5, washout=200, random_state=0)
    model = esn.fit(past)
    ahead = model.forecast(len(future))
    return f"NRMSE of the first 100 steps {nrmse(future[:100], ahead[:100]):.4f}", ahead


ahead = timed(f"ESNForecaster, {len(future)} steps in closed loop", forecast)
figure = plot_forecast(future, ahead, past=past[-100:], title="Mackey-Glass, in closed loop").figure
target = Path("quickstart_forecast.png")
figure.savefig(target, dpi=120)
print(f"Forecast and truth are drawn in {target}")
