# One command each. Set-up comes first by itself and leaves alone what is up to date; README.md says what each is for.
#
#   make run        the portal on http://localhost:8000 (PORT=8123 make run moves it), with everything that it needs
#   make test       the whole suite, dealt out to two workers (ARGS="-k booking" runs some of it, in one process)
#   make check      style, types, imports, templates, migrations, deployment settings
#   make bench      speed and memory, one JSON object a line
#   make reset      throw away the demo data of `make run`
#   make setup      the set-up alone
#   make lock       lock the Python packages anew after an edit of requirements*.in

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SILENT:
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

python := .venv/bin/python
venv := .venv/.made
packages := .venv/.packages
node := node_modules/.packages
styles := static/build/.made
static := staticfiles/.made

# The machine's own Node and npm when they are new enough, else those that the Python packages brought along.
with_npm := if ! .ci/has_npm; then PATH="$$PWD/.venv/bin:$$PATH"; fi

# Production settings with nothing real in them, for the checks that look at settings alone.
as_in_production := env PORTAL_MODE=production PORTAL_ORIGIN=https://portal.example ALLOWED_HOSTS=portal.example \
	SECRET_KEY="$$($(python) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	DATABASE_URL=postgresql:///portal REDIS_URL=redis://127.0.0.1:6379/0 \
	EMAIL_URL=smtp://127.0.0.1:1025 DEFAULT_FROM_EMAIL=portal@portal.example PORTAL_CONTACT_EMAIL=help@portal.example

.PHONY: run test check bench reset setup lock chromium khal

run: setup
	exec $(python) -m portal.embedded run

reset: $(packages)
	exec $(python) -m portal.embedded reset

# Workers start servers of their own, which is worth it for the whole suite alone. Servers that are named are for one.
whole := $(if $(DATABASE_URL)$(REDIS_URL),,-n 2)

test: setup chromium khal
	$(python) -m pytest $(or $(ARGS),$(whole))

bench: setup
	$(python) -m tests.benchmarks $(ARGS)

check: setup
	echo "Check: style"
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djangofmt --check templates portal
	echo "Check: types"
	PORTAL_MODE=test .venv/bin/mypy .
	echo "Check: which way imports run"
	.venv/bin/lint-imports
	echo "Check: migrations"
	# No database stands behind this: that it cannot ask one for its history is no news.
	PORTAL_MODE=test $(python) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	echo "Check: deployment settings"
	$(as_in_production) $(python) manage.py check --deploy --fail-level WARNING
	echo "Check: no package registry is named"
	$(python) .ci/registry_hosts.py

setup: $(packages) $(static)

chromium:
	command -v chromium chromium-browser google-chrome >/dev/null || .ci/apt_install \
		"Chromium, which the browser tests drive" chromium fonts-liberation

khal:
	command -v khal >/dev/null || .ci/apt_install "khal, a calendar that reads what the portal sends" khal

lock:
	for list in requirements requirements-dev; do
		echo "Locking $$list.txt"
		.venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
			$$list.in -o $$list.txt
	done

$(venv):
	echo "Setup: virtual environment"
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	python3 -c 'import ensurepip, venv' 2>/dev/null || .ci/apt_install "Python's venv" python3-venv
	python3 -m venv .venv
	touch $@

$(packages): requirements.txt requirements-dev.txt $(venv)
	echo "Setup: Python packages"
	$(python) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	# The portal's own modules are found from anywhere by this environment.
	echo "$$PWD" > "$$($(python) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/portal.pth"
	touch $@

$(node): package.json package-lock.json .npmrc $(packages)
	echo "Setup: npm packages"
	$(with_npm)
	npm ci --silent
	touch $@

$(styles): $(node) $(shell find static -path static/build -prune -o -type f -print)
	echo "Setup: styles and scripts"
	$(with_npm)
	npm run --silent build
	touch $@

$(static): $(styles) $(packages) portal/nhsuk/storage.py
	echo "Setup: static files"
	PORTAL_MODE=test $(python) manage.py collectstatic --noinput --clear --verbosity 0
	touch $@
