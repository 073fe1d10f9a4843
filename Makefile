# FusionEMS Quantum. `make` alone prints this help: the text behind `##` is the help, so a target without it is internal.
#
# Nothing here needs more than Go, Node and (as root on Debian) apt; tools that are pinned are built from deploy/tools into .bin.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

RUN      := .run
BIN      := $(CURDIR)/.bin
FLEET    := $(RUN)/bin/fleet
MODULES  := $(shell sed -n 's|^[[:space:]]*\./||p' go.work)
BINARIES := $(foreach s,$(filter services/%,$(MODULES)),./$(s)/cmd/$(notdir $(s))) ./gateway/cmd/gateway ./deploy/local/cmd/...

# Modules outside of the workspace that have code of ours, and not only tools to be built.
APART    := services/carefusion services/carefusion/tools/openapi $(addprefix deploy/tools/,charts controlplane fleetgen protodump streams)

# Narrows test, race, vet and fuzz to some packages, e.g. PKG=./services/qa/... ; the whole workspace otherwise.
PKG      ?= work
FUZZTIME ?= 60s
# The build is without debugger tables: they double the time of linking, and stack traces do not need them.
LDFLAGS  ?= -s -w

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5); next} \
	  /^[a-zA-Z0-9_-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ The fleet on this machine

# CareFusion is a process tree of its own, which its own Makefile starts and stops: neither waits for the other, and neither
# falls with the other. CAREFUSION=0 leaves it alone.
CAREFUSION ?= 1
TELEHEALTH := $(if $(filter 0,$(CAREFUSION)),true,$(MAKE) -C services/carefusion)

.PHONY: up down reset logs status token totp logins unlock enrol
up: ## Build and start the fleet in the foreground, CareFusion beside it; DETACH=1 returns when it is ready
	@$(TELEHEALTH) up DETACH=1 || echo "CareFusion did not start; the fleet does not need it (CAREFUSION=0 leaves it out)." >&2
	@if [ -x $(FLEET) ] && $(FLEET) running; then exit 0; fi; \
	  $(MAKE) build; \
	  $(if $(DETACH),exec $(FLEET) up --detach,$(call until-stopped,$(FLEET) up,$(TELEHEALTH) down))

# until-stopped runs a command in the foreground. Whoever stops it from outside, by Ctrl-C or SIGTERM, has the second command run too;
# when it ends by itself, it ends alone.
until-stopped = code=0; $(1) & child=$$!; trap 'kill -TERM $$child 2>/dev/null || true; $(2) || true' INT TERM; \
  while kill -0 $$child 2>/dev/null; do wait $$child && code=0 || code=$$?; done; exit $$code

down: ## Stop the fleet and CareFusion; their data stays in .run
	@$(TELEHEALTH) down || true
	@if [ -x $(FLEET) ]; then $(FLEET) down; else echo "The fleet is not running."; fi

reset: ## Stop the fleet and CareFusion and delete everything they stored, without asking
	@$(TELEHEALTH) reset || true
	@if [ -x $(FLEET) ]; then $(FLEET) reset; fi
	@rm -rf $(RUN)

logs: ## Follow the logs of all processes, or of one: S=clinical
	@$(FLEET) logs $(S)

status: ## Show each process with its port, restarts and uptime
	@if [ -x $(FLEET) ]; then $(FLEET) status; else echo "The fleet is not running."; fi
	@$(TELEHEALTH) status

token: ## Print an access token of a demo user or client: U=founder
	@$(FLEET) token $(U)

totp: ## Print the current second-factor code of a demo user: U=founder
	@$(FLEET) totp $(U)

logins: ## List the demo users and machines, with the password of the users
	@$(FLEET) logins
	@$(TELEHEALTH) logins || true

unlock: ## Let a user sign in again who failed too often: U=lakeshore-medic
	@$(FLEET) unlock $(U)

enrol: ## Let a user who lost the authenticator set up another one: U=lakeshore-newcomer
	@$(FLEET) enrol $(U)

##@ Build and check

.PHONY: build portal portal-test test race vet lint tidy-check fuzz e2e bench
build: portal ## Build the portal and every binary of the fleet into .run/bin
	@mkdir -p $(RUN)/bin
	@go build -ldflags '$(LDFLAGS)' -o $(RUN)/bin/ $(BINARIES)

# The portal is built before the gateway, which embeds it. Directories are among its sources: a file that is deleted changes one.
PORTAL         := gateway/portal
PORTAL_SOURCES := $(wildcard $(addprefix $(PORTAL)/,index.html package.json tsconfig.json vite.config.ts) proto/gen/typescript/*.ts) \
  $(shell find $(PORTAL)/src $(PORTAL)/public $(PORTAL)/scripts)

portal: $(PORTAL)/dist/site/index.html ## Build the portal if its sources changed

$(PORTAL)/node_modules/.installed: $(PORTAL)/package-lock.json
	@command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || { \
	  echo "the portal is built with Node 20.19 or later and npm; install them (https://nodejs.org), then run make again" >&2; exit 1; }
	@cd $(PORTAL) && npm ci --silent --no-audit --no-fund
	@touch $@

$(PORTAL)/dist/site/index.html: $(PORTAL)/node_modules/.installed $(PORTAL_SOURCES)
	@cd $(PORTAL) && npm run --silent build || { rm -f dist/site/index.html; exit 1; }

portal-test: portal ## Check the types of the portal and run its component tests
	@cd $(PORTAL) && npm run --silent typecheck && npm test --silent

# The tests want a real PostgreSQL: a binary they may start themselves, or a server named by TEST_DATABASE_URL.
.PHONY: postgres
postgres:
	@[ -n "$${TEST_DATABASE_URL:-}" ] || [ -n "$${FLEET_PG_BIN:-}" ] || command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; \
	  else echo "install PostgreSQL, or name a server in TEST_DATABASE_URL" >&2; exit 1; fi; }

test: postgres ## Run the tests of all modules and of CareFusion, of the portal, then the fleet through its edge and in a browser (PKG= narrows to packages)
	@go test $(PKG)
	@$(if $(filter work,$(PKG)),$(MAKE) carefusion-test)
	@$(if $(filter work,$(PKG)),$(call unchanged,portal-test,gateway/portal proto))
	@$(if $(filter work,$(PKG)),$(call unchanged,e2e,$(FLEET_SOURCES)))
	@$(if $(filter work,$(PKG)),$(call unchanged,e2e-browser,$(FLEET_SOURCES)))

# unchanged makes a target of tests unless it has passed with the same sources, tools and servers, as go test does with a package.
# The target itself, called by its name, always runs; so does everything in CI, and where no git says what the sources are.
FLEET_SOURCES := proto pkg gateway services deploy ':!services/carefusion' ':!*.md' go.work Makefile
unchanged = sum=$$({ go version; node --version; ls -lR ../shared/data; env | grep -E '^(TEST_|FLEET_|CHROMIUM|[A-Z]+_URL|OIDC_)' | sort; \
    git ls-files -zco --exclude-standard -- $(2) | xargs -0 sha256sum; } 2>&1 | sha256sum | cut -c-16) || true; \
  passed=$(RUN)/passed/$(1); \
  if [ -z "$${CI:-}" ] && [ -d .git ] && [ "$$(cat $$passed 2>/dev/null)" = "$$sum" ]; then echo "ok	$(1)	(passed with these sources; make $(1) runs it again)"; \
  else rm -f $$passed && $(MAKE) $(1) && mkdir -p $(RUN)/passed && echo "$$sum" > $$passed; fi

race: postgres ## Run the unit tests with the race detector (PKG= narrows)
	@go test -race $(PKG)

vet: ## Run go vet over every module (PKG= narrows)
	@go vet $(PKG)

lint: vet $(PORTAL)/node_modules/.installed ## Check formatting, go vet, staticcheck, the proto style and the portal
	@out=$$(gofmt -l $$(git ls-files '*.go' | grep -v '^proto/gen/')); \
	  if [ -n "$$out" ]; then echo "gofmt -w these files:"; echo "$$out"; exit 1; fi
	@go vet -tags e2e,bench,rehearsal,isolation ./deploy/... && GOWORK=off go -C deploy/images vet -tags delivery ./...
	@GOWORK=off GOBIN=$(BIN) go -C deploy/tools/lint install tool
	@$(BIN)/staticcheck $(addsuffix /...,$(addprefix ./,$(MODULES)))
	@for m in $(APART); do echo "$$m"; (cd $$m && GOWORK=off go vet ./... && GOWORK=off $(BIN)/staticcheck ./...) || exit 1; done
	@$(MAKE) proto-lint
	@cd $(PORTAL) && npm run --silent lint

tidy-check: ## Check that every go.mod is tidy and every module builds outside the workspace
	@for m in $(MODULES); do \
	  echo "$$m"; \
	  (cd $$m && GOWORK=off go mod tidy -diff >/dev/null && GOWORK=off go build ./...) || { echo "$$m: run GOWORK=off go mod tidy in it"; exit 1; }; \
	done

fuzz: ## Run every fuzz target for FUZZTIME=60s (PKG= narrows)
	@for p in $$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' $(PKG)); do \
	  for f in $$(grep -hoE '^func (Fuzz[A-Za-z0-9_]*)' $$p/*_test.go 2>/dev/null | cut -d' ' -f2); do \
	    echo "$${p#$(CURDIR)/} $$f"; \
	    (cd $$p && go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x .); \
	  done; \
	done

e2e: postgres build ## Run the journey and the proofs through the public edge on a fleet of their own
	@go test -tags e2e -count=1 -timeout 30m ./deploy/e2e/...

bench: build ## Measure both sides of every budget in one run
	@go run ./deploy/bench
	@go test -tags bench -count=1 -run Budget -v ./services/compliance/internal/store

##@ Delivery

.PHONY: images images-verify images-test
IMAGES     ?=
PLATFORMS  ?= linux/amd64
REGISTRY   ?=
SIGN_KEY   ?=
VERIFY_KEY ?=
# INSECURE=1 is for a registry on this machine that speaks plain HTTP.
IMAGES_ARGS = -root . -out $(RUN)/images -only '$(IMAGES)' $(if $(REGISTRY),-registry $(REGISTRY)) $(if $(INSECURE),-insecure)
images: portal carefusion-page ## Build the OCI images into .run/images (IMAGES= narrows, PLATFORMS=linux/amd64,linux/arm64, REGISTRY= pushes, SIGN_KEY= signs)
	@GOWORK=off go -C deploy/images build -o $(BIN)/images ./cmd/images
	@$(BIN)/images $(IMAGES_ARGS) -platforms '$(PLATFORMS)' $(if $(SIGN_KEY),-sign-key '$(SIGN_KEY)')

images-verify: ## Verify that VERIFY_KEY= signed the images in .run/images, or in REGISTRY=
	@[ -n "$(VERIFY_KEY)" ] || { echo "name the public key: make images-verify VERIFY_KEY=cosign.pub" >&2; exit 1; }
	@GOWORK=off go -C deploy/images build -o $(BIN)/images ./cmd/images
	@$(BIN)/images $(IMAGES_ARGS) -verify-key '$(VERIFY_KEY)'

images-test: portal carefusion-page ## Build the committed images, run each as nobody in an empty root, compare two builds, ask cosign about signatures (IMAGES= narrows)
	@GOWORK=off GOBIN=$(BIN) go -C deploy/tools/cosign install tool
	@GOWORK=off COSIGN=$(BIN)/cosign IMAGES='$(IMAGES)' go -C deploy/images test -tags delivery -count=1 -timeout 30m -v -run 'Delivered|Cosign' .

.PHONY: carefusion-page test-isolation test-streams
carefusion-page:
	@$(MAKE) -C services/carefusion page

test-isolation: postgres build ## Run the fleet and CareFusion beside each other and each alone, and count the packets between them: none
	@$(MAKE) -C services/carefusion build
	@go test -tags e2e -c -o $(RUN)/e2e.test ./deploy/e2e
	@FLEET_E2E=$(abspath $(RUN))/e2e.test go test -tags isolation -count=1 -timeout 40m -v -skip Restored ./deploy/isolation

.PHONY: rehearse-restore
rehearse-restore: postgres build ## Execute the runbooks: rotate keys, look, lose the databases and streams and restore them, with times; CareFusion's apart
	@go test -tags rehearsal -count=1 -timeout 30m -v ./deploy/runbooks
	@$(MAKE) -C services/carefusion build
	@go test -tags isolation -count=1 -timeout 15m -run Restored -v ./deploy/isolation

test-streams: ## Test the tool that backs up and rewinds streams
	@GOWORK=off go -C deploy/tools/streams test ./...

# Keycloak is a Java program. Its distribution comes from Maven Central once for a machine, and is built there, which takes minutes.
.PHONY: java test-keycloak
java:
	@command -v java >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null; \
	  else echo "install Java 17 or later" >&2; exit 1; fi; }

test-keycloak: postgres build java ## Run a real Keycloak with the realms: sign-in of every role, the permission matrix, the portal in Chromium, CareFusion
	@$(MAKE) -C services/carefusion page carefusion-build
	@$(MAKE) browser-tools || [ -z "$${CI:-}" ]
	@go vet -tags e2e,keycloak ./deploy/e2e
	@go test -tags e2e,keycloak -count=1 -timeout 40m -run '^TestKeycloak|PermissionMatrix|DemoHasEveryRole' ./deploy/e2e

.PHONY: charts charts-test charts-render isolation carefusion-test
charts: ## Write the values schemas of the charts, their copies of the guardrails and their READMEs
	@GOWORK=off go -C deploy/tools/charts build -o $(BIN)/chartgen ./cmd/chartgen && $(BIN)/chartgen
	@GOWORK=off GOBIN=$(BIN) go -C deploy/tools/chartlint install tool
	@$(BIN)/helm-docs --chart-search-root charts --sort-values-order file --template-files README.md.gotmpl --log-level error \
	  --chart-to-generate $$(printf '%s,' $(wildcard charts/*/README.md.gotmpl) | sed 's|/README.md.gotmpl||g; s|,$$||')

