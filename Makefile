# Two commands do everything: `make run` and `make test`.

PORT ?= 8000
VAR ?= var
WORKERS ?= 4
SITE_URL ?= http://localhost:$(PORT)
export VAR SITE_URL

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py

.PHONY: help run dev test check fix lock bench flat search-quality browser site

help: ## List what make can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 8

run: .venv/installed ## Install, migrate, load the library and serve the site (PORT=8000, VAR=var)
	@exec $(BIN)/python -m config.serve --port $(PORT) --prepare

dev: site ## The same, reloading when a file changes
	@exec env DEBUG=true $(MANAGE) runserver $(PORT)

site: .venv/installed
	@$(BIN)/python -m config.prepare

test: .venv/installed-dev browser ## Install what the tests need, run all, WORKERS=4 at a time (ARGS=… goes to pytest)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: .venv/installed-dev ## Lint, format, types, imports, migrations, deployment, HTML; changes nothing
	@$(BIN)/ruff check --no-fix .
	@$(BIN)/ruff format --check .
	@git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(MANAGE) makemigrations --check --dry-run
	@env SITE_URL=https://guidance.example SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
		EMAIL_URL=smtp+tls://user:password@mail.example:587 CONTACT_EMAIL=editors@guidance.example \
		$(MANAGE) check --deploy --fail-level WARNING
	@if command -v java >/dev/null; then $(BIN)/python -m pytest -q -p no:cacheprovider tests/valid_html.py; \
		else echo "Java is not here, so nobody has checked that the pages are valid HTML."; fi

fix: .venv/installed-dev ## Fix what lint and format can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 || true

lock: .venv/installed-dev ## Update the locked requirements
	@$(BIN)/uv pip compile pyproject.toml $(LOCK) -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --group test --group tools -c requirements.txt $(LOCK) -o requirements-dev.txt
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

bench: .venv/installed ## Measure pages, and search beside others on the same texts (TEXTS=2000), as ratios
	@$(BIN)/python -m tests.bench.bench
	@$(BIN)/python -m tests.bench.bench_search

flat: .venv/installed ## Measure every address on a site of 10,000 pages beside a small one (ARGS=--help)
	@$(BIN)/python -m tests.bench.flat $(ARGS)

search-quality: .venv/installed ## Measure how well search ranks, on a collection that you put into VAR/search-quality
	@$(BIN)/python -m tests.search_quality

browser: .venv/installed-dev
	@$(BIN)/python tests/browser.py

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 to 3.14. Install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what the site needs; the first time takes about a minute."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what the tests and checks need; the first time takes about a minute."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
