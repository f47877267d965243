# `make demo` shows the whole pipeline on a simulated league, `make test` runs the tests; both install what they need into .venv.
PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
DEMO := .demo
EVIDENCE := .evidence
DATA ?= ../shared/data
SEASONS ?= 2022-23..2024-25
EVENING ?= 2024-04-05
DEMO_SEASONS ?= 2
DEMO_SEED ?= 7

.DEFAULT_GOAL := help
.PHONY: help setup demo test slow evidence check bench docs constraints clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/'

setup: $(INSTALLED)  ## create .venv with the pinned packages

$(INSTALLED): pyproject.toml constraints.txt
ifeq ($(UV),)
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
else
	@test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV)
	uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[dev]'
endif
	@touch $@

demo: export BACKCOURT_HOME := $(DEMO)/home
demo: $(INSTALLED)  ## simulate two seasons, load, build, prove
	rm -rf $(DEMO)
	$(BIN)/backcourt simulate $(DEMO)/raw --seasons $(DEMO_SEASONS) --seed $(DEMO_SEED)
	$(BIN)/backcourt init --simulated
	$(BIN)/backcourt ingest $(DEMO)/raw
	$(BIN)/backcourt run
	$(BIN)/backcourt verify --for predictions
	$(BIN)/backcourt status

test: $(INSTALLED)  ## run the tests but the slow ones; those on real data skip where ../shared/data is absent
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m 'not slow'

slow: $(INSTALLED)  ## run the slow tests: kills, audits of whole seasons, walk-forwards of whole leagues
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m slow

check: $(INSTALLED)  ## lint, formatting, types, import walls
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports

evidence: export BACKCOURT_HOME := $(EVIDENCE)
evidence: $(INSTALLED)  ## load the real seasons, walk all markets forward, judge; takes an hour and writes docs/evaluation.md
	mkdir -p $(EVIDENCE)
	cp tests/data/unavailable_2021-25.toml $(EVIDENCE)/backcourt.toml
	$(BIN)/backcourt init
	$(BIN)/backcourt ingest $(DATA)/nba $(DATA)/odds
	$(BIN)/backcourt run
	$(BIN)/backcourt verify --for predictions
	$(BIN)/backcourt backtest --seasons $(SEASONS)
	$(BIN)/backcourt predict --date $(EVENING)
	$(BIN)/backcourt grade --date $(EVENING)
	$(BIN)/backcourt verify --for ledger --date $(EVENING)
	$(BIN)/backcourt reportcard
	cp "$$(ls -t $(EVIDENCE)/reports/*/summary.md | head -n 1)" docs/evaluation.md

bench: $(INSTALLED)  ## the timing table on this machine
	$(BIN)/backcourt bench

docs: $(INSTALLED)  ## write docs/features.md, docs/checks.md and docs/tables.md from the declarations
	$(BIN)/python -m backcourt.features.docs > docs/features.md
	$(BIN)/python -m backcourt.work.reports.bounds > docs/checks.md
	$(BIN)/python -m backcourt.work.reports.dictionary > docs/tables.md

constraints:  ## compile constraints.txt anew (needs uv)
	uv pip compile --quiet --universal --upgrade --all-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 --output-file constraints.txt pyproject.toml

clean:  ## remove the demo, caches and .venv
	rm -rf $(DEMO) $(EVIDENCE) $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
