# Kibble: every task by name. `make help` lists them; CI and the pre-commit hooks call the same ones.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Without kept byte code each process compiles all that it imports: 1 s of CPU and up to 30 MB, every time.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
# --no-deps: the lock is complete; --no-compile: Python compiles what it imports (5 s of CPU, not 12)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-header --custom-compile-command 'make lock' pyproject.toml

NODE := tools/node
PAGES := storefront/dist/.built
# What the pages are built from; what only their tests need is not among it.
PAGE_SOURCES := $(shell find storefront/projects storefront/tools -type f -not -name '*.spec.ts' 2> /dev/null) \
	storefront/angular.json storefront/tsconfig.json
MAX_INITIAL_JS := 110000
# Measurements that need the servers of the distributed profile, and their drivers
ON_ENGINES := distributed postgres mongodb cassandra elasticsearch

.PHONY: help run run-distributed storefront check-storefront test-storefront lighthouse screenshots client test check check-deploy bench engines engines-down engines-status setup fmt lint types imports security sbom events lock

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@tools/find-python > /dev/null || true

run: .venv/.runtime ## start the store on http://localhost:8000 (PORT=8000 DATA=data)
	@mkdir -p build && $(MAKE) storefront 2> build/storefront.log || \
	echo "The pages could not be built (build/storefront.log tells why): the store starts with its API alone." >&2
	@$(if $(PORT),KIBBLE_PORT='$(PORT)') $(if $(DATA),KIBBLE_DATA_DIR='$(DATA)') $(BIN)/kibble run

run-distributed: .venv/.dev ## start the store as a process a service, on the engines (ARGS="--replicas 2")
	@$(BIN)/python -m tools.distributed $(if $(PORT),--port $(PORT)) $(ARGS)

storefront: $(PAGES) ## build the shop's and the back office's pages

check-storefront: storefront/node_modules/.all ## the pages' unit tests
	@cd storefront && ../$(NODE) npx ng test shop --watch=false && ../$(NODE) npx ng test admin --watch=false

test-storefront: check-storefront $(PAGES) .venv/.dev ## the pages' unit tests, then journeys in a real browser (Debian's chromium) beside a shop of its own
	@tools/chromium && $(BIN)/python -m tools.with_shop $(NODE) node storefront/node_modules/.bin/playwright test --config storefront/e2e/playwright.config.ts $(ARGS)

lighthouse: storefront/node_modules/.all $(PAGES) .venv/.dev ## speed, accessibility and the like of the pages, median of 5 (ARGS="--runs 1 home cart")
	@tools/chromium && $(BIN)/python -m tools.with_shop $(NODE) node storefront/e2e/lighthouse.mjs $(ARGS)

screenshots: storefront/node_modules/.all $(PAGES) .venv/.dev ## pictures of every main page of shop and back office, into docs/screenshots
	@tools/chromium && $(BIN)/python -m tools.with_shop $(NODE) node storefront/e2e/look.mjs
	@KIBBLE_SANDBOX_FAST=0 KIBBLE_SCREENSHOTS=$(CURDIR)/docs/screenshots/admin $(BIN)/python -m tools.with_shop \
		$(NODE) node storefront/node_modules/.bin/playwright test --config storefront/e2e/playwright.config.ts admin-pages
	@$(BIN)/python -m tools.webp docs/screenshots

client: .venv/.dev ## write the types of the storefront's API client anew
	@$(BIN)/python -m tools.client

test: .venv/.dev ## run every test (ARGS="-k money")
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

check: lint types imports security ## all that can be checked without running the code

check-deploy: .venv/.dev .venv-deploy/.installed ## what is in deploy/, by the programs that would run it (ARGS="chart")
	@$(BIN)/python -m tools.deploy $(ARGS)

bench: .venv/.runtime $(if $(filter $(ON_ENGINES),$(ARGS)),.venv/.dev) ## measure, each figure beside a raw reference (ARGS="orders distributed")
	@$(BIN)/python -m bench $(ARGS)

engines: .venv/bin/python ## start the servers of the distributed profile (ARGS="postgres kafka" for some)
	@$(BIN)/python -m tools.engines up $(ARGS)