charts-test: charts ## Render the charts as Helm 3 and 4, refuse what the guardrails forbid, prove isolation
	@out=$$(git status --porcelain -- 'charts/*/README.md' 'charts/*/values.schema.json' 'charts/*/guardrails.yaml'); [ -z "$$out" ] || { echo "$$out"; echo "charts/ is not current; run make charts and commit"; exit 1; }
	@KUBE_SCORE=$(BIN)/kube-score GOWORK=off go -C deploy/tools/charts test ./...

ENVIRONMENT ?= prod
charts-render: ## Render the charts with their examples into .run/charts (ENVIRONMENT=dev, staging or prod)
	@GOWORK=off go -C deploy/tools/charts build -o $(BIN)/ ./cmd/chartrender && $(BIN)/chartrender -environment $(ENVIRONMENT)

isolation: charts-render ## Prove from the rendered manifests that deliveries share nothing and reach only what they may (ENVIRONMENT=)
	@GOWORK=off go -C deploy/tools/charts build -o $(BIN)/ ./cmd/isolation
	@$(BIN)/isolation -world deploy/tools/charts/isolation/worlds/$(ENVIRONMENT).yaml -edges deploy/tools/charts/isolation/testdata/edges-$(ENVIRONMENT).txt \
	  $(foreach d,fusionems billing carefusion,$(d)=$(RUN)/charts/$(ENVIRONMENT)/$(d).yaml)

