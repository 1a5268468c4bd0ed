# `make demo` shows Gravity at work; `make test` passes the tests. Both need Rust, Go and
# nothing else: what they run is built on the spot and kept for the next time.
#
# The targets are few, and each is one command that can be run by itself as well.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
# Wide enough for every example; CARGO_FLAGS=--offline and the like go in by hand.
CARGO ?= cargo
CARGO_FLAGS ?=
# As real, for a demo with real pods on this machine.
export NODE ?= simulated
# As --only instant, or --steady 310 to look past a renewal of the watches.
BENCH_FLAGS ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## What can be made
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: toolchains
toolchains:
	@tools/require

.PHONY: tools
tools: toolchains ## Build the control plane that tests, demo and benchmark run
	@tools/build >/dev/null

.PHONY: build
build: toolchains ## Build gravity
	$(CARGO) build --release $(CARGO_FLAGS)

.PHONY: demo-check
demo-check:
	@tools/demo --check

.PHONY: demo
demo: demo-check tools ## Bring the shop up on a local cluster, or with NODE=real on this machine
	@$(CARGO) build --release --workspace $(CARGO_FLAGS)
	@tools/demo

# Most tests wait for a control plane, so more of them run at once than there are cores.
.PHONY: test
test: export RUST_TEST_THREADS ?= 6
test: tools ## Run all tests
	@tools/build cyclonus compose registry >/dev/null
	$(CARGO) test --workspace $(CARGO_FLAGS)
	cd e2e/sample-service && go test ./...

# A KUBECONFIG that is exported may be of a cluster that matters, so only one that is given
# here, as in make e2e KUBECONFIG=…, names a cluster to be used.
ifeq ($(origin KUBECONFIG),command line)
e2e: export GRAVITY_E2E_KUBECONFIG := $(KUBECONFIG)
endif

.PHONY: e2e
e2e: export CARGO_FLAGS := $(CARGO_FLAGS)
e2e: toolchains ## Run the tests of real databases, on this machine as root or by KUBECONFIG=…
	@e2e/run

# What pods run is no file with an interpreter of its own. In these images it is run by sh, in
# all others by bash; some name what another part of the same script sets (SC2154).
SH_SCRIPTS := $(wildcard src/engines/scripts/s3*.sh src/engines/scripts/consul*.sh) \
	src/engines/scripts/pgbouncer-start.sh src/engines/scripts/pgbouncer-stop.sh

.PHONY: lint
lint: toolchains ## Format and lint
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets $(CARGO_FLAGS) -- -D warnings
	@cd e2e/sample-service && unformatted=$$(gofmt -l .) && \
		if [[ -n $$unformatted ]]; then echo "run gofmt -w on $$unformatted"; exit 1; fi && go vet ./...
	@if command -v shellcheck >/dev/null; then \
		shellcheck tools/build tools/coverage tools/demo tools/deny tools/image-root tools/require tools/sbom \
			config/generate examples/as-objects .ci/run \
			e2e/run e2e/packages e2e/images/build e2e/images/*/files/usr/local/bin/*.sh \
			tools/local-cluster/node/*.sh; \
		shellcheck --shell=sh $(SH_SCRIPTS); \
		shellcheck --shell=bash --exclude=SC2154 \
			$(filter-out $(SH_SCRIPTS),$(wildcard src/engines/scripts/*.sh src/plan/databases/backup/*.sh)); \
	else echo 'shellcheck is not there, so the scripts were not linted'; fi

.PHONY: deny
deny: toolchains ## Check licences, sources and known faults of what comes into the binary
	@tools/deny

.PHONY: sbom
sbom: toolchains ## Write what comes into the binary as a bill of materials
	@tools/sbom

.PHONY: bench
bench: tools ## Measure, beside what it is compared to in the same run
	@$(CARGO) build --release --workspace $(CARGO_FLAGS)
	@target/release/gravity-bench $(BENCH_FLAGS)

.PHONY: bench-gateway
bench-gateway: tools ## Measure the way in beside what it is compared to, on this machine as root
	@e2e/packages
	@tools/build real >/dev/null
	@e2e/images/build >/dev/null
	@$(CARGO) build --release --workspace $(CARGO_FLAGS)
	@target/release/gravity-bench --only gateway $(BENCH_FLAGS)

.PHONY: coverage
coverage: tools ## Print the line coverage of all tests
	@tools/coverage

.PHONY: manifests
manifests: toolchains ## Write anew what is derived: crds/, the chart's copy, config/default, schemas
	GRAVITY_UPDATE=1 $(CARGO) test --quiet $(CARGO_FLAGS) --lib -- crds manifest::schema >/dev/null
	config/generate
