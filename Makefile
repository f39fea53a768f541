# Every target installs what it needs into .venv first, once; `make help` lists them.
#
#   make verify ARGS="-k max"      pass arguments on
#   make JOBS=8 test               test in that many processes
#   make PYTHON=python3.12 test    use another Python

PYTHON ?= python3
JOBS ?= 2
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
# Present once all is installed for this Python; older than either file below, it is out of date.
INSTALLED := $(VENV)/.installed-$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help install verify quick test slow full mutation bench lint scripts site pictures types format clean
# Checks the pages' scripts; run by the Node that is installed into .venv.
TYPESCRIPT := 5.9.3

# What a change breaks most often: definitions, formulas, statements and what they are made of.
# Not what traces modules, draws pictures, compares programs or starts processes.
QUICK_TESTS := pooling costmodel proofs tests/pooling tests/costmodel tests/proofs
# All systems, induction over sizes and over taps, the rounding axiom, a certificate.
QUICK_CLAIMS := max-is-relu or max-is-relu-when-ordered or taps-closed-form or max-pool-is-fold or tree-depth

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  ARGS="..." passes arguments on; JOBS=... tests in that many processes (2);'
	@echo '  PYTHON=... chooses the interpreter (3.11 or later).'

install: $(INSTALLED) ## create .venv and install everything into it

verify: $(INSTALLED) ## check every claim in every number system
	@$(BIN)/python -m verify all $(ARGS)

quick: $(INSTALLED) ## before a commit: lint, the tests of what most changes touch, five claims
	@$(BIN)/ruff check --quiet .
	@$(BIN)/python -m pytest --quiet --no-header -n $(JOBS) $(QUICK_TESTS) $(ARGS)
	@$(BIN)/python -m verify all -k '$(QUICK_CLAIMS)'

test: $(INSTALLED) ## run the tests, without the slow ones
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

slow: $(INSTALLED) ## run the slow tests, in an order drawn anew
	@$(BIN)/python -m pytest -n $(JOBS) -m slow --random-order-bucket=global $(ARGS)

full: $(INSTALLED) ## run everything there is: before a release
	@$(MAKE) --no-print-directory lint types ARGS=
	@$(BIN)/python -m verify all --thorough --fresh
	@$(MAKE) --no-print-directory mutation ARGS=--record
	@$(BIN)/python -m verify.judge.rounding
	@$(BIN)/python -m tests.verify.judge.random_modules 5000
	@$(BIN)/python -m benchmarks.training
	@$(BIN)/python -m benchmarks.quantised
	@$(BIN)/python -m benchmarks.rebuilt_sizes
	@$(BIN)/python -m tests.outside.totals
	@$(BIN)/python -m tests.verify.judge.tolerance.random_pipelines 200
	@POOLPROOF_OUTSIDE=all POOLPROOF_KERNEL=all $(MAKE) --no-print-directory test slow bench

mutation: $(INSTALLED) ## make edits that must not go unnoticed, one at a time, in a copy
	@$(BIN)/python .ci/mutation.py -j $(JOBS) $(ARGS)

bench: $(INSTALLED) ## run the benchmarks, beside the run before on this machine
	@$(BIN)/python -m pytest benchmarks --benchmark-autosave --benchmark-compare $(ARGS)

lint: $(INSTALLED) ## ruff: lint, and check the format; TypeScript: the pages' scripts
	@$(BIN)/ruff check . $(ARGS)
	@$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory scripts ARGS=

scripts: $(INSTALLED) ## TypeScript: the types of the pages' scripts
	@PATH="$(CURDIR)/$(BIN):$$PATH" npx --yes --package typescript@$(TYPESCRIPT) tsc -p verify/site/assets/jsconfig.json

site: $(INSTALLED) ## write the site into site/, everything checked
	@$(BIN)/python -m verify report site $(ARGS)

pictures: site ## take the pictures of the site that the README shows
	@$(BIN)/python .ci/pictures.py site

types: $(INSTALLED) ## mypy, strict
	@$(BIN)/mypy --strict $(ARGS)

format: $(INSTALLED) ## ruff: put imports and format right
	@$(BIN)/ruff check --select I --fix .
	@$(BIN)/ruff format .

clean: ## remove .venv, caches and build output
	rm -rf $(VENV) .venv-counters build dist site *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The build backend is installed first, at its pinned version, and used as it is: a build
# environment of pip's own would not obey the constraints.
$(INSTALLED): pyproject.toml constraints.txt
	@case "$(VERSION)" in \
	  '') echo 'make: no Python found as "$(PYTHON)"; name one: make PYTHON=python3.11 $(MAKECMDGOALS)' >&2; exit 1;; \
	  [0-2].*|3.[0-9]|3.10) echo 'make: "$(PYTHON)" is Python $(VERSION), but 3.11 or later is needed; name one: make PYTHON=python3.11 $(MAKECMDGOALS)' >&2; exit 1;; \
	esac
	@$(BIN)/python -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(VERSION)")' 2>/dev/null \
	  || $(PYTHON) -m venv --clear $(VENV)
	@echo 'Installing the pinned dependencies into $(VENV) (once; torch is large) ...'
	@rm -f $(VENV)/.installed-*
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt setuptools
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[dev]'
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt --no-deps --upgrade --target $(VENV)/zoo timm torchvision
	@$(BIN)/python -m compileall -q pooling costmodel proofs verify
	@touch $@
