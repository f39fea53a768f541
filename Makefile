# Every target installs what it needs into .venv first, once; `make help` lists them.
#
#   make verify ARGS="-k max"      pass arguments on
#   make PYTHON=python3.12 test    use another Python

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
# Present once all is installed for this Python; older than either file below, it is out of date.
INSTALLED := $(VENV)/.installed-$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help install verify test slow bench lint types format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  ARGS="..." passes arguments on; PYTHON=... chooses the interpreter (3.11 or later).'

install: $(INSTALLED) ## create .venv and install everything into it

verify: $(INSTALLED) ## check every claim in every number system
	@$(BIN)/python -m verify all $(ARGS)

test: $(INSTALLED) ## run the tests, without the slow ones
	@$(BIN)/python -m pytest $(ARGS)

slow: $(INSTALLED) ## run the tests marked slow
	@$(BIN)/python -m pytest -m slow $(ARGS)

bench: $(INSTALLED) ## run the benchmarks
	@$(BIN)/python -m pytest benchmarks $(ARGS)

lint: $(INSTALLED) ## ruff: lint, and check the format
	@$(BIN)/ruff check . $(ARGS)
	@$(BIN)/ruff format --check .

types: $(INSTALLED) ## mypy, strict
	@$(BIN)/mypy --strict $(ARGS)

format: $(INSTALLED) ## ruff: put imports and format right
	@$(BIN)/ruff check --select I --fix .
	@$(BIN)/ruff format .

clean: ## remove .venv, caches and build output
	rm -rf $(VENV) .venv-counters build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
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
	@$(BIN)/python -m compileall -q pooling costmodel proofs verify
	@touch $@
