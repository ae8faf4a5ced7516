# `make` installs everything into .venv and runs tonight's flow on data/sample; `make test` passes the tests.
# Only Python 3.11 with pip, and make, are assumed. Where packages come from is pip's own configuration.

PYTHON := $(shell for each in python3.11 python3 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
WORKERS ?= 2
STAMP := .venv/installed-from-lock

# With the venv's own pip; a system without ensurepip lends its own.
PIP = $$($(BIN)/python -m pip --version >/dev/null 2>&1 && echo "$(BIN)/python -m pip" \
	|| echo "$(PYTHON) -m pip --python $(BIN)/python")

.DEFAULT_GOAL := night
.PHONY: night install test test-long check lint format lock peers sample bench bench-splink bench-febrl bench-queue clean help

night: install ## tonight's flow on data/sample
	$(BIN)/sachsong nightly --workspace workspace --inbox data/sample/inbox --registry data/sample/registry.csv

install: $(STAMP) ## everything into .venv, when the lock has changed

# Only what installing depends on: a source file's change needs nothing, since the install is editable.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed / cần Python 3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv 2>/dev/null \
		|| { rm -rf .venv && $(PYTHON) -m venv --without-pip .venv; }
	@echo "Cài đặt vào .venv / installing into .venv (about a minute)"
	@$(PIP) install --quiet --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@# Where PYTHONDONTWRITEBYTECODE is set, every start would compile Prefect and Great Expectations again.
	@$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null || true
	@touch $@

test: install ## the default tests
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

test-long: install ## the tests that take minutes or hours, and new examples for every property
	HYPOTHESIS_PROFILE=search $(BIN)/pytest -n $(WORKERS) --dist loadfile -m "long or not long"

check: lint test ## all that CI checks

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy flows.py .ci/refuse.py
	$(BIN)/lint-imports --no-cache
	$(BIN)/python .ci/refuse.py

format: install ## lay the code out as `make check` wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: install ## requirements.lock again, from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements.lock
	$(BIN)/uv pip compile benchmarks/peers/peers.in --no-deps --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o benchmarks/peers.lock

peers: .venv-peers/installed-from-lock ## what the benchmarks compare us with, into .venv-peers

.venv-peers/installed-from-lock: benchmarks/peers.lock | install
	@rm -rf .venv-peers
	@$(BIN)/uv venv --quiet --python $(BIN)/python .venv-peers
	@$(BIN)/uv pip install --quiet --python .venv-peers/bin/python --no-deps --require-hashes -r $< \
		|| { rm -rf .venv-peers; echo "Không cài được Splink: cần mạng hoặc kho gói / cannot install the peers:" \
		"a network or package index is needed; everything else works without them" >&2; exit 1; }
	@touch $@

sample: install ## data/sample again: same seed, same bytes
	$(BIN)/sachsong registry make --out data/sample --people 10000 --seed 2026 --night 2026-11-22 --format csv \
		--lists sample

bench: install ## the benchmarks; results in benchmarks/results
	for each in $(filter-out processes splink_peer febrl procrastinate_peer sustained,$(basename $(notdir $(wildcard benchmarks/[a-z]*.py)))); do \
		$(BIN)/python -m benchmarks.$$each || exit; done

bench-splink: install peers ## us beside Splink 5; half an hour and more
	$(BIN)/python -m benchmarks.splink_peer

bench-queue: install peers ## the queue for ten minutes on each database, and beside Procrastinate; half an hour
	$(BIN)/python -m benchmarks.sustained
	$(BIN)/python -m benchmarks.procrastinate_peer

bench-febrl: install peers ## us beside Splink 5 on FEBRL 4; two minutes
	$(BIN)/python -m benchmarks.febrl

clean: ## what can be made again; never the workspace
	rm -rf .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ —/'