# The charts on a real apiserver. Its binaries are the upstream ones at the versions of these go.mod files; the first build takes minutes.
CONTROLPLANE := deploy/tools/controlplane
.PHONY: controlplane test-charts-server
controlplane: $(addprefix $(BIN)/,etcd kube-apiserver kwok kwok-stages.yaml) ## Build etcd, the Kubernetes control plane and kwok into .bin

# timed says what is built and how long that took.
timed = @echo "building $(1)"; began=$$(date +%s); $(2) && echo "built $(1) in $$(( $$(date +%s) - began )) s"

$(BIN)/etcd: $(CONTROLPLANE)/etcd/go.sum
	$(call timed,etcd,GOWORK=off CGO_ENABLED=0 go -C $(<D) build -trimpath -ldflags '-s -w' -o $@ go.etcd.io/etcd/server/v3)

$(BIN)/kwok: $(CONTROLPLANE)/kwok/go.sum
	$(call timed,kwok,GOWORK=off CGO_ENABLED=0 go -C $(<D) build -trimpath -ldflags '-s -w' -o $@ sigs.k8s.io/kwok/cmd/kwok)

# What kwok makes of nodes and pods is not in its binary but in its module.
$(BIN)/kwok-stages.yaml: $(CONTROLPLANE)/kwok/go.sum
	@GOWORK=off go -C $(<D) mod download sigs.k8s.io/kwok && stages="$$(GOWORK=off go -C $(<D) list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage" && \
	for f in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease pod/fast/pod-ready pod/fast/pod-complete pod/fast/pod-delete; do \
	  echo "---"; cat "$$stages/$$f.yaml"; done > $@

