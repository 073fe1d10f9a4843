# Local mode: the service, its page and its launcher, started as a process tree of their own.

WEB      := web
RUN      := .run
LOCAL    := $(RUN)/bin/carefusion-local -dir $(RUN)
# Folders are among the sources: a file that is deleted changes one.
GO_FILES  = $(shell find cmd internal gen -name '*.go' -o -name '*.sql' -o -type d) go.mod go.sum $(wildcard $(WEB)/*.go)
WEB_FILES = $(wildcard $(addprefix $(WEB)/,index.html package.json tsconfig.json vite.config.ts)) $(shell find $(WEB)/src $(WEB)/public)

.PHONY: build page up down reset status logins token
build: page $(RUN)/bin/.built ## Build the page, the service and its launcher, if sources changed

$(RUN)/bin/.built: $(GO_FILES) $(WEB)/dist/site/index.html
	@mkdir -p $(RUN)/bin
	@go build -ldflags '-s -w' -o $(RUN)/bin/ ./cmd/carefusion
	@go build -ldflags '-s -w' -o $(RUN)/bin/carefusion-local ./cmd/local
	@touch $@

page: $(WEB)/dist/site/index.html ## Build the page if its sources changed

$(WEB)/node_modules/.installed: $(WEB)/package-lock.json
	@command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || { \
	  echo "CareFusion's page is built with Node 20.19 or later and npm; install them (https://nodejs.org), then run make again" >&2; exit 1; }
	@cd $(WEB) && npm ci --silent --no-audit --no-fund
	@touch $@

$(WEB)/dist/site/index.html: $(WEB)/node_modules/.installed $(WEB_FILES)
	@cd $(WEB) && npm run --silent build || { rm -f dist/site/index.html; exit 1; }

up: build ## Start CareFusion in the foreground; DETACH=1 returns when it is ready
	@exec $(LOCAL) up $(if $(DETACH),--detach)

down: ## Stop CareFusion; its data stays in .run
	@[ ! -x $(RUN)/bin/carefusion-local ] || $(LOCAL) down

reset: ## Stop CareFusion and delete everything it stored, without asking
	@[ ! -x $(RUN)/bin/carefusion-local ] || $(LOCAL) reset

status: ## Show whether CareFusion runs, its address and processes
	@if [ -x $(RUN)/bin/carefusion-local ]; then $(LOCAL) status; else echo "CareFusion is not running."; fi

logins: ## List the demo people with their password and present codes
	@$(LOCAL) logins

token: ## Print an access token of a demo person: U=patient-a
	@$(LOCAL) token $(U)

# Debian's Chromium; nothing is downloaded from anywhere else. Without one, and without the right to install it, the tests are left out
# with the reason, except where CI is set.
CHROMIUM ?= /usr/bin/chromium
export CHROMIUM
E2E      := e2e

.PHONY: chromium page-test e2e screenshots
chromium:
	@[ -x "$(CHROMIUM)" ] || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else echo "install Chromium, or name one in CHROMIUM" >&2; exit 1; fi; }

$(E2E)/node_modules/.installed: $(E2E)/package-lock.json
	@cd $(E2E) && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund
	@touch $@

page-test: page ## Check the types and the style of the page, and run its tests
	@cd $(WEB) && npm run --silent types >/dev/null && git diff --exit-code --stat -- src/api/schema.ts || { echo "the page's types are not those of the OpenAPI document; commit src/api/schema.ts"; exit 1; }
	@cd $(WEB) && npm run --silent typecheck && npm run --silent lint && npm test --silent

e2e: build ## Test the page in two browsers against a CareFusion of its own (ARGS="-g consent" narrows)
	@if ! $(MAKE) --no-print-directory chromium; then \
	  if [ -n "$${CI:-}" ]; then exit 1; fi; \
	  echo "The tests in a browser are left out: there is no Chromium."; exit 0; \
	fi; \
	$(MAKE) --no-print-directory $(E2E)/node_modules/.installed; \
	cd $(E2E); npm run --silent typecheck; node run.mjs --project=page $(ARGS)

screenshots: build chromium $(E2E)/node_modules/.installed ## Write every page in both themes at two widths to .run/screenshots
	@cd $(E2E) && node run.mjs --project=screenshots $(ARGS)
