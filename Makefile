# Needs nothing but make, git and a Python >= 3.11 with its venv module; everything else goes into .venv.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# Any of these will do. 3.14 comes late because wheels for the newest Python are the last to appear.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.14 python3; do \
	$$python -c 'import sys, ssl, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo $$python; break; }; done)
BIN := .venv/bin
SET_UP := .venv/.set-up
# Two workers, as the real servers take the rest of a small machine; a file stays on one, so its servers start once.
PYTEST_OPTIONS ?= -n 2 --dist loadfile

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(SET_UP) ## Publish a trace through a throw-away stack and prove the totals
	$(BIN)/usage-ledger demo

.PHONY: up
up: $(SET_UP) ## Run Postgres, Kafka and every process here until interrupted
	$(BIN)/usage-ledger up

.PHONY: test
test: lint ## Check everything: lint, then every test on real Postgres and Kafka
	$(BIN)/pytest $(PYTEST_OPTIONS)

.PHONY: lint
lint: $(SET_UP) ## Check style, types and import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/lint-imports

.PHONY: bench
bench: $(SET_UP) ## Measure the whole pipeline on this machine
	$(BIN)/usage-ledger bench pipeline

# JSON names a file for the result; GUARD_OFF is lock, dedupe, version or offset, and then exit code 1 is the right one.
SEED ?= 1
KILLS ?= 100
.PHONY: chaos
chaos: $(SET_UP) ## Kill everything under load from a SEED, KILLS times, and prove that no promise is broken
	PYTHONPATH=tests $(BIN)/python -m chaos --seed $(SEED) --kills $(KILLS) \
		$(if $(GUARD_OFF),--guard-off $(GUARD_OFF)) $(if $(JSON),--json $(JSON))

.PHONY: set-up
set-up: $(SET_UP) ## Make .venv; redone only if the lock or pyproject.toml changed

$(SET_UP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "no Python >= 3.11 with venv and ssl found: install one or run make PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: settings
settings: $(SET_UP) ## Write deploy/settings.md anew from settings.py
	$(BIN)/python -m usage_ledger.settings_table > deploy/settings.md

.PHONY: lock
lock: ## Write requirements.lock anew from pyproject.toml (needs uv)
	PATH="$(CURDIR)/$(BIN):$$PATH" uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--extra embedded --extra dev --no-annotate --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
