# weir: everything that a developer or CI runs. `make` alone lists the targets.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c

GO        ?= go
PKGS      := ./...
TOOL      := $(GO) tool -modfile=.ci/tools/go.mod
ESBUILD   := $(GO) tool -modfile=.ci/web/go.mod esbuild
WEB       := expose/status/web
LINT      := tool -modfile=.ci/lint/go.mod golangci-lint
FUZZTIME  ?= 200000x
BENCH     ?= .
BASE      ?= bench/results/base.txt
NEW       ?= bench/results/new.txt
TIMEOUT   := -timeout=$(if $(LONG),6h,20m)
KEEP      := $(if $(LONG),| tee bench/results/long.txt)
SMOKE     := $(if $(LONG),$(FUZZTIME),5000x)
# weir version says the revision, whatever GOFLAGS says; a source archive has none.
BUILDVCS  := $(if $(wildcard .git),-buildvcs=true)
PLATFORMS := linux/arm64 linux/arm darwin/amd64 darwin/arm64

# LONG=1 is the switch for the longer forms: every fuzz target runs FUZZTIME instead of a moment, and tests that read
# LONG from the environment take hours instead of minutes. CI runs without it and stays under an hour on two cores with
# empty caches, and race never runs long forms. `make test LONG=1` keeps its report in bench/results/long.txt.
export LONG

# The parts of check except test. CI runs test last, so that its sum ends the log.
CHECKS := fmt-check vet lint web-check race fuzz-smoke bench-smoke tidy-check cross test-386 oracle demo

.DEFAULT_GOAL := help
.PHONY: help build run demo fmt fmt-check vet lint test race test-386 contract fuzz fuzz-smoke e2e oracle differ \
	prometheus3 victoria web web-check web-e2e bench bench-smoke bench-compare bench-scrape load compare cross tidy-check \
	vuln cover check checks clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/weir
	CGO_ENABLED=0 $(GO) build -trimpath $(BUILDVCS) -o bin/ ./cmd/...

run: build ## build weir and run it in front
	bin/weir

demo: build ## build weir, send it a seeded stream of lines and show that sent = recorded
	$(GO) run ./bench/demo --weir bin/weir

fmt: ## format all Go files and sort their imports
	$(GO) $(LINT) fmt .
	$(GO) -C bench/rival $(subst .ci,../../.ci,$(LINT)) fmt
	$(GO) -C bench/clients $(subst .ci,../../.ci,$(LINT)) fmt

fmt-check: ## fail when a Go file is not formatted
	@unformatted=$$($(TOOL) gofumpt -extra=group_params,clothe_returns -l .) && if [ -n "$$unformatted" ]; then \
		echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi

vet: ## go vet, staticcheck and go fix
	$(GO) vet $(PKGS)
	$(TOOL) staticcheck $(PKGS)
	@$(GO) fix -diff $(PKGS) || { echo "go fix would change the above"; exit 1; }

lint: ## every linter of .golangci.yml (the first run builds golangci-lint: about a minute and a half)
	$(GO) $(LINT) run --allow-serial-runners $(PKGS)
	$(GO) -C bench/rival $(subst .ci,../../.ci,$(LINT)) run --allow-serial-runners
	$(GO) -C bench/clients $(subst .ci,../../.ci,$(LINT)) run --allow-serial-runners

test: ## every test, and their sum in the last line; tests that need a missing program are skipped and say so
	@$(TOOL) gotestsum --format=pkgname --format-icons=text -- -shuffle=on $(TIMEOUT) $(PKGS) $(KEEP)

race: ## every test with the race detector, on one core and on four; end to end, weir itself is built with it
	LONG= WEIR_E2E=skip $(GO) test -race -shuffle=on -cpu=1,4 $(PKGS)
	LONG= $(GO) test -race -short -run='^TestE2E$$/^(hostile|load|stop|state)$$' ./cmd/weir

test-386: ## the packages with atomics or system calls, as a 32-bit program
	GOARCH=386 $(GO) test ./protocol/... ./aggregate/... ./ingest/... ./internal/...

