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
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

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

# The version is the local cluster's. It is built like wheelhouse, which it is measured beside: by the same Go, without cgo.
KCM_VERSION = $(shell cd localcluster && go list -m -f '{{.Version}}' k8s.io/kubernetes)
KCM         = .cache/kube-controller-manager/$(KCM_VERSION)-$(shell cd localcluster && go env GOVERSION)/kube-controller-manager

# A program of its own, since what is measured is its memory too, and bin/localcluster holds much else.
.PHONY: kube-controller-manager
kube-controller-manager: cluster
	@test -x $(KCM) || { echo "building kube-controller-manager $(KCM_VERSION), to compare with; about ten minutes"; cd localcluster && \
	  CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false' go build -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$(KCM_VERSION)" \
	    -o ../$(KCM) k8s.io/kubernetes/cmd/kube-controller-manager; }
	@ln -sfn ../$(KCM) bin/kube-controller-manager

.PHONY: helm
helm: ## Build bin/helm, bin/helm3 and bin/helm-docs, which tools/go.mod pins; some minutes the first time
	@cd tools && build() { go build -ldflags "-s -w" -o ../bin/$$1 $$2; } && \
	  build helm helm.sh/helm/v4/cmd/helm && build helm3 helm.sh/helm/v3/cmd/helm && build helm-docs github.com/norwoodj/helm-docs/cmd/helm-docs

IMAGE     ?= wheelhouse:dev
PLATFORMS ?= linux/amd64 linux/arm64
REVISION  ?= $(shell git rev-parse HEAD)
CREATED   ?= $(shell git log -1 --format=%ct)

.PHONY: image
image: ## Write dist/image.tar, an image named $IMAGE for $PLATFORMS, and its SBOM; needs no Docker
	@for platform in $(PLATFORMS); do \
	  GOOS=$${platform%/*} GOARCH=$${platform#*/} CGO_ENABLED=0 \
	    go build -trimpath -tags $(TAGS) -ldflags "$(LDFLAGS)" -o dist/image/$$platform/wheelhouse ./cmd/wheelhouse || exit 1; \
	done
	@cd tools && go run ./image --name $(IMAGE) --version $(VERSION) --revision $(REVISION) \
	  --created $(CREATED) --out ../dist/image.tar --sbom ../dist/image.spdx.json \
	  $(foreach platform,$(PLATFORMS),$(platform)=../dist/image/$(platform)/wheelhouse)

.PHONY: test
test: verify lint test-unit test-chart test-cluster test-browser ## What must pass: checks, linter, race detector, tests on a local cluster

.PHONY: test-unit
test-unit: ## Tests that need no cluster, with the race detector
	go test -race -timeout 30m $(UNIT) ./test
	cd test/outoftree && go test -race ./...
	cd test/bench && go test ./...
	cd tools && go test ./dashboards ./picture

.PHONY: test-chart
test-chart: build helm ## What Helm makes of the chart's values, and what is in the image; needs no cluster
	go test -count=1 -timeout 20m ./test/chart
	cd tools && go test ./image

.PHONY: test-cluster
test-cluster: build cluster outoftree prometheus ## Tests on a local cluster
	$(MAKE) --no-print-directory -C localcluster test
	go test -count=1 -p 1 -timeout 40m $(shell go list ./test/... | grep -v -e /test/chart -e /test/install)

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

CONTAINERS = .cache/containers

.PHONY: containers
containers: $(CONTAINERS)/usr/sbin/dockerd

# Unpacked, not installed: Debian's packages would run them as services.
$(CONTAINERS)/usr/sbin/dockerd:
	@echo "unpacking Debian's packages containerd, runc and docker.io into .cache, which load the image in a test"
	@mkdir -p $(CONTAINERS) && cd $(CONTAINERS) && { apt-get download --quiet=2 $(RUNTIMES) || \
	  { $(UPDATED) && apt-get download --quiet=2 $(RUNTIMES); }; } && for package in *.deb; do dpkg -x $$package . || exit 1; done && rm *.deb

RUNTIMES = 'containerd=1.6.*' 'runc=1.1.*' 'docker.io=20.10.*'

.PHONY: test-e2e
test-e2e: build cluster helm containers ## The chart on a local cluster; the image made twice, and loaded; about eight minutes
	go test -count=1 -timeout 40m ./test/install
	test/install/image
	@$(MAKE) --no-print-directory image IMAGE=wheelhouse:e2e
	test/install/load wheelhouse:e2e $(VERSION)

.PHONY: test-browser
test-browser: build cluster browser ## The status page in a browser; pictures in dist/screenshots
	cd test/browser && go test -count=1 -timeout 15m ./...

.PHONY: test-failover
test-failover: build cluster outoftree ## What becomes of the work when replicas die, pause or are cut off; about 45 minutes; writes docs/availability.md
	WHEELHOUSE_LONG=1 WHEELHOUSE_AVAILABILITY=$(CURDIR)/docs/availability.md go test -count=1 -timeout 2h -v ./test/failover

# What `make bench` measures, in numbers, is said by variables that test/bench/settings_test.go reads: WHEELHOUSE_BENCH_PAIRS,
# WHEELHOUSE_BENCH_ONLY and so on. With WHEELHOUSE_BENCH_SMALL it is over in minutes, and claims nothing: its page is in dist.
BENCH = $(if $(WHEELHOUSE_BENCH_SMALL),dist,docs)/benchmarks

.PHONY: bench
bench: build kube-controller-manager ## Measure wheelhouse beside kube-controller-manager; hours; writes docs/benchmarks.md (WHEELHOUSE_BENCH_SMALL=1: minutes, in dist)
	cd test/bench && WHEELHOUSE_BENCH=$(CURDIR)/$(BENCH)/raw.json go test -count=1 -timeout 24h -v .
	@$(MAKE) --no-print-directory bench-page

.PHONY: bench-page
bench-page: ## Write docs/benchmarks.md anew of what was measured, docs/benchmarks/raw.json
	@cd test/bench && go run ./page $(CURDIR)/$(BENCH)/raw.json $(CURDIR)/docs/availability.md $(CURDIR)/$(BENCH).md

.PHONY: bench-go
bench-go: ## Compare the benchmarks of the hot paths with those of the first time on this machine, COUNT=6 times; about ten minutes
	@test/bench/hotpaths

# Tests whose long form has the size that a bound is promised for, and is over in minutes.
SIZED = TestPageOfManyFailingKeys

.PHONY: test-long
test-long: build cluster outoftree ## Bounds at the size that they are promised for: pages of 10,000 failing keys; about five minutes
	WHEELHOUSE_LONG=1 go test -count=1 -timeout 15m -v -run '^($(SIZED))$$' ./test/integration

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
	@cd test/bench && go tool -modfile=../../tools/go.mod golangci-lint run --config ../../.golangci.yml ./...
	@cd test/browser && go tool -modfile=../../tools/go.mod golangci-lint run --config ../../.golangci.yml ./...
	@cd test/outoftree && go tool -modfile=../../tools/go.mod golangci-lint run --config ../../.golangci.yml ./...
	@cd tools && go tool golangci-lint run --config ../.golangci.yml ./image ./dashboards ./picture
	@$(MAKE) --no-print-directory -C localcluster check

.PHONY: generate
generate: build helm ## Refresh generated pages, dashboards and golden files
	@cd tools && go run ./dashboards ../charts/wheelhouse/dashboards
	@go test ./cmd/wheelhouse/app ./status/pages -update >/dev/null
	@go test ./test/chart -run 'TestControllersFileIsFresh|TestReadmeIsFresh' -update >/dev/null
	@docs/generate # after the chart's README, which it reads
	@$(MAKE) --no-print-directory bench-page

.PHONY: verify
verify: build ## Check that modules are tidy and generated pages fresh
	go mod tidy -diff
	cd test/outoftree && go mod tidy -diff
	cd test/bench && go mod tidy -diff
	cd test/browser && go mod tidy -diff
	docs/generate --check

.PHONY: clean
clean: ## Remove what was built, but not the control plane's programs, which are kept in .cache
	rm -rf bin dist .run
