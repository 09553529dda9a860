"""
Quickstart: classify speech, forecast a chaotic series
======================================================

An echo state network tells nine speakers apart by a spoken vowel: with default settings, in a
pipeline, and tuned by a search. Another one forecasts a chaotic series.
"""

from pathlib import Path
from time import perf_counter

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    PerStep,
    ReservoirFeatures,
    ReservoirSearchCV,
)
from dlkit.datasets import load_japanese_vowels, make_mackey_glass
from dlkit.metrics import nrmse
from dlkit.plotting import ForecastDisplay

# %%
# The data: utterances of two Japanese vowels by nine men, as sequences of unequal length.

X_train, y_train = load_japanese_vowels(subset="train", return_X_y=True)
X_test, y_test = load_japanese_vowels(subset="test", return_X_y=True)
print(f"{len(X_train)} training and {len(X_test)} test utterances, the first {X_train[0].shape}")

# %%
# With default settings. The first fit also loads the compiled loops; the first time ever, they are
# compiled.

model = ESNClassifier(random_state=0).fit(X_train, y_train)
start = perf_counter()
model = ESNClassifier(random_state=0).fit(X_train, y_train)
print(f"untuned: test accuracy {model.score(X_test, y_test):.4f}, {perf_counter() - start:.2f} s")

# %%
# In a pipeline, with any scikit-learn classifier behind the reservoir's features.

pipeline = make_pipeline(
    PerStep(StandardScaler()),
    ReservoirFeatures(input_scaling=0.1, random_state=0),
    StandardScaler(),
    LogisticRegression(C=0.1, max_iter=500),
)
pipeline.fit(X_train, y_train)
print(f"with a logistic regression: test accuracy {pipeline.score(X_test, y_test):.4f}")

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
search = ReservoirSearchCV(
    ESNClassifier(random_state=0),
    grid,
    cv=StratifiedKFold(5),
    scoring={"accuracy": "accuracy", "brier": "neg_brier_score"},
    refit="brier",
)
start = perf_counter()
search.fit(X_train, y_train)
seconds, n_settings = perf_counter() - start, len(search.cv_results_["params"])
accuracy = search.best_estimator_.score(X_test, y_test)
print(f"tuned: test accuracy {accuracy:.4f}, {n_settings} settings in {seconds:.2f} s")
print("best settings:", ", ".join(f"{k}={v}" for k, v in search.best_params_.items()))

# %%
# A forecast. The network learns to predict the next step of the Mackey-Glass series. Then each
# prediction is the input for the next one.

series = make_mackey_glass(3500, random_state=0)
past, future = series[:3000], series[3000:]
esn = ESNForecaster(500, leak_rate=0.5, input_scaling=0.5, washout=200, random_state=0).fit(past)
ahead = esn.forecast(len(future))
print(f"forecast: NRMSE of the first 100 steps {nrmse(future[:100], ahead[:100]):.4f}")

display = ForecastDisplay.from_predictions(future, ahead, past=past[-100:])
display.ax_.set_title("Mackey-Glass, in closed loop")
target = Path("quickstart_forecast.png")
display.figure_.savefig(target, dpi=120)
print(f"Forecast and truth are drawn in {target}")
