# The commands of README.md and CONTRIBUTING.md. Everything is installed into .venv, once.

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo $$python; break; }; done)
BIN := .venv/bin
STAMP := .venv/.installed

# Without an NVIDIA driver pip is offered PyTorch's own CPU builds too, if they answer within seconds,
# so that a laptop does not download CUDA.
CPU_WHEELS := https://download.pytorch.org/whl/cpu
EXTRA_INDEX = $$(command -v nvidia-smi >/dev/null 2>&1 || ! $(PYTHON) -c "import urllib.request as u; \
	u.urlopen('$(CPU_WHEELS)/torch/', timeout=5)" >/dev/null 2>&1 || echo --extra-index-url $(CPU_WHEELS))

# Two kernels with torch on two cores: one thread each, or they fight.
PYTEST = OMP_NUM_THREADS=1 TQDM_DISABLE=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

AXE := build/axe/node_modules/axe-core
AXE_VERSION := 4.14.1

.PHONY: help setup edge run lab test test-slow test-all drift bench notebooks links site slides usb browser lint constraints clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup: $(STAMP)  ## create .venv and install the course into it; a second time this does nothing

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer, with venv, was found ('python3 --version' says:" \
		"$$(python3 --version 2>&1)). Install one, or name it: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3"; \
		exit 1; }
	@echo "Installing the course into .venv. This happens once and takes some minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -e '.[lab,test,docs]' -c constraints.txt $(EXTRA_INDEX)
	@touch $@

edge: setup  ## compile llama.cpp too, for notebook 08: takes a C++ compiler and about five minutes
	@$(BIN)/python -m pip install -e '.[edge]' -c constraints.txt $(EXTRA_INDEX) || { echo "llama.cpp was not compiled;" \
		"is a C++ compiler installed? All else works: notebook 08 shows what llama.cpp did elsewhere."; exit 1; }

run: setup  ## execute all notebooks; copies, pages and an index under build/
	@$(BIN)/qwen-course run

lab: setup  ## open JupyterLab on your own copies of the notebooks, in work/
	@$(BIN)/qwen-course lab

test: setup  ## unit tests, and every notebook from top to bottom
	$(PYTEST) -m "not slow" --nbmake --nbmake-timeout=900 tests notebooks

test-slow: setup  ## only what 'make test' leaves out; what fails is run once more, and named if it then passes
	$(PYTEST) --reruns 1 -r R -m slow tests

test-all: test test-slow  ## everything

drift: setup  ## names and notebooks in new environments, with the newest and the oldest versions admitted
	@EXTRA_INDEX="$(EXTRA_INDEX)" $(BIN)/python tools/drift_environments.py

bench: edge  ## timings as ratios, printed
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.serving
	@$(BIN)/python -m benchmarks.quantization
	@$(BIN)/python -m benchmarks.monitoring
	@$(BIN)/python -m benchmarks.classroom
	@$(BIN)/python -m benchmarks.edge

notebooks: setup  ## execute all notebooks with the default model and store clean outputs in them
	@$(BIN)/python tools/store_outputs.py notebooks/*.ipynb

links: setup  ## write navigation, set-up cells and minutes into the notebooks (REPO=owner/name: for Colab too)
	@$(BIN)/python tools/links.py $(REPO)

site: setup  ## build the site in build/site: notebooks as committed, reference, models, glossary, guide
	@$(BIN)/python tools/build_site.py

slides: setup  ## make slides of the notebooks, in build/slides; they need no network
	@$(BIN)/python tools/slides.py

usb: setup  ## fill a folder (USB=/path/of/the/stick, else build/usb) for a room without a network
	@EXTRA_INDEX="$(EXTRA_INDEX)" $(BIN)/python tools/usb.py $(or $(USB),build/usb)

browser:  ## fetch axe-core from npm for the tests in a browser, which also want Chromium and are skipped without
	@test -f $(AXE)/package.json && grep -q '"version": "$(AXE_VERSION)"' $(AXE)/package.json \
		|| npm install --silent --no-save --no-audit --no-fund --prefix build/axe axe-core@$(AXE_VERSION)

lint: setup  ## ruff and the rules of notebooks, as pre-commit runs them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tools/notebook_rules.py notebooks/*.ipynb

constraints:  ## renew constraints.txt from a new environment (torch keeps its version)
	$(PYTHON) -m venv --clear build/constraints
	build/constraints/bin/python -m pip install '.[lab,test,docs,edge]' "$$(grep '^torch==' constraints.txt)" $(EXTRA_INDEX)
	{ head -n 1 constraints.txt; build/constraints/bin/python -m pip list --format=freeze \
		| grep -vE '^(pip|qwen-course|triton|(nvidia|cuda)-.*)==' | sed 's/+.*//' | LC_ALL=C sort -f; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean:  ## remove what running and testing left (not .venv, not work/)
	rm -rf build .pytest_cache .hypothesis .ruff_cache
