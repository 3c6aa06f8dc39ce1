# Two commands do everything on a fresh machine with Python 3.11+ and make: `make demo`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-browser check format bench clean

demo: $(READY)
	$(BIN)/vbench demo

test: $(READY)
	$(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal -m "not browser"

# The report in the system's Chromium (Debian: apt-get install chromium).
test-browser: $(READY)
	VBENCH_BROWSER=required $(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal -m browser tests/browser

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python benchmarks/speed/all.py

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "vbench needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	# Kernels compile now, not in the middle of the first run.
	$(BIN)/python -m vbench.bench.warm
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
