"""Parameters that are objects: shortcuts, nested names, searches; parameters without meaning."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold

from dlkit import (
    ESNClassifier,
    ESNForecaster,
    ESNTagger,
    NVARForecaster,
    ReservoirFeatures,
    ReservoirSearchCV,
    ReservoirStates,
    RidgeReadout,
    RidgeReadoutClassifier,
)
from dlkit.exceptions import IgnoredParameterWarning
from dlkit.reservoir import (
    ES2N,
    GRU,
    LSTM,
    Context,
    CycleJumps,
    Dense,
    Feedback,
    InputWeights,
    IntrinsicPlasticity,
    Layers,
    Leaky,
    ModelSpace,
    Sparse,
)
from dlkit.reservoir._learning import parameters

rng = np.random.RandomState(0)
LABELS = np.arange(24) % 2
X = [rng.randn(n, 2) + label for n, label in zip(range(10, 34), LABELS, strict=True)]
SMALL = {"n_units": 12, "random_state": 0}
OBJECTS = {
    "topology": CycleJumps(4),
    "input_weights": InputWeights("normal", density=0.5),
    "cell": ES2N(path="ring"),
    "context": Context(1, enters="input"),
    "plasticity": IntrinsicPlasticity(std=0.3),
    "layers": Layers(2, links=3),
    "pooling": ModelSpace(5, alpha=2.0),
}


def same_params(one, other):
    """Whether two estimators have the same parameters, those of their objects included."""
    return repr(one.get_params()) == repr(other.get_params())


# shortcuts and objects


def test_repr_shows_what_was_given():
    named = ESNClassifier(cell="es2n", topology="cycle_jumps", pooling="model_space", layers=2)
    assert "cell='es2n', layers=2, pooling='model_space'" in repr(named)
    shown = " ".join(repr(ESNClassifier(**OBJECTS)).split())
    for text in (
        "cell=ES2N(path='ring')", "topology=CycleJumps(jump=4)", "layers=Layers(links=3)",
        "pooling=ModelSpace(alpha=2.0, n_components=5)",
        "input_weights=InputWeights(density=0.5, distribution='normal')",
    ):  # fmt: skip
        assert text in shown
    assert "ModelSpace" in ESNClassifier(**OBJECTS)._repr_html_()


@pytest.mark.parametrize(
    ("name", "shortcut", "value"),
    [
        ("topology", "sparse", Sparse()),
        ("topology", "dense", Dense()),
        ("topology", "cycle_jumps", CycleJumps()),
        ("input_weights", "normal", InputWeights("normal")),
        ("cell", "leaky", Leaky()),
        ("cell", "es2n", ES2N()),
        ("cell", "lstm", LSTM()),
        ("context", 1, Context(1)),
        ("layers", 2, Layers(2)),
        ("pooling", "model_space", ModelSpace()),
    ],
)
def test_a_shortcut_stands_for_its_object(name, shortcut, value):
    batch = [np.column_stack([x[:, 0], np.full(len(x), x[0, 1])]) for x in X[:4]]
    found = [
        ReservoirFeatures(**SMALL, **{name: given}).fit_transform(batch)
        for given in (shortcut, value)
    ]
    np.testing.assert_array_equal(*found)


def test_true_stands_for_feedback():
    y = [x[:, 0] for x in X]
    one, other = (
        ESNForecaster(feedback=given, **SMALL, scaling=None).fit(X, y).predict(X[:2])
        for given in (True, Feedback())
    )
    np.testing.assert_array_equal(np.concatenate(one), np.concatenate(other))


def test_objects_are_cloned_and_pickled_with_their_estimator():
    esn = ESNClassifier(**OBJECTS)
    for copy in (clone(esn), pickle.loads(pickle.dumps(esn))):
        assert same_params(copy, esn)
        for name in OBJECTS:
            assert getattr(copy, name) is not getattr(esn, name)


def test_a_fitted_estimator_with_objects_survives_a_pickle():
    given = {name: OBJECTS[name] for name in ("topology", "input_weights", "cell", "pooling")}
    esn = ESNClassifier(**SMALL, **given).fit(X, LABELS)
    again = pickle.loads(pickle.dumps(esn))
    np.testing.assert_array_equal(again.decision_function(X), esn.decision_function(X))


# names that reach inside


def test_get_params_reaches_inside_of_objects():
    params = ESNClassifier(**OBJECTS).get_params(deep=True)
    assert params["pooling__n_components"] == 5
    assert params["cell__path"] == "ring"
    assert "pooling__n_components" not in ESNClassifier(**OBJECTS).get_params(deep=False)


@pytest.mark.parametrize(
    ("shortcut", "name", "value"),
    [
        ({"pooling": "model_space"}, "pooling__n_components", 5),
        ({"cell": "es2n"}, "cell__path", "ring"),
        ({"cell": "gru"}, "cell__update_bias", 2.0),
        ({"topology": "cycle_jumps"}, "topology__jump", 3),
        ({"topology": "dense"}, "topology__weights", "uniform"),
        ({"input_weights": "normal"}, "input_weights__density", 0.5),
        ({"context": (0, 2)}, "context__enters", "state"),
        ({"layers": 3}, "layers__links", 4),
        ({"layers": 3}, "layers__settings", [{"leak_rate": 0.1}, {}]),
    ],
)
def test_set_params_reaches_inside_of_what_a_shortcut_stands_for(shortcut, name, value):
    esn = ESNClassifier(**shortcut)
    assert esn.set_params(**{name: value}) is esn
    assert esn.get_params()[name] == value
    # the object that the shortcut stands for is not touched
    again = ESNClassifier(**shortcut).set_params(**{name: value})
    (outer,) = shortcut
    assert getattr(again, outer) is not getattr(esn, outer)


def test_set_params_takes_the_object_and_its_parameters_at_once():
    esn = ESNTagger().set_params(feedback=True, feedback__scaling=0.5, cell="es2n")
    assert repr(esn.feedback) == "Feedback(scaling=0.5)"
    assert esn.cell == "es2n"
    esn.set_params(cell__path="ring", cell__delays=2)
    assert (esn.cell.path, esn.cell.delays) == ("ring", 2)


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"pooling": "moments"}, "pooling__n_components"),
        ({"topology": "ring"}, "topology__jump"),
        ({"topology": np.eye(3)}, "topology__jump"),
        ({"context": None}, "context__enters"),
        ({"plasticity": None}, "plasticity__std"),
        ({"readout": None}, "readout__alpha"),
        ({"cell": "GRU"}, "cell__update_bias"),
    ],
)
def test_set_params_says_which_parameter_holds_no_object(params, name):
    esn = ESNClassifier(**params)
    parameter = name.partition("__")[0]
    with pytest.raises(ValueError, match=f"'{name}' is a parameter of an object, but {parameter}="):
        esn.set_params(**{name: 3})
    assert getattr(esn, parameter) is params[parameter]
    with pytest.raises(ValueError, match="feedback=False is none"):
        ESNTagger().set_params(feedback__scaling=2.0)


def test_set_params_refuses_names_that_an_object_does_not_have():
    with pytest.raises(ValueError, match="Invalid parameter 'bogus' for estimator ModelSpace"):
        ESNClassifier(pooling="model_space").set_params(pooling__bogus=1)


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("params", "grid"),
    [
        ({"pooling": "model_space"}, {"pooling__n_components": [2, 5], "pooling__alpha": [1.0]}),
        ({"cell": "es2n"}, {"cell__path": ["ring", "hadamard"], "leak_rate": [0.1, 0.9]}),
        ({"topology": "cycle_jumps"}, {"topology__jump": [3, 5], "spectral_radius": [0.5, 0.9]}),
        ({"layers": 2}, {"layers__settings": [2, [{"leak_rate": 0.1}, {}]]}),
        ({"plasticity": IntrinsicPlasticity()}, {"plasticity__std": [0.1, 0.3]}),
        ({}, {"cell": ["gru", GRU(update_bias=2.0), Leaky(delays=(1, 3))]}),
        ({}, {"pooling": ["last", ModelSpace(4)], "input_weights__density": [0.5, 1.0]}),
    ],
)
def test_both_searches_reach_inside_alike(params, grid):
    esn, cv = ESNClassifier(alpha=1.0, **SMALL, **params), KFold(3)
    plain = GridSearchCV(esn, grid, cv=cv, scoring="neg_log_loss").fit(X, LABELS)
    ours = ReservoirSearchCV(esn, grid, cv=cv, scoring="neg_log_loss").fit(X, LABELS)
    names = [f"split{i}_test_score" for i in range(3)]
    one, other = (np.array([s.cv_results_[name] for name in names]) for s in (plain, ours))
    np.testing.assert_allclose(other, one, rtol=1e-6)
    assert len(np.unique(one[0].round(12))) > 1 or len(plain.cv_results_["params"]) == 1
    assert repr(ours.best_params_) == repr(plain.best_params_)
    assert same_params(ours.best_estimator_, plain.best_estimator_)
    assert same_params(esn, ESNClassifier(alpha=1.0, **SMALL, **params))  # not touched


# mistakes


@pytest.mark.parametrize(
    "params",
    [
        {"pooling": ModelSpace},
        {"pooling": {"n_components": 3}},
        {"topology": CycleJumps},
        {"topology": InputWeights()},
        {"input_weights": InputWeights},
        {"cell": "GRU"},
        {"cell": GRU},
        {"cell": ModelSpace()},
        {"context": "a"},
        {"context": Context},
        {"layers": Layers},
    ],
)
def test_what_is_no_value_of_a_parameter_is_refused_by_its_name(params):
    (name,) = params
    with pytest.raises((ValueError, TypeError), match=rf"\b{name}\b.*(must be|must hold)") as error:
        ESNClassifier(**SMALL, **params).fit(X, LABELS)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (ModelSpace(0), "n_components"),
        (ModelSpace(alpha=-1.0), "alpha"),
        (Sparse(weights="signs"), "weights"),
        (CycleJumps(1), "jump"),
        (InputWeights(density=0.0), "density"),
        (Context(0, enters="states"), "enters"),
    ],
)
def test_parameters_of_objects_are_checked_in_fit(value, name):
    owners = {ModelSpace: "pooling", InputWeights: "input_weights", Context: "context"}
    esn = ESNClassifier(**SMALL, **{owners.get(type(value), "topology"): value})
    with pytest.raises(ValueError, match=f"'{name}' parameter of {type(value).__name__} must be"):
        esn.fit(X, LABELS)


@pytest.mark.parametrize("ratios", [[1.5], [np.nan], [[0.5]], ["half"], [-0.1]])
def test_sampling_ratios_are_numbers_from_0_to_1(ratios):
    esn = ESNForecaster(feedback=Feedback(sampling_ratios=ratios), **SMALL, scaling=None)
    with pytest.raises(ValueError, match="sampling_ratios must hold numbers from 0 to 1"):
        esn.fit(X[0], X[0][:, 0])


@pytest.mark.parametrize(
    ("feedback", "mend"),
    [
        (True, "feedback=False"),
        (Feedback(scaling=2.0, sampling_ratios=[0.5]), r"Feedback\(sampling_ratios=...\) alone"),
    ],
)
def test_feedback_without_targets_says_what_to_do(feedback, mend):
    with pytest.raises(ValueError, match=f"requires y.*Give y, or use {mend}"):
        ESNForecaster(feedback=feedback, **SMALL, scaling=None).fit(X[0])
    ESNForecaster(feedback=Feedback(sampling_ratios=[0.5]), **SMALL, scaling=None).fit(X[0])


# parameters that mean nothing beside others

MATRIX = np.eye(12)[::-1] * 0.5
IDLE = [
    ({"cell": "gru", "leak_rate": 0.5}, "leak_rate=0.5 means nothing beside cell='gru'"),
    ({"cell": LSTM(forget_bias=2.0), "leak_rate": np.full(12, 0.5)}, "beside cell=LSTM"),
    ({"cell": "mgu", "leak_rate": ("groups", 1, 10)}, r"leak_rate=\('groups', 1, 10\) means"),
    ({"topology": "ring", "n_links": 3}, "n_links=3 means nothing beside topology='ring'"),
    ({"topology": Dense(), "n_links": 3}, r"beside topology=Dense\(\)"),
    ({"topology": MATRIX, "n_links": 3}, "n_links=3 means nothing beside a topology .* matrix"),
    ({"topology": lambda n, r: MATRIX, "n_links": 3}, "n_links=3 .* function"),
    ({"topology": MATRIX, "n_units": 30}, "n_units=30 means nothing beside .* has 12 units"),
    ({"readout": RidgeReadoutClassifier(1.0), "alpha": 0.1}, "alpha=0.1 .* penalties of its own"),
    ({"readout": RidgeReadoutClassifier(1.0), "alpha": [0.1, 1.0]}, r"alpha=\[0.1, 1.0\] means"),
    ({"context": Context(1, enters="input", scaling=2.0)}, "scaling=2.0 .* enters='input'"),
    ({"layers": 2, "cell": "gru", "leak_rate": 0.5}, "leak_rate=0.5 .* cell='gru'"),
    ({"layers": [{}, {"topology": "ring", "n_links": 3}]}, "n_links=3 .* topology='ring'"),
]
MEANT = [
    {},
    {"leak_rate": 0.5, "n_links": 3, "alpha": 0.1},
    {"cell": "gru"},
    {"cell": "gru", "leak_rate": ("log_uniform", 1, 5)},  # the default, given or not
    {"cell": ES2N(path="ring"), "leak_rate": 0.5},
    {"topology": Sparse(weights="uniform"), "n_links": 3},
    {"topology": "ring"},
    {"topology": MATRIX},
    {"topology": MATRIX, "n_units": 12},
    {"topology": "dense", "cell": "legendre", "n_links": 3},  # links from the memory
    {"readout": RidgeReadoutClassifier(1.0)},
    {"context": Context(1, scaling=2.0)},
    {"context": Context(1, enters="input")},
    {"layers": [{"cell": "gru"}, {}], "leak_rate": 0.5},
    {"layers": Layers(2, progression={"leak_rate": (0.9, 0.1)})},
]


def fit_small(params):
    batch = [np.column_stack([x[:, 0], np.full(len(x), x[0, 1])]) for x in X]
    given = SMALL if "topology" not in params else {"random_state": 0}
    return ESNClassifier(**({"n_units": 12} | given | params)).fit(batch, LABELS)


@pytest.mark.parametrize(("params", "text"), IDLE)
def test_a_parameter_that_means_nothing_is_named(params, text):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit_small(params)
    (warning,) = caught
    assert warning.category is IgnoredParameterWarning
    with pytest.warns(IgnoredParameterWarning, match=text):
        warnings.warn(warning.message, stacklevel=1)
    assert len(str(warning.message)) < 330


@pytest.mark.parametrize("params", MEANT)
def test_no_warning_where_parameters_mean_something(params):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit_small(params)


@pytest.mark.parametrize("kind", [ESNForecaster, ESNTagger, ReservoirStates, ReservoirFeatures])
def test_every_estimator_names_what_means_nothing(kind):
    y = [np.sign(x[:, 0]) for x in X]
    data = (X, y) if issubclass(kind, ESNForecaster | ESNTagger) else (X,)
    with pytest.warns(IgnoredParameterWarning, match="leak_rate=0.7 means nothing"):
        kind(cell="gru", leak_rate=0.7, **SMALL).fit(*data)
    kind(cell="gru", **SMALL).fit(*data)


def test_an_nvar_names_a_penalty_that_means_nothing():
    with pytest.warns(IgnoredParameterWarning, match="alpha=0.1 means nothing"):
        NVARForecaster(readout=RidgeReadout(1.0), alpha=0.1, scaling=None).fit(X)
    NVARForecaster(readout=RidgeReadout(1.0), scaling=None).fit(X)


def test_the_warning_can_be_silenced_by_its_category():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=IgnoredParameterWarning)
        ReservoirStates(cell="gru", leak_rate=0.7, **SMALL).fit(X)


def test_a_default_that_was_cloned_was_not_given():
    esn = clone(ESNClassifier(5, cell="gru", random_state=0))
    assert not parameters.given(esn, "leak_rate")
    assert parameters.given(esn.set_params(leak_rate=("log_uniform", 1, 6)), "leak_rate")
