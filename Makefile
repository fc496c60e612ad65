# Two commands do it all: `make run` and `make test`. `make help` lists the others.
.DEFAULT_GOAL := help
SHELL := bash
# Cargo honours CARGO_TARGET_DIR by itself; this is for finding what it built.
TARGET := $(or $(CARGO_TARGET_DIR),target)

.PHONY: help run build test test-keycloak test-spring pictures bench torture torture-planted lint audit fmt clean

help: ## This list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: build ## Start everything here, play real scan histories through it, and stay (Ctrl-C stops all)
	@exec $(TARGET)/release/parceltrack up --sample

build: ## Install what is missing, and build
	@infra/scripts/prerequisites.sh
	cargo build --release --locked -p parceltrack -p replayer

test: ## Every test, against a real Kafka, Cassandra and schema registry of its own
	@infra/scripts/prerequisites.sh test
	@infra/scripts/test.sh

test-keycloak: ## Tokens of a real Keycloak 26, which is fetched once; three minutes
	@infra/scripts/prerequisites.sh test
	@infra/scripts/keycloak.sh

test-spring: ## A Spring Boot service, configured here and registered here; fetches Spring once; some minutes
	@infra/scripts/prerequisites.sh spring
	@infra/scripts/spring.sh

pictures: ## Pictures of the pages, taken anew in a real browser, for docs/images
	@infra/scripts/prerequisites.sh pictures
	@infra/scripts/pictures.sh

torture: ## Faults against a ledger, for 15 minutes; DURATION= (seconds) and SEED= change it
	@infra/scripts/prerequisites.sh torture
	@infra/scripts/torture.sh

torture-planted: ## Plants each known bug in turn, and fails unless torture finds it
	@infra/scripts/prerequisites.sh torture
	@infra/scripts/torture.sh planted

bench: ## Ours beside the bare libraries in one run, within 20 minutes; FULL=1 also ten million shipments
	@infra/scripts/prerequisites.sh bench
	cargo build --release --locked -p parceltrack -p bench
	@exec $(TARGET)/release/bench all

lint: ## Formatting, clippy, and licences and bans where cargo-deny is installed
	cargo fmt --all --check
	cargo clippy --release --locked --workspace --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny --all-features check bans licenses sources; \
	else echo "cargo-deny is not installed: licences and bans were not checked (cargo install cargo-deny --locked)"; fi

audit: ## Known vulnerabilities of our dependencies; needs cargo-deny and the network
	cargo deny --all-features check advisories

fmt: ## Format the code
	cargo fmt --all

clean: ## Stop what `make run` left running and wipe its data (.local); what cargo built stays
	@if [ -x $(TARGET)/release/parceltrack ]; then $(TARGET)/release/parceltrack down >/dev/null 2>&1 || true; fi
	rm -rf .local
