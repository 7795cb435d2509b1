# Everything is a thin wrapper; `make help` says what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
PYTEST := $(BIN)/python -m pytest
SERVERS := rabbitmq or postgres or browser or npm or chaos

.DEFAULT_GOAL := help
.PHONY: help run test quick lint contracts migration translations bench lock clean

help:  ## Show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(VENV)/.stamp-run  ## Start all five services in one process (FRESH=1 begins anew, PORT=8000)
	@$(BIN)/huajie run --port $(PORT) $(if $(FRESH),--fresh)

test: $(VENV)/.stamp-dev system  ## Run everything on private RabbitMQ, PostgreSQL and Chromium
	@$(MAKE) --no-print-directory lint
	$(PYTEST) -n 2 --dist loadgroup -m "not chaos" --cov --cov-report=
	$(PYTEST) -m chaos --cov --cov-append --cov-report=term:skip-covered

quick: $(VENV)/.stamp-dev  ## Run what needs no server, in under a minute
	$(PYTEST) -n 2 --dist loadgroup -m "not ($(SERVERS))"

lint: $(VENV)/.stamp-dev  ## Check style, types and imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

contracts: $(VENV)/.stamp-dev  ## Write the published schemas, examples and AsyncAPI document
	$(BIN)/python -m shared.contracts publish

migration: $(VENV)/.stamp-dev  ## Write a migration: make migration service=intake m="what changed"
	DATA_DIR=$$(mktemp -d) $(BIN)/huajie migrate $(service) --new "$(m)"

translations: $(VENV)/.stamp-dev  ## Gather the texts for translation and compile the catalogue
	$(BIN)/pybabel -q extract -F shared/web/babel.cfg -k N_ -k _l -o .cache/huajie.pot shared services
	$(BIN)/pybabel -q update -i .cache/huajie.pot -d shared/web/translations -D huajie --no-fuzzy-matching --no-wrap --ignore-pot-creation-date
	$(BIN)/pybabel -q compile -d shared/web/translations -D huajie

bench: $(VENV)/.stamp-dev system  ## Measure, with peers, on this machine (ONLY=relay for one part)
	$(BIN)/python -m tests.bench $(ONLY)

system:
	@sh deploy/system-packages.sh

lock: $(VENV)/.stamp-dev  ## Pin the newest versions of everything, with hashes
	$(BIN)/pip install -q uv
	for f in requirements requirements-dev; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --upgrade $$f.in -o $$f.txt; \
	done

clean:  ## Remove the environment and all caches (not the data in var/)
	rm -rf $(VENV) .cache .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

# -- the environment ---------------------------------------------------------------------------------

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed. Install it, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "准备环境 Preparing the environment (once, about a minute) …"
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv is missing. On Debian: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

# The stamp for tests holds what the stamp for running needs, so `make run` after `make test` does nothing.
$(VENV)/.stamp-run: requirements.txt pyproject.toml $(wildcard shared/web/translations/*/LC_MESSAGES/*.po) | $(VENV)/bin/python
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/pybabel -q compile -d shared/web/translations -D huajie
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.txt $(VENV)/.stamp-run
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