# Without its version an apiserver says that it is v0.0.0, and charts refuse it.
$(BIN)/kube-apiserver: $(CONTROLPLANE)/kubernetes/go.sum
	$(call timed,the Kubernetes control plane,v=$$(GOWORK=off go -C $(<D) list -m -f '{{.Version}}' k8s.io/kubernetes) && \
	  IFS=. read -r major minor _ <<<"$${v#v}" && p=k8s.io/component-base/version && \
	  GOWORK=off CGO_ENABLED=0 go -C $(<D) build -trimpath -ldflags "-s -w -X $$p.gitVersion=$$v -X $$p.gitMajor=$$major -X $$p.gitMinor=$$minor" -o $(BIN)/ \
	    k8s.io/kubernetes/cmd/kube-controller-manager k8s.io/kubernetes/cmd/kube-scheduler k8s.io/kubernetes/cmd/kube-apiserver)
	@touch $@

test-charts-server: ## Install the charts on a real apiserver, try what it must refuse (ARGS="-run Life" narrows)
	@if [ "$$(uname -s)" != Linux ]; then why="the control plane ends with its test by a signal that only Linux has"; \
	elif ! $(MAKE) controlplane; then why="the control plane could not be built (above)"; fi; \
	if [ -n "$${why:-}" ]; then echo "The charts were not tried on an apiserver: $$why." >&2; \
	  if [ -n "$${CI:-}" ] && [ -n "$${CHARTS_SERVER:-}" ]; then exit 1; else exit 0; fi; fi; \
	GOWORK=off go -C $(CONTROLPLANE) test -tags controlplane -count=1 -timeout 30m -v ./... $(ARGS)

