# Thin wrappers: what a target does is in the command that it calls. `make help` lists them.
.DEFAULT_GOAL := help
.SUFFIXES:

BIN := .venv/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CATALOGUES := $(wildcard shared/web/translations/*/LC_MESSAGES/huajie.po)
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate

.PHONY: help install dev run test quick lint contracts migration translations bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: .venv/.stamp-run ## the environment in .venv that the services run in

dev: .venv/.stamp-dev ## the same with what tests and checks need

run: .venv/.stamp-run ## all five services in one process; FRESH=1 begins anew, PORT=8000
	@exec $(BIN)/huajie run $(if $(filter-out 0,$(FRESH)),--fresh) $(if $(PORT),--port "$(PORT)")

test: .venv/.stamp-dev ## everything, on private RabbitMQ, PostgreSQL and Chromium, with coverage
	sh deploy/system-packages.sh
	$(MAKE) lint
	@failed=0; \
	$(BIN)/python -m pytest -n 2 -m 'not chaos' --cov --cov-report= || failed=$$?; \
	[ $$failed -ne 2 ] || exit 2; \
	$(BIN)/python -m pytest -m chaos --cov --cov-append || { code=$$?; [ $$code -eq 5 ] || failed=$$code; }; \
	exit $$failed

quick: .venv/.stamp-dev ## the tests that need no server and no browser, in about a minute
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -n 2 -m 'not (rabbitmq or postgres or browser or npm or chaos or slow)'

lint: .venv/.stamp-dev ## style, types and imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

contracts: .venv/.stamp-dev ## event schemas, examples and AsyncAPI anew into shared/contracts/published
	$(BIN)/python -m shared.contracts publish

migration: .venv/.stamp-dev ## a migration from changed tables: service=intake m="add a column"
	@if [ -z "$(service)" ] || [ -z "$(m)" ]; then \
		echo 'Say which service and what changes: make migration service=intake m="add a column"' >&2; exit 1; fi
	$(BIN)/huajie migrate $(service) --new "$(m)"

bench: .venv/.stamp-dev ## the measurements; ONLY=name for one
	$(BIN)/python -m tests.bench $(ONLY)

translations: .venv/.stamp-dev ## gather the texts for translation and compile the catalogue
	@mkdir -p .cache
	$(BIN)/pybabel -q extract -F shared/web/babel.cfg -k N_ --add-location=file --sort-by-file -o .cache/huajie.pot \
		shared services
	$(BIN)/pybabel -q update -i .cache/huajie.pot -d shared/web/translations -D huajie \
		--no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date
	$(BIN)/pybabel -q compile -d shared/web/translations -D huajie
	@touch .venv/.stamp-dev # the new catalogue is compiled: nothing to install again

lock: .venv/.stamp-dev ## pins and hashes anew, from requirements.in and requirements-dev.in
	$(PIP) install uv
	$(BIN)/uv $(LOCK) requirements.in -o requirements.txt
	$(BIN)/uv $(LOCK) requirements-dev.in -o requirements-dev.txt

clean: ## removes all that can be made again; keeps the data in var/
	rm -rf .venv build huajie.egg-info .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache
	rm -rf .import_linter_cache .hypothesis .schemathesis
	find shared services tests \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} +

.venv/bin/python:
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
		echo 'Huajie needs Python 3.11 or newer. Install it, or name one: make PYTHON=python3.12' >&2; exit 1; fi
	@if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo 'This Python lacks venv. Install it (Debian, Ubuntu: apt-get install python3-venv).' >&2; exit 1; fi
	"$(PYTHON)" -m venv .venv || { rm -rf .venv; exit 1; }

# $(1): file with the pins. The order matters: the project itself is built with the pinned setuptools.
define fill_venv
	@echo 'Installing from $(1) into .venv; the first time takes a minute or two'
	@$(PIP) install --require-hashes -r $(1)
	@$(PIP) install --no-deps --no-build-isolation -e .
	@if [ -d shared/web/translations ]; then $(BIN)/pybabel -q compile -d shared/web/translations -D huajie; fi
	@touch $@
endef

.venv/.stamp-run: requirements.txt pyproject.toml $(CATALOGUES) | .venv/bin/python
	$(call fill_venv,requirements.txt)

.venv/.stamp-dev: requirements-dev.txt pyproject.toml $(CATALOGUES) | .venv/bin/python
	$(call fill_venv,requirements-dev.txt)
