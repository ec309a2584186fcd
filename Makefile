# iipastro: `make` alone lists what there is.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; \
	done)
PORT ?= 8080
DATA ?= build/bench
COUNT ?= 1000000
LOADS ?= W0,W1,W2,W5,W6,W7

BIN := .venv/bin
WITH_NPM := PATH="$$PATH:$(CURDIR)/$(BIN)"
INSTALLED := .venv/.installed
LEAFLET := client_static/node_modules/.package-lock.json
NEEDS_PYTHON := iipastro needs Python 3.11 or newer; name it with: make PYTHON=/path/to/python3
NEEDS_VENV := iipastro needs the venv module of Python (Debian, Ubuntu: apt install python3-venv)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test install client check lint format types test-all test-unit test-integration \
	golden soak fuzz coverage bench bench-data docs docs-check clean

help:
	@echo "make TARGET, with these targets:"
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20
	@echo "Variables: PYTHON (to make .venv with), PORT (of the demo), DATA and LOADS (of the benchmark), COUNT (of fuzz)."

demo: install client ## show a synthetic sky on http://127.0.0.1:8080/ (PORT=8080)
	@$(BIN)/iipastro demo --port $(PORT) --folder build/demo

test: install client ## run all tests, real servers and a browser included
	@scripts/install_test_tools.sh
	@$(MAKE) --no-print-directory --keep-going lint types docs-check test-all

test-all: install client  # the last of `test`, run whatever the others say: its summary ends the output
	$(BIN)/pytest -m "integration or not integration"

install: $(INSTALLED) ## make .venv with iipastro and the development tools in it

$(INSTALLED): setup.cfg setup.py pyproject.toml
	@test -n "$(PYTHON)" || { echo "$(NEEDS_PYTHON)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "$(NEEDS_PYTHON)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(NEEDS_VENV)"; exit 1; }
	@echo "Installing iipastro and its tools into .venv; the first time takes a minute or two."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

client: $(LEAFLET) ## get the libraries of the page in client_static

$(LEAFLET): client_static/package.json client_static/package-lock.json | $(INSTALLED)
	@$(WITH_NPM) npm --version >/dev/null 2>&1 \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[node]'
	@cd client_static && $(WITH_NPM) npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

check: lint types test-unit docs-check ## all that is quick: what a commit has to pass

lint: install ## look for faults of style and form
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install ## write the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: install ## check the types
	$(BIN)/mypy

test-unit: install ## run the tests that start no servers
	$(BIN)/pytest

test-integration: install client ## run the tests with real servers and a browser
	$(BIN)/pytest -m integration

golden: install ## compare the answers with those that are kept
	$(BIN)/pytest tests/golden

soak: install ## kill, reload, stop and rotate under load for as long as operations.md says (20 minutes)
	IIPASTRO_SOAK=1 $(BIN)/pytest -m integration -rP tests/integration/load
	ROTATIONS=1000 $(BIN)/pytest -m integration tests/integration/test_seeing.py -k rotated

fuzz: install ## send COUNT damaged streams to a server (a million take 15 minutes)
	$(BIN)/python tests/fuzz/fuzz_streams.py --count $(COUNT)

coverage: install ## run the tests without servers, and list the lines and branches that none reaches
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q tests/unit tests/contract tests/golden
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: install bench-data ## measure beside iipsrv and STIFF (Debian: nginx wrk iipimage-server stiff)
	$(BIN)/python tests/bench/bench_servers.py run --data $(DATA) --workloads $(LOADS) \
		--server debian=/usr/lib/iipimage-server/iipsrv.fcgi \
		--server 'iipastro*=$(CURDIR)/$(BIN)/iipsrv.fcgi' --json build/bench.json
	$(BIN)/python tests/bench/bench_convert.py
	$(BIN)/python tests/bench/bench_fits.py

bench-data: install ## make the images of the benchmarks in DATA
	@test -e $(DATA)/mono_16k.ptif || $(BIN)/python scripts/make_bench_data.py $(DATA)

docs: install ## write the generated pages and the example configuration
	$(BIN)/python scripts/make_docs.py

docs-check: install ## fail if a generated page is not as `make docs` writes it
	$(BIN)/python scripts/make_docs.py --check

clean: ## remove all that make has made, .venv included
	rm -rf .venv build dist *.egg-info client_static/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	find iipastro scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
