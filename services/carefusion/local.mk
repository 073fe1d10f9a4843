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
