# Two commands do everything: `make demo` tells the story against a fake AWS, `make test` runs every check.
# Each sets up what it needs in .venv; the machine needs Python 3.11 or newer, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A shell set up for a real account must not leak into the demo or the tests.
CLEAN_ENV := env -u AWS_PROFILE -u AWS_ENDPOINT_URL -u AWS_ENDPOINT_URL_IAM -u AWS_ENDPOINT_URL_STS

.PHONY: demo demo-loop test test-slow test-anyday format docs goldens locks bench clean

demo: $(VENV)/.ready
	$(CLEAN_ENV) $(BIN)/iamsync demo

# A fake AWS, a repository, and the loop with its status page, until Ctrl-C.
demo-loop: $(VENV)/.ready
	$(CLEAN_ENV) $(BIN)/iamsync demo --loop

test: $(VENV)/.ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(CLEAN_ENV) $(BIN)/python -m pytest -n 2

test-slow: $(VENV)/.ready
	$(CLEAN_ENV) $(BIN)/python -m pytest -n 2 -m slow

# Under every condition of tests/anyday.py, or CONDITION=name, with SEED=number; QUICK=commit for a part that it chooses.
test-anyday: $(VENV)/.ready
	$(CLEAN_ENV) $(BIN)/python tests/anyday.py \
	  $(if $(CONDITION),--condition $(CONDITION)) $(if $(SEED),--seed $(SEED)) $(if $(QUICK),--quick $(QUICK))

format: $(VENV)/.ready
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(VENV)/.ready
	$(BIN)/iamsync schema > iamsync.schema.json
	$(BIN)/iamsync schema --plan > iamsync.plan.schema.json
	$(BIN)/python -c 'from iamsync.desired.reference import reference_page; print(reference_page(), end="")' \
	  > docs/language.md

# The plans of tests/goldens, in each format, for you to read.
goldens: $(VENV)/.ready
	IAMSYNC_WRITE_GOLDENS=1 $(BIN)/python -m pytest -q tests/formats/test_goldens.py

# What the image installs, by hash: the versions of constraints.txt, for each platform and Python.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --constraints constraints.txt
locks: $(VENV)/.ready
	$(LOCK) pyproject.toml --extra daemon -o deploy/locks/runtime.txt
	echo hatchling | $(LOCK) - -o deploy/locks/build.txt

bench: $(VENV)/.ready
	$(BIN)/python bench/validate.py
	$(BIN)/python bench/plan.py
	$(BIN)/python bench/order.py
	$(BIN)/python bench/run.py

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "iamsync needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sandbox,daemon,dev]'
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
