# Each target makes its own virtual environment first; nothing but Python >= 3.11 is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
COVERAGE := --cov --cov-report=term:skip-covered --cov-fail-under=90

.PHONY: quickstart test lint stubs format docs check-docs clean
.DELETE_ON_ERROR:

$(VENV)/%.done: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[$*]"
	touch $@

quickstart: $(VENV)/plots.done  ## the main job: a tuned classifier of real speech, and a forecast
	$(BIN)/python examples/plot_quickstart.py

# one BLAS thread for each of the two workers: more only get in each other's way; a file is tested
# by one worker, so that what the file needs is compiled once
test: export OMP_NUM_THREADS = 1
test: export OPENBLAS_NUM_THREADS = 1
test: $(VENV)/tests.done  ## the suite: compiled, bounds-checked, and uncompiled (COVER=1: with coverage)
	$(BIN)/python -m pytest -n 2 --dist loadfile
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(VENV)/numba-boundscheck $(BIN)/python -m pytest tests -n 2 --dist loadfile -m kernels -k "not float32"
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest tests -n 2 --dist loadfile -m "not compiled" $(if $(COVER),$(COVERAGE))

lint: $(VENV)/tests.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

stubs: $(VENV)/tests.done  ## types of the public names, from signatures and docstrings
	$(BIN)/python tools/make_stubs.py

format: $(VENV)/tests.done
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: export OMP_NUM_THREADS = 2
docs: $(VENV)/docs.done  ## the site: guide and gallery executed; a warning or a broken link is an error
	$(BIN)/python -m sphinx -b html -W --keep-going -q docs docs/_build/html

check-docs: docs  ## the built site in headless Chromium, which has to be installed
	$(BIN)/python docs/check_site.py

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis .coverage
