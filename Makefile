# make demo: the main job on the embedded replica. make test: everything. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command 'make lock' --upgrade

# Makes a virtual environment of exactly what a lock file names, with uv where it is there.
define install
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo 'Python 3.11 or newer with venv is needed: apt-get install python3-venv' >&2; exit 1; }
	@test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
	@echo "Installing $(2) into $(1)"
	@if command -v uv >/dev/null; \
		then uv pip install --quiet --python $(1)/bin/python --require-hashes -r $(2); \
		else $(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(2); \
	fi
	@touch $@
endef

.PHONY: demo test bench docs lock clean

demo: $(VENV)/runtime.done
	@$(BIN)/scrapy demo

test: $(VENV)/dev.done
	@$(BIN)/python -m pytest

bench: $(VENV)/runtime.done $(VENV)-bench/done $(VENV)-fundus/done
	@$(VENV)-bench/bin/python -m benchmarks $(ARGUMENTS)

docs: $(VENV)/dev.done
	@$(BIN)/python -m crawler.items > docs/article.schema.json

$(VENV)/runtime.done: requirements.lock
	$(call install,$(VENV),$<)

$(VENV)/dev.done: requirements-dev.lock
	$(call install,$(VENV),$<)
	@touch $(VENV)/runtime.done

$(VENV)-bench/done: requirements-bench.lock
	$(call install,$(VENV)-bench,$<)

$(VENV)-fundus/done: requirements-fundus.lock
	$(call install,$(VENV)-fundus,$<)

# Newest versions that fit pyproject.toml. Fundus needs an older lxml, hence a place of its own,
# and calls a function that curl_cffi 0.16 no longer has.
lock:
	$(COMPILE) -o requirements.lock pyproject.toml
	$(COMPILE) --extra browser -o requirements-browser.lock pyproject.toml
	$(COMPILE) --group dev -o requirements-dev.lock pyproject.toml
	$(COMPILE) --group bench -o requirements-bench.lock pyproject.toml
	printf 'fundus\ncurl_cffi<0.16\n' | $(COMPILE) -o requirements-fundus.lock -

clean:
	rm -rf $(VENV) $(VENV)-bench $(VENV)-fundus
