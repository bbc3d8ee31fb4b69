# Everything CI does, by name. `make` lists the targets.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
GO ?= go
FUZZTIME ?= 10s
KILLS ?= 100
DAYS ?= 14
TRACE ?= sg-team-1
TRACES ?= testdata/traces
BIN := bin
LINT := $(BIN)/golangci-lint

.DEFAULT_GOAL := help
.PHONY: help demo test build fmt fmt-check vet lint race cover scores golden fuzz replay crash peers browser pictures docs docker bench bench-earlywarn schema ci clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

demo: ## the whole service on recorded traffic
	$(GO) run ./cmd/alerter demo

test: ## every test that needs nothing but Go
	$(GO) test ./...

build: ## the program, static, into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN)/alerter ./cmd/alerter

fmt: ## format the code
	gofmt -w $$(git ls-files '*.go')

fmt-check: ## fail on code that is not formatted
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "not formatted: $$out"; exit 1; }

vet: ## go vet, in every module
	$(GO) vet ./...
	for m in $$(git ls-files '*/go.mod' | grep -v '^.ci/'); do (cd $$(dirname $$m) && $(GO) vet ./...); done

$(LINT): .ci/lint/go.sum
	cd .ci/lint && CGO_ENABLED=0 $(GO) build -o ../../$(LINT) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

lint: $(LINT) ## golangci-lint, pinned in .ci/lint
	$(LINT) run ./...

race: ## the tests under the race detector; one seed of the long ones
	CGO_ENABLED=1 $(GO) test -race -short -timeout 30m ./...

cover: ## statement coverage of the core; fails under 95 %
	.ci/cover 95 ./usage ./evaluate

scores: ## the tests of the scoreboard, a module of its own
	cd bench && $(GO) test ./...

golden: ## rewrite golden files; read the diff
	$(GO) test ./evaluate ./notify/... ./config ./web ./cmd/alerter -update

fuzz: ## each fuzz target for FUZZTIME (10s)
	.ci/fuzz $(FUZZTIME)

replay: ## DAYS (14) of the recorded TRACE, with late and corrected minutes, outages and changed limits, lived and then played again
	ALERTER_REPLAY_DAYS=$(DAYS) ALERTER_REPLAY_TRACE=$(TRACE) $(GO) test ./worker -run '^TestReplayingWhatIsStored' -count=1 -timeout 30m

crash: ## kill the real program KILLS times (100) at random moments
	cd peers/crash && ALERTER_KILLS=$(KILLS) $(GO) test -count=1 -v -timeout 60m ./...

peers: ## programs that are not ours (SDKs, mail servers, Slack, Alertmanager, promtool), and ten kills
	.ci/peers

browser: ## the page in Chromium
	cd peers/browser && $(GO) test -count=1 ./...

pictures: ## take the pictures of docs/ anew: the Slack card and the mail as emulate and maildev hold them, in Chromium
	cd peers/notify && $(GO) test -count=1 -run '^TestPicture' . -args -pictures $(abspath docs/pictures)

docs: ## the commands and blocks of the documentation
	$(GO) test ./cmd/alerter -run 'Documentation' -count=1

docker: ## the Dockerfile's own build command
	.ci/docker

bench: ## speed and memory; what was measured is in docs/performance.md
	$(GO) test -run '^$$' -bench . -benchmem -timeout 60m ./...

bench-earlywarn: ## how well pressure warns of 429s on recorded traffic (TRACES=folder), and all of it lived and played again; see docs/early-warning.md
	cd bench && $(GO) run ./cmd/earlywarn -traces $(abspath $(TRACES))
	for trace in sg-peaky-2 sg-steady-2 sg-team-1 wc98-2; do $(MAKE) replay TRACE=$$trace; done

schema: ## the editor's schemas of rules.yaml and of rule tests
	$(GO) run ./cmd/alerter config schema > docs/rules.schema.json
	$(GO) run ./cmd/alerter config schema --for tests > docs/tests.schema.json

ci: fmt-check vet lint build ## what CI runs after the tests
	$(MAKE) --jobs=2 --output-sync race replay # the replay is one long thread
	$(MAKE) cover scores peers browser docs fuzz docker

clean: ## remove what was built
	rm -rf $(BIN)