carefusion-test: postgres ## Test CareFusion, which shares nothing with the fleet, in its own module
	@$(MAKE) -C services/carefusion carefusion-test

##@ In a browser

# Debian's Chromium; nothing is downloaded from anywhere else. Without one, and without the right to install it, the tests are left out
# with the reason, except where CI is set.
CHROMIUM ?= /usr/bin/chromium
export CHROMIUM
BROWSER  := deploy/e2e/browser

.PHONY: chromium browser-tools e2e-browser screenshots
chromium:
	@[ -x "$(CHROMIUM)" ] || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else echo "install Chromium, or name one in CHROMIUM" >&2; exit 1; fi; }

browser-tools: chromium
	@cd $(BROWSER) && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund

e2e-browser: postgres build ## Test the portal in Chromium against a fleet of its own (ARGS="-g import" narrows)
	@if ! $(MAKE) chromium; then \
	  if [ -n "$${CI:-}" ]; then exit 1; fi; \
	  echo "The browser tests are left out: there is no Chromium."; exit 0; \
	fi; \
	$(MAKE) browser-tools; \
	cd $(BROWSER); npm run --silent typecheck; node run.mjs --project=portal $(ARGS)

screenshots: postgres build browser-tools ## Write every page in both themes at three widths to .run/screenshots
	@cd $(BROWSER) && node run.mjs --project=screenshots $(ARGS)

