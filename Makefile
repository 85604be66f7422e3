# `make` alone lists what there is to make.

VERSION ?= v0.1.0-dev$(shell git rev-parse --short HEAD 2>/dev/null | sed 's/^/+/')
# gRPC, of which the exporter of traces brings a part, has pages of its own that nobody opens here, and whose templates would nearly
# double the program.
TAGS     = grpcnotrace
LDFLAGS  = -s -w -X k8s.io/component-base/version.gitVersion=$(VERSION)
LINT     = go tool -modfile=tools/go.mod golangci-lint run --allow-parallel-runners

# Packages that are tested without a cluster.
UNIT = $(shell go list ./... | grep -v /test/)

export GOFLAGS := -buildvcs=false

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build cluster ## Run wheelhouse on a local control plane, or on the cluster of $KUBECONFIG, with a sample of pods
	@test/demo/run

.PHONY: build
build: ## Build bin/wheelhouse
	@CGO_ENABLED=0 go build -trimpath -tags $(TAGS) -ldflags "$(LDFLAGS)" -o bin/wheelhouse ./cmd/wheelhouse

.PHONY: cluster
cluster: ## Build bin/localcluster and bin/kubectl; about ten minutes the first time
	@$(MAKE) --no-print-directory -C localcluster build

.PHONY: outoftree
outoftree: ## Build bin/outoftree, a program with a controller of somebody else's
	@cd test/outoftree && CGO_ENABLED=0 go build -trimpath -tags $(TAGS) -o ../../bin/outoftree .

.PHONY: test
test: verify lint test-unit test-cluster test-browser ## Everything that must pass: checks, linter, race detector, tests on a local cluster

.PHONY: test-unit
test-unit: ## Tests that need no cluster, with the race detector
	go test -race -timeout 30m $(UNIT) ./test
	cd test/outoftree && go test -race ./...

.PHONY: test-cluster
test-cluster: build cluster outoftree prometheus ## Tests on a local cluster
	$(MAKE) --no-print-directory -C localcluster test
	go test -count=1 -p 1 -timeout 40m ./test/...

# Debian's package lists may be missing, or old.
ROOT     = $(if $(filter 0,$(shell id -u)),,sudo)
UPDATED  = $(ROOT) apt-get update --quiet=2

.PHONY: browser
browser:
	@test -x /usr/bin/chromium || { echo "installing Debian's package chromium, which the browser test needs"; $(UPDATED) && \
	  $(ROOT) apt-get install --yes --quiet --no-install-recommends chromium fonts-dejavu-core; }

PROMETHEUS = .cache/prometheus

.PHONY: prometheus
prometheus: $(PROMETHEUS)/usr/bin/prometheus

# Unpacked, not installed: Debian's package would run it as a service.
$(PROMETHEUS)/usr/bin/prometheus:
	@echo "unpacking Debian's package prometheus into .cache, which scrapes replicas in a test"
	@mkdir -p $(PROMETHEUS) && cd $(PROMETHEUS) && { apt-get download --quiet=2 'prometheus=2.42.*' || \
	  { $(UPDATED) && apt-get download --quiet=2 'prometheus=2.42.*'; }; } && dpkg -x prometheus_*.deb . && rm prometheus_*.deb

.PHONY: test-browser
test-browser: build cluster browser ## The status page in a browser; pictures in dist/screenshots
	cd test/browser && go test -count=1 -timeout 15m ./...

.PHONY: test-failover
test-failover: build cluster outoftree ## What becomes of the work when replicas die, pause or are cut off; about 45 minutes; writes docs/availability.md
	WHEELHOUSE_LONG=1 WHEELHOUSE_AVAILABILITY=$(CURDIR)/docs/availability.md go test -count=1 -timeout 2h -v ./test/failover

.PHONY: fuzz
fuzz: ## Fuzz each target for a minute
	@for package in $(UNIT); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime 1m $$package || exit 1; \
	  done; \
	done

.PHONY: lint
lint: ## Run the linter; it is built first, which takes some minutes the first time
	@echo "linting (building the linter takes some minutes the first time)"
	@$(LINT) ./...
	@cd test/browser && go tool -modfile=../../tools/go.mod golangci-lint run --config ../../.golangci.yml ./...
	@cd test/outoftree && go tool -modfile=../../tools/go.mod golangci-lint run --config ../../.golangci.yml ./...
	@$(MAKE) --no-print-directory -C localcluster check

.PHONY: generate
generate: build ## Refresh generated pages and golden files
	@docs/generate
	@go test ./cmd/wheelhouse/app ./status/pages -update >/dev/null

.PHONY: verify
verify: build ## Check that modules are tidy and generated pages fresh
	go mod tidy -diff
	cd test/outoftree && go mod tidy -diff
	cd test/browser && go mod tidy -diff
	docs/generate --check

.PHONY: clean
clean: ## Remove what was built, but not the control plane's programs, which are kept in .cache
	rm -rf bin dist .run
