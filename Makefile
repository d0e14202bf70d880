# Two commands do everything: `make demo` and `make test`.
# The build lies in the user's cache, so that a second checkout does not build the dependencies again.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hilum
export CARGO_TARGET_DIR ?= $(CACHE)/target
# One absolute path for every checkout: torch-sys is built again whenever this changes.
export LIBTORCH ?= $(CACHE)/libtorch-2.11.0
export HILUM_DATA ?= $(abspath ../shared/data)
export HILUM_PYTHON ?= $(CACHE)/python/bin/python
# Where scripts/setup.sh test puts the real weights that the BERT loader is compared on.
export HILUM_MINILM ?= $(CACHE)/minilm-l6-v2
HILUM := $(CARGO_TARGET_DIR)/debug/hilum

.DEFAULT_GOAL := help
.PHONY: help build demo test lint bench prove clean

help: ## What can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

build: ## Builds the program `hilum`
	scripts/setup.sh build
	cargo build --workspace --bins

demo: build ## Reads a CT, finds and scores its nodules, serves the result over HTTPS (ARGS="--once" stops after the result)
	$(HILUM) demo $(ARGS)

test: ## Runs every test
	scripts/setup.sh test
	cargo build --workspace --bins
	cargo test --workspace --quiet -- --test-threads 2

lint: ## Format, clippy, licences, advisories
	scripts/setup.sh ci
	scripts/lint.sh

bench: ## Measures against the peers that are installed, ratios within one run
	scripts/setup.sh test
	cargo bench --workspace
	cargo build --workspace --bins
	cargo build --workspace --example bench
	benches/ct.py $(CARGO_TARGET_DIR)/debug/examples/bench --hilum $(HILUM) $(ARGS)

prove: ## Proofs that take long, in resumable parts with evidence (PART=fuzz TIME=600 [TARGET=import], PART=mutants COUNT=300000, PART=froc, PART=speech)
	scripts/setup.sh build
	PART="$(PART)" TIME="$(TIME)" TARGET="$(TARGET)" KEEP="$(KEEP)" COUNT="$(COUNT)" SEED="$(SEED)" scripts/prove.sh

clean: ## Removes the build, keeps downloads
	cargo clean