##@ Generation

# ---- gen: the proto and SQL generation chain; everything between these two marks belongs together ----------------------

.PHONY: tools protodeps gen gen-check proto-lint proto-breaking
tools: ## Build the pinned generators into .bin
	@mkdir -p $(BIN)
	@GOWORK=off GOBIN=$(BIN) go -C deploy/tools install tool
	@GOWORK=off GOBIN=$(BIN) CGO_ENABLED=0 go -C deploy/tools/sqlc install tool
	@GOWORK=off go -C deploy/tools/protodump build -o $(BIN)/protodump .

protodeps: ## Write the foreign protos that ours import into .protodeps
	@[ -x $(BIN)/protodump ] || $(MAKE) tools
	@$(BIN)/protodump .protodeps

gen: tools protodeps ## Generate Go, OpenAPI, policy data and TypeScript types from the protos, and Go from SQL
	@$(BIN)/buf generate --template proto/buf.gen.yaml
	@GOWORK=off go -C deploy/tools/fleetgen build -o $(BIN)/fleetgen . && $(BIN)/fleetgen
	@cd deploy/tools/typescript && npm ci --silent --no-audit --no-fund
	@node deploy/tools/typescript/node_modules/openapi-typescript/bin/cli.js proto/gen/openapi/fleet.openapi.json -o proto/gen/typescript/fleet.ts >/dev/null
	@for f in services/*/sqlc.yaml; do $(BIN)/sqlc generate -f $$f; done

gen-check: gen ## Check that the committed generated code is what the sources generate
	@out=$$(git status --porcelain -- proto/gen gateway/policy/data.json deploy/keycloak/fusionems-realm.json 'services/*/internal/store/dbsqlc'); \
	  if [ -n "$$out" ]; then echo "generated code is not current; run make gen and commit:"; echo "$$out"; exit 1; fi

proto-lint: tools protodeps
	@$(BIN)/buf lint
	@$(BIN)/buf format --diff --exit-code proto

# Against the first parent of HEAD, or BASE=: buf cannot read a commit that lacks .protodeps, so the base is unpacked beside them.
BASE ?= HEAD~1
proto-breaking: tools protodeps ## Check that no proto change breaks clients of BASE=HEAD~1
	@rm -rf .protobase && mkdir .protobase
	@if git rev-parse --verify -q $(BASE)^{commit} >/dev/null && git cat-file -e $(BASE):buf.yaml 2>/dev/null; then \
	  git archive $(BASE) buf.yaml proto | tar -x -C .protobase && cp -a .protodeps .protobase/ && $(BIN)/buf breaking --against .protobase; \
	else echo "proto-breaking: $(BASE) has no protos to compare with"; fi

# ---- end of gen -----------------------------------------------------------------------------------------------------
