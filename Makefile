# Three commands: `make demo` builds a corpus, `make test` runs the tests, `make check` runs what CI runs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: demo test check docs lint clean

demo: .venv/ready
	$(BIN)/medgrain demo --out out/demo

test: .venv/ready
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: lint test

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy schemas transforms quality expert_models pipelines

docs: .venv/ready  ## renew the generated pages
	$(BIN)/python -m pipelines.docs docs

# uv installs the pinned set in seconds where pip takes a minute.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt \
		--editable '.[ray,beam,knowledge,dicom]' --group dev
	touch $@

clean:
	rm -rf .venv out