contract: ## only the tests that hold allocations, inlining and sizes
	$(GO) test -count=1 -v -run='Alloc|Inlin|Size' $(PKGS) | grep -v 'no tests to run\|no test files'

fuzz: ## every fuzz target, FUZZTIME=200000x each
	@grep -rE --include='*_test.go' --exclude-dir=rival '^func Fuzz' . | \
	sed -E 's|^(\./.*)/[^/]+:func (Fuzz[A-Za-z0-9_]+).*|\1 \2|' | sort | while read -r pkg target; do \
		echo "$$pkg $$target"; \
		$(GO) test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) "$$pkg" </dev/null || exit 1; \
	done

fuzz-smoke: ## every fuzz target for a moment
	@$(MAKE) --no-print-directory fuzz FUZZTIME=$(SMOKE)

e2e: ## only the end-to-end tests: real senders, real scrapers, load, signals
	$(GO) test -count=1 -v -run='^TestE2E' $(TIMEOUT) ./cmd/weir

prometheus3: bin/prometheus3 ## build the Prometheus 3 that end-to-end tests need (the first time: three minutes)

# Without service discovery, which is a third of its packages, and without web pages.
bin/prometheus3: .ci/prometheus/go.mod
	CGO_ENABLED=0 $(GO) -C .ci/prometheus build -trimpath -tags=remove_all_sd -ldflags='-s -w' -o ../../$@ \
		github.com/prometheus/prometheus/cmd/prometheus

# How esbuild makes the script and the style sheet of the page, whose sources are in src.
BUNDLE := app=$(WEB)/src/main.tsx app=$(WEB)/src/app.css --bundle --minify --format=esm --target=es2022 \
	--jsx=automatic --jsx-import-source=preact --log-level=warning --legal-comments=none \
	--banner:js='/* With preact and @preact/signals, Copyright (c) Jason Miller and others, MIT license. */'
# The same for its tests, which node runs.
NODE_BUNDLE := --bundle --platform=node --format=esm --packages=external --out-extension:.js=.mjs --log-level=warning \
	--jsx=automatic --jsx-import-source=preact

victoria: bin/vmagent bin/victoria-metrics ## build the vmagent and the VictoriaMetrics that tests need (half a minute)

# Debian's are years older: without OTLP, and without stream aggregation.
bin/vmagent bin/victoria-metrics: .ci/victoria/go.mod
	CGO_ENABLED=0 $(GO) -C .ci/victoria build -trimpath -ldflags='-s -w' -o ../../$@ \
		github.com/VictoriaMetrics/VictoriaMetrics/app/$(notdir $@)

web: $(WEB)/node_modules/.package-lock.json ## build the script and the style sheet of the page from expose/status/web/src
	$(ESBUILD) $(BUNDLE) --outdir=$(WEB)/dist

