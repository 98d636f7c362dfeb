# What a newcomer and CI run. Everything is installed into .venv (and .tools, where uv is missing); `make clean` removes both.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE ?= copy
# The machine's own certificates, where it has any: a proxy's are among them.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= true
endif
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH CONDA_PREFIX

# Bytecode is written once, when packages are installed or first imported: every process of a test run would compile it again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
UV = $$(sh .ci/uv.sh)
INSTALL = $(UV) pip install --quiet --python $(PYTHON) --constraint requirements.lock
PINNED := pyproject.toml requirements.lock
NOTEBOOK := binder/digits.ipynb
EXECUTED := .steppe/demo/digits.ipynb
# What the tests need of the system: a database server, a browser, and letters for it to draw.
PACKAGES := postgresql chromium fonts-dejavu-core fonts-liberation

# Options for pytest: make test TESTS=tests/unit/values ARGS="-x -q"
TESTS ?= tests
ARGS ?=
WORKERS ?= auto
PORT ?= 8888

.PHONY: help
help:  ## Show this list
	@echo "make demo    the one to begin with: sets up all it needs, runs a notebook twice, shows that the second run is all hits"
	@echo "make test    sets up all it needs and runs every test (TESTS=tests/unit ARGS=-x for some)"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

$(PYTHON):
	@uv=$(UV); echo "making .venv with $$($$uv --version | cut -d' ' -f1,2)"; $$uv venv --quiet --allow-existing --python '>=3.11' .venv

.venv/.demo: $(PINNED) | $(PYTHON)
	@echo "installing Steppe, JupyterLab and what the demo imports (once)"
	@$(INSTALL) --editable '.[lab]' --group demo
	@touch $@

.venv/.all: $(PINNED) .ci/torch.sh | $(PYTHON)
	@echo "installing what the tests and checks need (once)"
	@$(INSTALL) --compile-bytecode --editable '.[lab,kubernetes,postgres,ray,s3,onnx]' --group test --group lint --group docs
	@sh .ci/torch.sh
	@touch $@ .venv/.demo

.PHONY: setup
setup: .venv/.all  ## Install everything that tests and checks need into .venv

.PHONY: system
system:
	@sh .ci/system.sh $(PACKAGES)

.PHONY: demo
demo: .venv/.demo  ## Run the demo notebook headless, twice, and show its pipeline
	@$(PYTHON) -u binder/demo.py $(NOTEBOOK) $(EXECUTED)

FRONT := jupyter_ext/steppe_server/labextension/package.json
$(FRONT): $(shell find labextension jupyter_ext/steppe_server/schemas -path '*/node_modules' -prune -o -path '*/lib' -prune -o -type f -print 2>/dev/null) | $(PYTHON)
	@echo "building the front end"
	@PYTHON="$(CURDIR)/$(PYTHON)" sh labextension/build.sh

.PHONY: front
front: .venv/.demo $(FRONT)  ## Build the front end, and show it to the JupyterLab of .venv
	@mkdir -p .venv/share/jupyter/labextensions && ln -sfn "$(CURDIR)/$(dir $(FRONT))" .venv/share/jupyter/labextensions/steppe-lab

.PHONY: lab
lab: front  ## Open JupyterLab with the demo: the executed one after `make demo`
	@root=""; [ "$$(id -u)" != 0 ] || root=--allow-root; \
	open=$(NOTEBOOK); [ ! -f $(EXECUTED) ] || open=$(EXECUTED); \
	PATH="$(CURDIR)/.venv/bin:$$PATH" exec .venv/bin/jupyter lab $$root --port $(PORT) --ContentsManager.allow_hidden=True \
	  --LabApp.default_url="/lab/tree/$$open"

.PHONY: test
test: system .venv/.all front  ## Run every test
	@$(PYTHON) -m compileall -q backend kernel_magic jupyter_ext -x '/(labextension|node_modules)/'  # tests write no bytecode
	@[ "$(TESTS)" != tests ] || (cd labextension && npm run --silent test)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest $(TESTS) --numprocesses $(WORKERS) --dist worksteal $(ARGS)

.PHONY: lint
lint: .venv/.all  ## Check format, style, types and floors
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	@$(MAKE) front && cd labextension && npm run --silent check

.PHONY: bench
bench: .venv/.all  ## Measure Steppe beside its floors and peers, and print the ratios
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) tests/benchmarks/run.py $(ARGS)

.PHONY: corpus
corpus: .venv/.all  ## Run the whole corpus of real notebooks, plainly and as steps (hours; ARGS="--help" shows how to choose)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m tests.notebooks.corpus.run $(ARGS)

.PHONY: soundness
soundness: .venv/.all  ## Run every row of the soundness table (docs/soundness.md)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" STEPPE_TEST_LONG=1 $(PYTHON) -m pytest \
		tests/soundness tests/integration/functions/test_hits_of_scripts.py --numprocesses $(WORKERS) $(ARGS)

