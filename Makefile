PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA := $(or $(TECHFLOW_DATA),../shared/data)
OUT := run
# Many tests start programs: without compiled modules on disk each would compile them anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run serve real test tests soak check fmt docs lock audit sbom clean bench-assess

run: setup
	rm -rf $(OUT)/demo
	$(BIN)/techflow sample --store $(OUT)/demo/store --config demo --firms 2000 --seed 7
	$(BIN)/techflow assess --store $(OUT)/demo/store --as-of 2026-06-30 --out $(OUT)/demo/assessment
	@echo "the platform in a browser, with demo people of every role: make serve"

serve: setup
	$(BIN)/techflow serve --db $(OUT)/serve/db --demo $(OUT)/serve/demo --port $(or $(PORT),8000)

real: setup
	rm -rf $(OUT)/china-sme $(OUT)/korea
	$(BIN)/techflow import china-sme $(DATA)/china_sme_invoices --store $(OUT)/china-sme/store
	$(BIN)/techflow assess --store $(OUT)/china-sme/store --as-of 2020-02-29 --out $(OUT)/china-sme/assessment
	$(BIN)/techflow import korea $(DATA)/korea_dart --store $(OUT)/korea/store
	$(BIN)/techflow assess --store $(OUT)/korea/store --as-of 2020-06-30 --out $(OUT)/korea/assessment

# At once: types alone take a minute of one core where nothing is kept from before.
test: setup
	$(MAKE) -j 2 check tests

tests: setup
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not soak"

soak: setup
	$(BIN)/python -m pytest -q -m soak

bench-%: setup
	$(BIN)/python -m bench.$(subst -,_,$*)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup
	$(BIN)/python -m techflow_service.dictionary
	$(BIN)/python -m techflow_service.commands
	$(BIN)/python -m techflow_service.sampling.page
	$(BIN)/python -m techflow_service.policy_pages

LOCKED := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-annotate pyproject.toml --extra simulate --extra ledger --extra platform
lock: setup
	$(LOCKED) --extra train --group dev --output-file requirements.lock
	$(LOCKED) --constraints requirements.lock --output-file deploy/requirements.lock

# An advisory database that does not answer is "not audited", never a pass.
audit: setup
	@$(BIN)/uv tool run pip-audit@2.10.1 --strict --no-deps --disable-pip -r requirements.lock \
	  || { echo "NOT AUDITED, or vulnerable: see the lines above"; exit 1; }

sbom: setup
	mkdir -p $(OUT)
	$(BIN)/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.lock \
	  --pyproject pyproject.toml --output-reproducible --output-format JSON --output-file $(OUT)/sbom.cdx.json

clean:
	rm -rf $(VENV) $(OUT) dist web/node_modules src/techflow_service/report/assets src/techflow_service/platform/assets

setup: $(VENV)/ready

$(VENV)/ready: pyproject.toml requirements.lock hatch_build.py $(wildcard web/*.json web/*.js web/src/* web/src/platform/*)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	touch $@