engines-down: .venv/bin/python ## stop them; their data stays (ARGS=--wipe removes it)
	@$(BIN)/python -m tools.engines down $(ARGS)

engines-status: .venv/bin/python ## show which run, where, and with how much memory
	@$(BIN)/python -m tools.engines status $(ARGS)

setup: .venv/.dev ## make the environment for work on Kibble

fmt: .venv/.dev ## format the code and mend what can be mended safely
	@$(BIN)/ruff check --quiet --fix-only . && $(BIN)/ruff format .

lint: .venv/.dev ## format, ruff, Kibble's own rules, the lock files, the API client
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/python -m tools.lint src && $(BIN)/python -m tools.locks \
	&& $(BIN)/python -m tools.client --check

types: .venv/.dev ## mypy (strict), then pyright (strict) as a second reader of src
	@$(BIN)/mypy && $(BIN)/pyright --warnings

imports: .venv/.dev ## the import contracts between layers and services
	@$(BIN)/lint-imports --no-logo

security: .venv/.dev ## secrets, insecure code, licences; each gate proves itself on a canary
	@$(BIN)/python -m tools.security

sbom: .venv/.dev ## what a release is made of, as CycloneDX, in build/sbom.json
	@$(BIN)/python -m tools.security.sbom build/sbom.json

events: .venv/.dev ## keep the schemas of the published events, once a change of them is meant
	@$(BIN)/python -m tools.events

lock: .venv/.dev ## renew the lock files from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(LOCK) $(ARGS) --group build --output-file requirements.lock
	@$(LOCK) $(ARGS) --group build --extra distributed --extra tracing --constraint requirements.lock --output-file requirements-distributed.lock
	@$(LOCK) $(ARGS) --group build --extra distributed --extra tracing --group dev --constraint requirements-distributed.lock --output-file requirements-dev.lock
	@$(LOCK) $(ARGS) --group build --all-extras --constraint requirements-dev.lock --output-file requirements-extras.lock
	@$(filter-out pyproject.toml,$(LOCK)) $(ARGS) --group node --constraint requirements-dev.lock --output-file requirements-node.lock
	@$(filter-out pyproject.toml,$(LOCK)) $(ARGS) --group go --output-file requirements-go.lock
	@$(filter-out pyproject.toml,$(LOCK)) $(ARGS) --group deploy --override deploy/tools/without.txt --output-file requirements-deploy.lock

.venv/bin/python:
	@python=$$(tools/find-python) && echo "Making .venv with $$python" && "$$python" -m venv .venv

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Kibble needs"
	@$(INSTALL) --no-compile --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "Installing what tests and checks need"
	@$(INSTALL) --no-compile --require-hashes --requirement requirements-dev.lock
	@touch $@

# ---------------------------------------------------------------- the pages

storefront/node_modules/.some: storefront/package-lock.json | .venv/bin/python
	@echo "Installing what the pages are built with (once, about a minute)"
	@cd storefront && ../$(NODE) npm ci --omit=dev --loglevel=error
	@touch $@

storefront/node_modules/.all: storefront/package-lock.json | .venv/bin/python
	@echo "Installing what the pages are built and tested with"
	@cd storefront && ../$(NODE) npm ci --loglevel=error
	@touch $@ storefront/node_modules/.some

$(PAGES): $(PAGE_SOURCES) storefront/node_modules/.some
	@echo "Building the pages"
	@cd storefront && for name in shop admin; do ../$(NODE) npx ng build $$name --progress=false > /dev/null || exit 1; done
	@cd storefront && ../$(NODE) node tools/compress.mjs dist/shop $(MAX_INITIAL_JS) && ../$(NODE) node tools/compress.mjs dist/admin
	@touch $@

.venv-deploy/.installed: requirements-deploy.lock .venv/.dev
	@echo "Installing the programs that check what is in deploy/"
	@$(BIN)/python -m venv --without-pip --clear .venv-deploy
	@$(BIN)/uv pip install --quiet --python .venv-deploy/bin/python --require-hashes --no-deps --requirement requirements-deploy.lock
	@touch $@