web-check: $(WEB)/node_modules/.package-lock.json ## check the page: the bundle is that of its sources, types, unit tests
	@rm -rf $(WEB)/out/dist $(WEB)/out/test && $(ESBUILD) $(BUNDLE) --outdir=$(WEB)/out/dist
	@for f in app.js app.css; do cmp $(WEB)/out/dist/$$f $(WEB)/dist/$$f || { echo "run make web"; exit 1; }; done
	$(WEB)/node_modules/.bin/tsc -p $(WEB)
	@$(ESBUILD) $(WEB)/test/*.test.ts $(NODE_BUNDLE) --outdir=$(WEB)/out/test
	node --test --test-reporter=dot $(WEB)/out/test/

web-e2e: $(WEB)/node_modules/.package-lock.json $(if $(WEIR),,build) ## try the page in Chromium, with axe-core; pictures in its out/screenshots
	@$(ESBUILD) $(WEB)/e2e/*.test.ts $(NODE_BUNDLE) --outdir=$(WEB)/out/e2e
	cd $(WEB) && WEIR=$(abspath $(or $(WEIR),bin/weir)) node --test --test-timeout=300000 --test-concurrency=1 out/e2e/

# What npm installs is pinned by the lock file.
$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	cd $(WEB) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

oracle: ## other programs judge weir: their parsers its expositions, statsd_exporter what it makes of lines
	$(GO) -C bench/rival vet ./...
	$(GO) -C bench/rival test -shuffle=on ./...

differ: ## run weir and statsd_exporter side by side; a part of oracle
	$(GO) -C bench/rival test -count=1 -run='^TestDiffer' .

bench: ## every benchmark ten times, into bench/results/new.txt
	@mkdir -p $(dir $(NEW))
	$(GO) test -run='^$$' -bench='$(BENCH)' -benchmem -count=10 $(PKGS) | tee $(NEW)

bench-smoke: ## every benchmark once, so that none rots
	$(GO) test -run='^$$' -bench=. -benchtime=1x $(PKGS)
	$(GO) -C bench/rival test -run='^$$' -bench='Scrape/series=10000$$' -benchtime=1x .

bench-compare: ## compare BASE=bench/results/base.txt with NEW=bench/results/new.txt, made on one kind of machine
	@if [ "$$(grep -hE '^(goos|goarch|cpu):' $(BASE) | sort -u)" != \
		"$$(grep -hE '^(goos|goarch|cpu):' $(NEW) | sort -u)" ]; then \
		echo "$(BASE) and $(NEW) come from different machines"; exit 1; fi
	$(TOOL) benchstat $(BASE) $(NEW)

bench-scrape: ## scrapes of weir beside Go client libraries', in one process; three minutes; into bench/results
	@mkdir -p bench/results
	$(GO) run ./bench/compare --machine | tee bench/results/$(or $(NAME),scrape).txt
	$(GO) -C bench/rival test -run='^$$' -bench=Scrape -timeout=30m . | tee -a bench/results/$(or $(NAME),scrape).txt

load: build ## measure weir as a whole: CPU, memory, loss, highest rate, scrapes; into bench/results (QUICK=1: see compare)
	$(GO) run ./bench/compare --weir bin/weir --name $(or $(NAME),load)$(if $(QUICK),-quick --quick) --targets weir

compare: build ## the same beside null sinks and rivals, as ratios; about 9 minutes, on an idle machine (QUICK=1: one)
	$(GO) run ./bench/compare --weir bin/weir --name $(or $(NAME),compare)$(if $(QUICK),-quick --quick)

cross: ## build for the other platforms; vet for macOS
	@for p in $(PLATFORMS); do echo "build $$p"; \
		CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build $(PKGS) || exit 1; done
	GOOS=darwin GOARCH=arm64 $(GO) vet $(PKGS)

tidy-check: ## fail when a go.mod is not tidy
	$(GO) mod tidy -diff
	$(GO) -C bench/rival mod tidy -diff
	$(GO) -C bench/clients mod tidy -diff
	$(GO) -C .ci/tools mod tidy -diff
	$(GO) -C .ci/lint mod tidy -diff
	$(GO) -C .ci/rivals mod tidy -diff
	$(GO) -C .ci/prometheus mod tidy -diff
	$(GO) -C .ci/victoria mod tidy -diff
	$(GO) -C .ci/web mod tidy -diff

vuln: ## known vulnerabilities that weir's code reaches; asks the Go vulnerability database
	$(TOOL) govulncheck $(PKGS)

cover: ## test coverage, by package and as bin/cover.html
	@mkdir -p bin
	WEIR_E2E=skip $(GO) test -coverprofile=bin/cover.out -coverpkg=./... $(PKGS)
	$(GO) tool cover -html=bin/cover.out -o bin/cover.html
	@$(GO) tool cover -func=bin/cover.out | tail -n 1

check: $(CHECKS) test ## everything that CI holds a change to; LONG=1: with the longer forms

checks: ## list what check runs before test; .ci/run takes the time of each
	@echo $(CHECKS)

clean: ## remove what the other targets made
	rm -rf bin cmd/weir/testdata/e2e/node_modules $(WEB)/node_modules $(WEB)/out
	rm -f $(NEW)
