# Two commands do all: `make` checks the claims of our own newsletter and builds it; `make test` tests the package.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := newsletter
.PHONY: newsletter test test-slow lint bench clean

newsletter: $(STAMP)
	$(BIN)/probatum check --budget 2m
	$(BIN)/probatum build

test: $(STAMP)
	$(BIN)/pytest -n auto --dist loadgroup

test-slow: $(STAMP)
	$(BIN)/pytest -m slow

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python benchmarks/press.py
	$(BIN)/python benchmarks/clusterability.py
	$(BIN)/python benchmarks/control.py

# The venv is made without pip, and filled by the machine's own: Debian's Python has no ensurepip by itself.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --no-compile -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) site
