# Two commands: `make demo` and `make test`.  Each sets up what it needs, once.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow check bench lab clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(READY) ## create the virtual environment and install everything at pinned versions

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Choose another with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev,lab]"
	$(BIN)/python -m qml.simulators.warm
	@touch $@

demo: $(READY) ## run the quickstart study and print its verdict
	$(BIN)/qml run experiments/quickstart.yaml

test: $(READY) ## run the test suite
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow and not gpu" --numprocesses 2 --quiet

test-slow: $(READY) ## run the tests that take longer
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow --quiet

check: $(READY) ## format, lint and types, without changing anything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY) ## measure speed against peers, memory and threads (fifteen minutes)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[bench]"
	$(BIN)/python benchmarks/quantum_layer.py
	$(BIN)/python benchmarks/footprint.py
	$(BIN)/python benchmarks/noise.py
	$(BIN)/python benchmarks/aer.py

lab: $(READY) ## open the notebooks
	$(BIN)/jupyter lab notebooks

clean: ## remove the virtual environment and caches; results stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
