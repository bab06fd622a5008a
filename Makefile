# The front door. Each target is one line that calls CMake or a script; `make help` lists them.
BUILD  ?= build
CONFIG ?= nano
JOBS   ?= $(shell nproc)
LIST   ?= gemm

export WREN_JOBS := $(JOBS)
CMAKE_FLAGS ?=
PYTHON := /usr/bin/python3

.DEFAULT_GOAL := help
.PHONY: help setup configure build run test regress bench lint format spec synth waves crosscheck clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what build, run and regress need (scripts/setup.sh --help: the rest)
	@scripts/setup.sh

configure:
	@WREN_QUIET=1 scripts/setup.sh && scripts/preflight.sh && scripts/configure.sh $(BUILD) $(CMAKE_FLAGS)

build: configure ## compile everything
	@cmake --build $(BUILD) -j $(JOBS)

run: configure ## generate text on the RTL: CONFIG=nano|small|full PROMPT="..." TOKENS=n
	@cmake --build $(BUILD) -j $(JOBS) --target wren-$(CONFIG) && $(BUILD)/bin/wren run --backend rtl --config $(CONFIG) $(if $(PROMPT),--prompt "$(PROMPT)") $(if $(TOKENS),--tokens $(TOKENS)) $(ARGS)

test: build ## unit and engine tests (levels L0 and L1)
	@ctest --test-dir $(BUILD) -j $(JOBS) -L '^L[01]$$' --no-tests=error --output-on-failure

regress: build ## every test (levels L0 to L3)
	@ctest --test-dir $(BUILD) -j $(JOBS) -L '^L[0-3]$$' --no-tests=error --output-on-failure

bench: configure ## cycles, utilization and bounds of a list of problems: LIST=gemm
	@cmake --build $(BUILD) -j $(JOBS) --target wren-bench && $(BUILD)/bin/wren-bench --list $(LIST) $(ARGS)

lint: ## Verilator -Wall and slang over every configuration, no warnings allowed
	@WREN_QUIET=1 scripts/setup.sh --with lint && scripts/lint.sh

format: ## clang-format every C++ file in place
	@WREN_QUIET=1 scripts/setup.sh --with lint && scripts/format.sh

spec: ## regenerate what follows from spec/*.yaml
	@$(PYTHON) spec/gen/generate.py

synth: ## synthesize for ECP5 and print the size of each block: CONFIG=nano
	@WREN_QUIET=1 scripts/setup.sh --with synth && .venv/bin/python scripts/synth.py --config $(CONFIG) --out $(BUILD)/synth

waves: configure ## rerun a window of a test with waves: TEST=name SEED=n FROM=cycle TO=cycle
	@scripts/waves.sh --build $(BUILD) --test "$(TEST)" --seed "$(SEED)" --from "$(FROM)" --to "$(TO)"

crosscheck: configure ## the same run on two Verilators must give the same text, tokens and cycles
	@WREN_QUIET=1 scripts/setup.sh --with verilator && scripts/crosscheck.sh --build $(BUILD) --config $(CONFIG)

clean: ## remove the build directory
	@rm -rf $(BUILD)
