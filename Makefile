# Every verb sets up what it needs; `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help run setup test check fix soak bench demo shell pictures

# The first interpreter that is new enough; the set-up tells when there is none.
BOOTSTRAP = for each in .venv/bin/python python3 python3.13 python3.12 python3.11 python3.14; do \
	  "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  exec "$$each" -I config/bootstrap.py $(1); \
	done; \
	echo "Headwater needs Python 3.11 or newer: sudo apt-get install python3" >&2; exit 1
PYTHON = .venv/bin/python
N ?= logical
PARALLEL = --numprocesses $(N) --maxprocesses 8 --dist worksteal
# `check --deploy` looks at the settings of a real installation, these.
AS_DEPLOYED = env DATABASE_URL=postgres://headwater@localhost/headwater \
	REDIS_URL=redis://localhost:6379/0 PUBLIC_URL=https://desk.example.org \
	SECRET_KEY=not-a-secret-but-long-enough-and-varied-0123456789-abcdefghij

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

run: setup ## set up and run everything; PORT=8001 moves it, Ctrl-C ends it
	@exec setpriv --pdeathsig TERM -- $(PYTHON) -m config.run

setup: ## set up, run nothing
	@$(call BOOTSTRAP,setup)

test: testing ## the tests; T=path or T="-k ledger"
	@$(PYTHON) -m pytest $(if $(T),,$(PARALLEL)) -m "not soak" $(FLAGS) $(T)

check: testing ## format, lint, imports, types, migrations, deployment, then the tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	.venv/bin/mypy
	$(PYTHON) -W "ignore:Got an error checking" manage.py makemigrations --check --dry-run
	$(AS_DEPLOYED) $(PYTHON) manage.py check --deploy --fail-level WARNING
	$(MAKE) test FLAGS="--cov --cov-report= --durations=20"
	.venv/bin/coverage report --skip-covered --fail-under=100 \
	  --include='*/domain/*,reproducers/engine/*'

fix: setup ## format, and correct what is safe to correct
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

soak: testing ## the long tests: attacks, hangs, kills
	@$(PYTHON) -m pytest -m soak $(T) || [ $$? -eq 5 ]  # 5: no test is so marked

bench: setup ## measurements, side by side; FLAGS=--quick
	@$(PYTHON) -m benchmarks $(FLAGS)

demo: setup ## fill the database with demo data, also one named by DATABASE_URL
	@$(PYTHON) -m config.embedded $(PYTHON) manage.py demo

shell: setup ## a Django shell
	@$(PYTHON) -m config.embedded $(PYTHON) manage.py shell

pictures: testing ## take the README's pictures anew
	@$(PYTHON) -m pytest tests/journeys/test_pages.py -k wide_screen --quiet
	@mkdir -p docs/pictures
	@cp var/screenshots/home-1440-light.png docs/pictures/portal.png
	@cp var/screenshots/ticket-1440-light.png docs/pictures/verdict.png

.PHONY: testing
testing:
	@$(call BOOTSTRAP,test)
