# meshscope: `make play` to try it, `make test` to check everything. Needs rustup's Rust, Node >= 20 and a package registry.
.DEFAULT_GOAL := help
.PHONY: help play build engine pkg www single test test-rust test-js test-browser setup bench fuzz mutants fmt clean

PORT ?= 4173

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

play: build ## build the playground, serve it, print its URL (PORT=4173)
	@node scripts/serve.mjs --port $(PORT) www/dist

build: engine pkg www ## engine, package and playground

engine: setup ## the Rust core as WebAssembly, into pkg/engine
	@bash scripts/build-engine.sh

pkg: setup engine ## the npm package, into pkg/dist
	@bash scripts/build-pkg.sh

www: pkg ## the playground, into www/dist
	@bash scripts/build-www.sh

single: pkg ## the playground as one file that works from disk, into www/single
	@bash scripts/build-single.sh

setup: ## install what is missing (npm packages, Rust components, wasm tools)
	@bash scripts/setup.sh

test: ## install what is missing and run every test
	@bash scripts/test.sh

test-rust: ## only the Rust checks
	@bash scripts/test.sh rust

test-js: ## only the types and the unit tests of the package
	@bash scripts/test.sh js

test-browser: ## only the tests in Chromium
	@bash scripts/test.sh browser

bench: setup ## measure the engine, natively and as WebAssembly (ARGS=--check fails where a target is missed)
	@bash scripts/bench.sh $(ARGS)

fuzz: ## fuzz everything that reads what strangers wrote (SECONDS=60: how long all of it takes)
	@bash scripts/fuzz.sh $(or $(SECONDS),60)

mutants: ## change the code and see whether tests notice (ONLY=src/policy/, SHARD=3/50, MISSED=1: some of the changes)
	@bash scripts/mutants.sh $(if $(ONLY),--only "$(ONLY)") $(if $(SHARD),--shard $(SHARD)) $(if $(MISSED),--missed)

fmt: ## format everything
	cargo fmt
	npx prettier --log-level warn --write .

clean: ## remove everything that was built
	cargo clean
	rm -rf pkg/engine pkg/dist www/dist www/single .cache test-results
