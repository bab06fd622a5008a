# The front door. Each target is one line that calls CMake or a script; `make help` lists them.
BUILD  ?= build
CONFIG ?= nano
BOARD  ?= ulx3s
FAMILY ?= ecp5
JOBS   ?= $(shell nproc)
LIST   ?= gemm
TEMPERATURE ?= 0.7
SEED   ?= 1
CMAKE_FLAGS ?=
export WREN_JOBS := $(JOBS)

PREPARE = WREN_QUIET=1 scripts/setup.sh && scripts/preflight.sh && scripts/configure.sh $(BUILD) $(CMAKE_FLAGS)
COMPILE = cmake --build $(BUILD) -j $(JOBS)
CTEST   = ctest --test-dir $(BUILD) -j $(JOBS) --no-tests=error --output-on-failure
# Benchmarks are of the reference core unless the command line says otherwise.
BENCH_CONFIG = $(if $(filter command,$(origin CONFIG)),$(CONFIG),full)

.DEFAULT_GOAL := help
.PHONY: help setup build run platform test regress bench report lint format spec synth equiv prove pnr bitstream waves crosscheck clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what build, run and regress need (scripts/setup.sh --help: the rest)
	@scripts/setup.sh

build: ## compile everything
	@$(PREPARE) --rtl all && $(COMPILE)

run: ## generate text on the RTL: CONFIG=nano|small|full PROMPT="..." TOKENS=n TEMPERATURE=0.7 SEED=1
	@$(PREPARE) --rtl $(CONFIG) && $(COMPILE) --target wren && $(BUILD)/bin/wren run --backend rtl --config $(CONFIG) --temperature $(TEMPERATURE) --seed $(SEED) $(if $(PROMPT),--prompt "$(PROMPT)") $(if $(TOKENS),--tokens $(TOKENS)) $(ARGS)

platform: ## the RTL in the SystemC platform: CONFIG=nano|small|full ARGS="--workload text --dram.kind hbm2e_307"
	@$(PREPARE) --rtl $(CONFIG) && $(COMPILE) --target wren-platform && $(BUILD)/bin/wren-platform --config $(CONFIG) $(ARGS)

test: build ## unit and engine tests (levels L0 and L1)
	@$(CTEST) -L '^L[01]$$'

regress: build ## every test (levels L0 to L3)
	@$(CTEST) -L '^L[0-3]$$'

bench: ## cycles, utilization, speed: LIST=gemm|decode|mlp|norm|7b-token|text|minilm|vit|isa|dram|sim|build CONFIG=full
	@$(if $(filter build,$(LIST)),$(PREPARE) && scripts/bench_build.sh --config $(BENCH_CONFIG) --out $(BUILD)/bench/build.json,$(PREPARE) --rtl $(BENCH_CONFIG) && $(COMPILE) --target wren-bench && $(BUILD)/bin/wren-bench --config $(BENCH_CONFIG) --list $(LIST) --out $(BUILD)/bench/$(LIST).json $(ARGS))

report: ## one HTML page of what make bench wrote: build/bench/report.html
	@scripts/report.py --in $(BUILD)/bench

lint: ## Verilator -Wall, slang and Verible over every configuration and board, Vivado's scripts; no warnings allowed
	@WREN_QUIET=1 scripts/setup.sh --with lint && scripts/lint.sh

format: ## clang-format every C++ file in place
	@WREN_QUIET=1 scripts/setup.sh --with lint && scripts/format.sh

spec: ## regenerate what follows from spec/*.yaml
	@/usr/bin/python3 spec/gen/generate.py

synth: ## synthesize and print the size of each block: CONFIG=nano|small|full FAMILY=ecp5|gowin|gatemate
	@WREN_QUIET=1 scripts/setup.sh --with synth && .venv/bin/python scripts/synth.py --config $(CONFIG) --family $(FAMILY) --out $(BUILD)/synth $(ARGS)

equiv: ## the synthesized netlist beside the RTL, cycle by cycle: ARGS="--tokens 8 --programs 100 --break CELL"
	@$(PREPARE) --rtl $(CONFIG) && $(COMPILE) --target wren-equiv && scripts/equiv.sh --build $(BUILD) --config $(CONFIG) $(ARGS)

prove: ## prove properties of small blocks for all inputs and times, and that broken blocks are refuted: ARGS="ring-16"
	@WREN_QUIET=1 scripts/setup.sh --with prove && .venv/bin/python scripts/prove.py --self-check --out $(BUILD)/prove $(ARGS)

pnr: ## place and route what make synth made: CONFIG=nano FAMILY=ecp5|gowin|gatemate ARGS="--block wren_l2"
	@WREN_QUIET=1 scripts/setup.sh --with synth --with $(if $(filter ecp5,$(FAMILY)),pnr,$(FAMILY)) && .venv/bin/python scripts/pnr.py --config $(CONFIG) --family $(FAMILY) --out $(BUILD)/synth $(ARGS)

bitstream: synth ## synthesize, place, route and pack for a board: CONFIG=nano BOARD=ulx3s
	@WREN_QUIET=1 scripts/setup.sh --with synth --with pnr && .venv/bin/python scripts/synth.py --config $(CONFIG) --board $(BOARD) --out $(BUILD)/synth && .venv/bin/python scripts/pnr.py --config $(CONFIG) --board $(BOARD) --out $(BUILD)/synth $(PNR_ARGS)

waves: ## rerun a window of a test with waves: TEST=name SEED=n FROM=cycle TO=cycle ENGINE=gta
	@WREN_QUIET=1 scripts/setup.sh --with waves && scripts/preflight.sh && scripts/waves.sh --build $(BUILD) --test "$(TEST)" --seed "$(SEED)" --from "$(FROM)" --to "$(TO)" --engine "$(ENGINE)"

crosscheck: ## the same run on two Verilators must give the same text, tokens and cycles; the blocks' tests on the second
	@WREN_QUIET=1 scripts/setup.sh --with verilator && scripts/crosscheck.sh --build $(BUILD) --config $(CONFIG) $(ARGS)

clean: ## remove the build directory
	@rm -rf $(BUILD)
