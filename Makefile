# `make demo` and `make test` set up everything they need by themselves; a second run finds it done.
# The environment lives in .venv; the locks name exact versions and hashes, and no registry.

BIN := .venv/bin
# Its programs ask for `node`: the one of the test environment.
JS := PATH="$(CURDIR)/.venv/bin:$$PATH" .ci/js/node_modules/.bin
PARALLEL := -n 3 --dist loadgroup -p no:inline_snapshot
# Each worker reads all tests: what one has compiled is kept, whatever the surroundings say.
export PYTHONDONTWRITEBYTECODE :=
step = @printf '\n== %s\n' '$(1)'

.PHONY: demo demo-reset test test-long torture storm lint messages bench lock clean setup setup-test
.PHONY: lint-mypy lint-types lint-imports lint-templates lint-biome lint-ruff lint-format
.PHONY: test-short test-python test-scripts
.DEFAULT_GOAL := demo

demo: setup
	@$(BIN)/pos demo

demo-reset: setup
	@$(BIN)/pos demo --reset

# The tests begin at once and are told as they go; beside them runs what takes a minute, told as each ends.
test: setup-test
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target test-short $(LINTS) test-scripts || \
	  { printf '\nNot all checks passed: what failed is followed by "Error" above.\n'; exit 1; }
	@printf '\nAll checks passed.\n'

# By a make of its own, whose output is not held back until its end.
test-short:
	@$(MAKE) --no-print-directory --output-sync=none test-python

test-python:
	$(call step,tests)
	@$(BIN)/python -m pytest -m "not long" $(PARALLEL)

test-scripts:
	$(call step,tests of the scripts)
	@$(BIN)/node --test "tests/unit/js/*.test.mjs"

# Races of many processes, the storm, the random clinic walking further, every fault at every call, the other screen sizes.
test-long: setup-test
	$(call step,long tests)
	@$(BIN)/python -m pytest -m long $(PARALLEL)
	@printf '\nAll long checks passed.\n'

# A clinic that does anything, for longer than a test may take: make torture STEPS=50000 SEED=7
STEPS ?= 20000
SEED ?= $(shell date +%s)
torture: setup-test
	@echo "seed $(SEED), $(STEPS) steps"
	@TORTURE_STEPS=$(STEPS) TORTURE_SEED=$(SEED) $(BIN)/python -m pytest -m "not long" tests/properties/test_state_machine.py

# A storm of webhooks, larger than a test may be: make storm EVENTS=10000
EVENTS ?= 10000
storm: setup-test
	@STORM_EVENTS=$(EVENTS) $(BIN)/python -m pytest tests/concurrency/test_storm.py --durations=2

# Two at a time, the slowest first; what each says stays together, and one that fails does not silence the others.
LINTS := lint-mypy lint-types lint-imports lint-templates lint-biome lint-ruff lint-format
lint: setup-test
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target $(LINTS)

lint-mypy:
	$(call step,mypy)
	@$(BIN)/mypy
lint-types:
	$(call step,scripts: types)
	@$(JS)/tsc
lint-imports:
	$(call step,import contracts)
	@$(BIN)/lint-imports
lint-templates:
	$(call step,templates)
	@$(BIN)/djlint --lint --quiet pos/templates
lint-biome:
	$(call step,scripts: biome)
	@$(JS)/biome check --error-on-warnings
lint-ruff:
	$(call step,ruff check)
	@$(BIN)/ruff check .
lint-format:
	$(call step,ruff format)
	@$(BIN)/ruff format --check .

# Every text that can be translated, into pos/translations/messages.pot; then each .po file is updated and compiled.
messages: setup-test
	@$(BIN)/python -m pos.dev.extract_messages

bench: setup-test
	@set -e; for name in $$(ls bench/*.py | sed 's,bench/,,; s,\.py$$,,' | grep -v __init__); do \
	  printf '\n== %s\n' "$$name"; $(BIN)/python -m "bench.$$name"; done

lock:
	@.ci/lock

clean:
	rm -rf .venv .ci/js/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@.ci/setup demo

setup-test:
	@.ci/setup test