.PHONY: edits
edits: .venv/.all  ## Run 2000 random notebooks with random edits, plainly and as steps (about 50 minutes; STEPPE_EDITS=N for others)
	@STEPPE_EDITS=$${STEPPE_EDITS:-2000} PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/unit/kernel_magic/test_edited_notebooks.py --timeout 36000 $(ARGS)

.PHONY: years
years: .venv/.all  ## Simulate 10 years of schedules, with kills at any moment and clocks that stand and jump (STEPPE_YEARS=N for others)
	@STEPPE_YEARS=$${STEPPE_YEARS:-10} PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/unit/schedules --timeout 36000 $(ARGS)

.PHONY: fuzz
fuzz: .venv/.all  ## Ask the Jupyter server 10,000 questions that nobody would ask (STEPPE_FUZZ=N for others)
	@STEPPE_FUZZ=$${STEPPE_FUZZ:-10000} PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/integration/server/test_fuzz.py --timeout 36000 $(ARGS)

.PHONY: crash
crash: system .venv/.all  ## Kill kernels, commands and workers at 200 random moments, and processes that write to stores and catalogs
	@STEPPE_KILLS=200 PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/integration/crash tests/integration/process tests/integration/store tests/integration/catalog tests/integration/ray --timeout 3000 $(ARGS)

.PHONY: teams
teams: system .venv/.all  ## Let 16 processes run 10,000 steps on one PostgreSQL and one S3, kill some, and measure lookups (about 20 minutes)
	@STEPPE_TEST_LONG=1 PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/integration/teams -n 0 --timeout 3600 $(ARGS)

.PHONY: binder
binder: system .venv/.all  ## Build from a clean clone what mybinder.org would, and open it (some minutes)
	@STEPPE_TEST_LONG=1 PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/ui/test_binder_build.py -n 0 -s --timeout 3000 $(ARGS)

.PHONY: faults
faults: .venv/.all  ## Have 100 notebooks run on a cluster in which everything goes wrong (about 20 minutes; STEPPE_CHAOS=N for others)
	@STEPPE_CHAOS=$${STEPPE_CHAOS:-100} PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/integration/kubernetes/test_kubernetes_chaos.py --numprocesses 3 $(ARGS)

.PHONY: wheel
wheel: .venv/.all  ## Build the source distribution and, from it, the wheel, into dist/
	@rm -rf dist && $(UV) build --quiet --python $(PYTHON) && ls -l dist

.PHONY: screenshot
screenshot: system .venv/.all front  ## Take the README's picture: the demo in a real JupyterLab
	@STEPPE_SCREENSHOT=docs/images/digits.png PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/ui/test_lab_demo.py $(ARGS)

.PHONY: lock
lock: | $(PYTHON)  ## Write requirements.lock anew from pyproject.toml (UPGRADE=--upgrade takes the newest versions)
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	  $(UPGRADE) pyproject.toml --all-extras --group test --group lint --group docs --output-file requirements.lock

.PHONY: docs
docs: .venv/.all  ## Write the pages that are made from the code: options and command line
	@$(PYTHON) tests/docs/reference.py

.PHONY: site
site: .venv/.all  ## Build the documentation as a site that needs no server, into dist/site
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict $(ARGS)
	@echo "open dist/site/index.html"

.PHONY: docs-long
docs-long: .venv/.all  ## Run the commands of how-tos as they stand there, in a project of their own
	@STEPPE_TEST_LONG=1 $(PYTHON) -m pytest tests/docs/test_console.py -n 0

.PHONY: verify-long
verify-long: .venv/.all  ## Look for all planted sources of non-determinism, torch's too, and verify the demo
	@STEPPE_TEST_LONG=1 PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON) -m pytest tests/integration/notebooks/test_verify.py \
		tests/integration/notebooks/test_verify_demo.py tests/integration/notebooks/test_verify_shown.py -n 0

.PHONY: env-lock-long
env-lock-long: .venv/.all  ## Rebuild a run from before pandas was upgraded, by its lock
	@STEPPE_TEST_LONG=1 $(PYTHON) -m pytest tests/integration/notebooks/test_env_lock.py -n 0

.PHONY: exports
exports: .venv/.all  ## Run the demo and our own notebooks as exported modules too
	@STEPPE_TEST_LONG=1 STEPPE_EXPORTS=1000 $(PYTHON) -m pytest tests/integration/exports tests/unit/exports -n 0 --timeout 3600

.PHONY: changelog
changelog: | $(PYTHON)  ## Gather changelog.d into CHANGELOG.md (VERSION=0.2.0)
	@$(PYTHON) .ci/changelog.py "$(VERSION)"

.PHONY: clean
clean:  ## Remove .venv, .tools and all caches of tools (not .steppe, which holds results)
	rm -rf .venv .tools dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
