# iipastro: `make` alone lists what there is.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; \
	done)
PORT ?= 8080
DATA ?= build/bench
COUNT ?= 1000000
LOADS ?= W0,W1,W2,W3,W4,W5,W6,W7,W8
KINDS := C1,C2,C3,C4,C5,C6,C7,B1,B2,B3,U1,U2,U3,J1,J2,J3,N1,N2,N3,N4

BIN := .venv/bin
SERVERS = --server debian=/usr/lib/iipimage-server/iipsrv.fcgi \
	--server 'iipastro*=$(CURDIR)/$(BIN)/iipsrv.fcgi'
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
NODE_WILL_DO := node -e 'process.exit(+(parseInt(process.versions.node) < 20))' && npm --version
INSTALLED := .venv/.installed
LIBRARIES := client_static/node_modules/.package-lock.json
CLIENT := client_static/dist/index.html
CLIENT_SOURCES = $(shell find client_static -name node_modules -prune -o -name dist -prune \
	-o -name tests -prune -o -type f -print)
NEEDS_PYTHON := iipastro needs Python 3.11 or newer; name it with: make PYTHON=/path/to/python3
NEEDS_VENV := iipastro needs the venv module of Python (Debian, Ubuntu: apt install python3-venv)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test install client dist-client check lint format types test-all test-unit \
	test-client test-integration golden soak fuzz fuzz-paths coverage campaign bench bench-page \
	bench-data docs docs-check clean

help:
	@echo "make TARGET, with these targets:"
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20
	@echo "Variables: PYTHON (to make .venv with), PORT (of the demo), DATA and LOADS (of the benchmark), COUNT (of fuzz and fuzz-paths)."

demo: install ## show a synthetic sky and M51 on http://127.0.0.1:8080/ (PORT=8080)
	@$(BIN)/iipastro demo --port $(PORT) --folder build/demo

test: install ## run all tests, real servers and a browser included
	@scripts/install_test_tools.sh
	@$(WITH_NODE) scripts/get_viewers.sh
	@$(MAKE) --no-print-directory --keep-going lint types docs-check test-all

test-all: install test-client  # the last of `test`, run whatever the others say: its summary ends the output
	$(BIN)/pytest -m "integration or not integration"

install: $(INSTALLED) client ## make .venv with iipastro and the development tools in it, and the client

$(INSTALLED): setup.cfg setup.py pyproject.toml
	@test -n "$(PYTHON)" || { echo "$(NEEDS_PYTHON)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "$(NEEDS_PYTHON)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(NEEDS_VENV)"; exit 1; }
	@echo "Installing iipastro and its tools into .venv; the first time takes a minute or two."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

client: $(CLIENT) ## build the pages that show images, into client_static/dist

$(CLIENT): $(LIBRARIES) $(CLIENT_SOURCES)
	@cd client_static && $(WITH_NODE) node build.mjs

$(LIBRARIES): client_static/package.json client_static/package-lock.json | $(INSTALLED)
	@$(WITH_NODE); ($(NODE_WILL_DO)) >/dev/null 2>&1 \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[node]'
	@cd client_static && $(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

dist-client: install ## pack the built client into dist/, for a web server without Python
	@mkdir -p dist
	@name=client-static-$$($(BIN)/iipastro version | cut -d' ' -f2); \
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 \
		--transform "s,^\.,$$name," -C client_static/dist -cf - . | gzip -n9 >"dist/$$name.tar.gz" \
	&& echo "dist/$$name.tar.gz"

check: lint types test-unit docs-check ## all that is quick: what a commit has to pass

lint: install ## look for faults of style and form
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install ## write the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: install ## check the types
	$(BIN)/mypy

test-unit: install test-client ## run the tests that start no servers
	$(BIN)/pytest

test-client: client ## run the tests of the client that need no browser
	@cd client_static && $(WITH_NODE) npm test --silent

test-integration: install ## run the tests with real servers and a browser
	$(BIN)/pytest -m integration

golden: install ## compare the answers with those that are kept
	$(BIN)/pytest tests/golden

soak: install ## kill, reload, stop and rotate under load for as long as operations.md says (20 minutes)
	IIPASTRO_SOAK=1 $(BIN)/pytest -m integration -rP tests/integration/load
	ROTATIONS=1000 $(BIN)/pytest -m integration tests/integration/test_seeing.py -k rotated

fuzz: install ## send COUNT damaged streams to a server (a million take 15 minutes)
	$(BIN)/python tests/fuzz/fuzz_streams.py --count $(COUNT)

fuzz-paths: install ## ask for COUNT damaged paths of IIIF, DeepZoom and Zoomify (COUNT=100000: some minutes)
	$(BIN)/python tests/fuzz/fuzz_paths.py --count $(COUNT)

coverage: install ## run the tests without servers, and list the lines and branches that none reaches
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q tests/unit tests/contract tests/golden
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

campaign: install ## let 1,000 files be replaced and memcached fail, at length: some ten minutes
	SWAPS=1000 FAULT_SECONDS=25 BACK_OFF=10 $(BIN)/pytest -m integration -s \
		tests/integration/fronts/test_replaced_files.py \
		tests/integration/fronts/test_memcached_faults.py

bench: install bench-data ## measure beside iipsrv and STIFF (Debian: nginx wrk memcached iipimage-server stiff)
	$(BIN)/python tests/bench/bench_servers.py run $(SERVERS) --data $(DATA) --workloads $(LOADS) \
		--json build/bench.json
	$(BIN)/python tests/bench/bench_servers.py run $(SERVERS) --data $(DATA) --workloads W0 \
		--server 'floor=$(BIN)/python tests/bench/floor.py'
	$(BIN)/python tests/bench/bench_servers.py run $(SERVERS) --data $(DATA) --workloads $(KINDS) \
		--connections 1 --json build/bench_kinds.json
	$(BIN)/python tests/bench/bench_fronts.py $(DATA)
	$(BIN)/python tests/bench/bench_scaling.py $(SERVERS) --data $(DATA)/scaling
	$(BIN)/python tests/bench/bench_start.py $(SERVERS) --data $(DATA)
	$(BIN)/python tests/bench/bench_convert.py
	$(BIN)/python tests/bench/bench_fits.py

bench-page: install bench-data ## measure the page of the client on both servers (needs Chromium as well)
	$(WITH_NODE) $(BIN)/python tests/bench/bench_page.py $(SERVERS) --data $(DATA)

bench-data: install ## make the images of the benchmarks in DATA
	@$(BIN)/python scripts/make_bench_data.py $(DATA)

docs: install ## write the generated pages and the example configuration
	$(BIN)/python scripts/make_docs.py

docs-check: install ## fail if a generated page is not as `make docs` writes it
	$(BIN)/python scripts/make_docs.py --check

clean: ## remove all that make has made, .venv included
	rm -rf .venv build dist *.egg-info client_static/node_modules client_static/dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	find iipastro scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
