# iDance: `make demo` shows it, `make run` serves it, `make test` proves it. Needs Python 3.11 or 3.12 and make.

PYTHON ?= python3
PY := .venv/bin/python
MANAGE := $(PY) manage.py
SOURCES := idance accounts challenges breakdowns analysis feed
FAST := not slow and not wild and not services
# Tests run side by side, a module at a time, in the order of tests/conftest.py; PARALLEL= runs them one after the other.
PARALLEL ?= -n auto --dist loadscope --no-loadscope-reorder
# Tests to run and options for pytest: make test ARGS="tests/analysis -x"
ARGS ?=
# A video of your own: make demo CLIP=path/to/dance.mp4
CLIP ?=
export CLIP

.PHONY: help setup setup-dev run worker demo test quick lint format lock shell clean

help: ## what can be made
	@echo "iDance. Start with: make demo"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

setup: ## the virtual environment with all it takes to run; the second time takes a moment
setup-dev: ## the same with what tests and checks need
setup: KIND := run
setup-dev: KIND := dev
setup setup-dev:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "set-up: there is no $(PYTHON) here. Install Python 3.11 or 3.12 (Debian: apt install python3-venv)."; \
		exit 1; }
	@"$(PYTHON)" scripts/setup_venv.py $(KIND)

run: setup ## server and worker in one: http://localhost:8000 (PORT and IDANCE_DATA_DIR change it)
	@exec $(MANAGE) serve --stop-with-parent

worker: setup ## a worker alone, for a further machine on the same DATABASE_URL, files and queue
	@exec $(MANAGE) serve --only worker --stop-with-parent

demo: setup ## a dancer's first minutes over HTTP, on a clip of ours or CLIP=your.mp4
	@exec $(PY) -m idance.demo

test: setup-dev ## every test (ARGS="tests/x.py -x" for some)
	@exec $(PY) -m pytest $(PARALLEL) $(ARGS)

quick: setup-dev ## the fast tests, under a minute: for daily work
	@exec $(PY) -m pytest $(PARALLEL) -m "$(FAST)" $(ARGS)

lint: setup-dev ## style, types, missing migrations, import directions
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(MANAGE) makemigrations --check --dry-run
	$(PY) -m pytest tests/test_imports.py

format: setup-dev ## put the code in order
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock: setup-dev ## pin what the requirements require in turn, after a change to them
	$(PY) scripts/lock.py

shell: setup ## a Python prompt with the models at hand
	@exec $(MANAGE) shell

clean: ## remove what was built (.venv, caches, the demo's data); never the data in var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache var/demo
	find . -name __pycache__ -type d -not -path "./var/*" -prune -exec rm -rf {} +
