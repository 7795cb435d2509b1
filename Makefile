# Thin wrappers: what a target does is in the command that it calls. `make help` lists them.
.DEFAULT_GOAL := help
.SUFFIXES:

BIN := .venv/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PAGES := $(wildcard shared/web/translations/*/LC_MESSAGES/huajie.po) shared/web/package-lock.json shared/web/assets.py
# A file's tests stay together, and so do the servers that they share.
TESTS := -n 2 --dist loadfile -m 'not chaos'
# What failed beside others that kept the machine busy must pass alone.
AGAIN := --last-failed --last-failed-no-failures none
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-annotate

.PHONY: help install dev run test coverage quick lint audit contracts migration translations bench pictures lock clean containers

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: .venv/.stamp-run .venv/.pages ## the environment in .venv that the services run in

dev: .venv/.stamp-dev .venv/.pages ## the same with what tests and checks need

run: .venv/.stamp-run .venv/.pages ## all five services in one process; FRESH=1 begins anew, PORT=8000
	@exec $(BIN)/huajie run $(if $(filter-out 0,$(FRESH)),--fresh) $(if $(PORT),--port "$(PORT)")

test: .venv/.stamp-dev .venv/.pages ## everything, on private RabbitMQ, PostgreSQL and Chromium
	sh deploy/system-packages.sh
	$(MAKE) lint
	$(BIN)/python -m pytest $(TESTS) || $(BIN)/python -m pytest $(AGAIN)
	$(BIN)/python -m pytest -m chaos || $(BIN)/python -m pytest -m chaos $(AGAIN)

coverage: .venv/.stamp-dev .venv/.pages ## the same tests, and which lines they reach; takes half as long again
	$(BIN)/python -m pytest $(TESTS) --cov --cov-report=
	$(BIN)/python -m pytest -m chaos --cov --cov-append

quick: .venv/.stamp-dev .venv/.pages ## the tests that need no server and no browser, in about a minute
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -n 2 -m 'not (rabbitmq or postgres or browser or libreoffice or npm or chaos or slow)'

lint: .venv/.stamp-dev .venv/.pages ## style, types, imports and insecure code
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r shared services

audit: .venv/.stamp-dev ## dependencies with known holes; asks PyPI and npm for what is known today
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.txt
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements-dev.txt
	cd shared/web && NODE_USE_SYSTEM_CA=1 ../../$(BIN)/npm audit --package-lock-only

contracts: .venv/.stamp-dev .venv/.pages ## event schemas, examples and AsyncAPI anew into shared/contracts/published
	$(BIN)/python -m shared.contracts publish

migration: .venv/.stamp-dev .venv/.pages ## a migration from changed tables: service=intake m="add a column"
	@if [ -z "$(service)" ] || [ -z "$(m)" ]; then \
		echo 'Say which service and what changes: make migration service=intake m="add a column"' >&2; exit 1; fi
	$(BIN)/huajie migrate $(service) --new "$(m)"

bench: .venv/.stamp-dev .venv/.pages ## the measurements; ONLY=name for one, BENCH_QUICK=1 to see that they work
	$(BIN)/python -m tests.bench $(ONLY)

containers: .venv/.stamp-dev ## the image built and compose.yaml run once with podman, as root; minutes
	sh deploy/system-packages.sh containers
	$(BIN)/python -m tests.containers

pictures: .venv/.stamp-dev .venv/.pages ## the pictures that README.md shows, anew
	$(BIN)/python -m tests.pictures shared/web/pictures

translations: .venv/.stamp-dev ## gather the texts for translation and compile the catalogue
	@mkdir -p .cache
	$(BIN)/pybabel -q extract -F shared/web/babel.cfg -k N_ --add-location=file --sort-by-file -o .cache/huajie.pot \
		shared services
	$(BIN)/pybabel -q update -i .cache/huajie.pot -d shared/web/translations -D huajie \
		--no-fuzzy-matching --ignore-obsolete --no-wrap --ignore-pot-creation-date
	$(BIN)/pybabel -q compile -d shared/web/translations -D huajie
	@touch .venv/.pages # the new catalogue is compiled: nothing to install again

lock: .venv/.stamp-dev ## pins and hashes anew, of Python's packages and of what npm brings
	$(PIP) install uv
	$(BIN)/uv $(LOCK) requirements-build.in -o requirements-build.txt
	$(BIN)/uv $(LOCK) requirements.in -o requirements.txt
	$(BIN)/uv $(LOCK) requirements-dev.in -o requirements-dev.txt
	cd shared/web && ../../$(BIN)/npm update --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## removes all that can be made again; keeps the data in var/
	rm -rf .venv build huajie.egg-info .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache
	rm -rf .import_linter_cache .hypothesis .schemathesis shared/web/node_modules shared/web/vendor
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
	@touch $@
endef

.venv/.stamp-run: requirements.txt pyproject.toml | .venv/bin/python
	$(call fill_venv,requirements.txt)

.venv/.stamp-dev: requirements-dev.txt pyproject.toml | .venv/bin/python
	$(call fill_venv,requirements-dev.txt)

.venv/.stamp-build: requirements-build.txt | .venv/bin/python
	@$(PIP) install --require-hashes -r $<
	@touch $@

# What pages need beside Python's packages.
.venv/.pages: $(PAGES) .venv/.stamp-build | .venv/.stamp-run
	@$(BIN)/pybabel -q compile -d shared/web/translations -D huajie
	@echo 'Fetching what the pages are made of, by shared/web/package-lock.json'
	@npm_config_cache=$(CURDIR)/.cache/npm $(BIN)/python -m shared.web.assets --for-tests
	@touch $@
