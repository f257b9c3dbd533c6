# make demo: the main job on the embedded replica. make test: everything. Both set up what they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command 'make lock' --upgrade

# The folder and the lock file of an environment; its target is touched when it is complete.
define install
	@PYTHON='$(PYTHON)' .ci/environment $(1) $(2)
	@touch $@
endef

.PHONY: demo test chaos fuzz bench audit docs lock clean

demo: $(VENV)/runtime.done
	@$(BIN)/python -m scrapy demo

# A file's tests stay together, since some share what takes a minute to play.
test: $(VENV)/dev.done
	@.ci/browser
	@.ci/package systemd systemd-analyze systemd-analyze --version
	@.ci/postgresql
	@.ci/package ruby 'Ruby with its library rss' ruby -rrss -e ''
	@.ci/promtool $(BIN)
	@$(BIN)/python -m pytest -n auto --dist loadfile

# Kills a crawl of 500 articles at 100 moments; some six minutes.
chaos: $(VENV)/dev.done
	@$(BIN)/python -m tests.chaos $(ARGUMENTS)

# Looks for input that breaks a promise, for so many seconds; what it finds the tests replay.
SECONDS ?= 60
fuzz: $(VENV)-fuzz/done
	@$(VENV)-fuzz/bin/python -m tests.fuzz $(SECONDS)

bench: $(VENV)/runtime.done $(VENV)-bench/done $(VENV)-fundus/done
	@$(VENV)-bench/bin/python -m benchmarks $(ARGUMENTS)

# Asks a database on the internet about every pinned package; OSV_URL names another one.
audit: $(VENV)-audit/done
	@.ci/audit $(VENV)-audit/bin/pip-audit requirements*.lock

docs: $(VENV)/dev.done
	@$(BIN)/python -m crawler.items > docs/article.schema.json
	@$(BIN)/python -m crawler.report.schema > docs/run-report.schema.json

$(VENV)/runtime.done: requirements.lock
	$(call install,$(VENV),$<)

$(VENV)/dev.done: requirements-dev.lock
	$(call install,$(VENV),$<)
	@touch $(VENV)/runtime.done

$(VENV)-bench/done: requirements-bench.lock
	$(call install,$(VENV)-bench,$<)

$(VENV)-audit/done: requirements-audit.lock
	$(call install,$(VENV)-audit,$<)
$(VENV)-fuzz/done: requirements-fuzz.lock
	$(call install,$(VENV)-fuzz,$<)

$(VENV)-fundus/done: requirements-fundus.lock
	$(call install,$(VENV)-fundus,$<)

# Newest versions that fit pyproject.toml. Fundus needs an older lxml, hence a place of its own,
# and calls a function that curl_cffi 0.16 no longer has.
lock:
	$(COMPILE) -o requirements.lock pyproject.toml
	$(COMPILE) --extra alarms -o requirements-alarms.lock pyproject.toml
	$(COMPILE) --extra archive -o requirements-archive.lock pyproject.toml
	$(COMPILE) --extra browser -o requirements-browser.lock pyproject.toml
	$(COMPILE) --extra export -o requirements-export.lock pyproject.toml
	$(COMPILE) --extra fleet -o requirements-fleet.lock pyproject.toml
	$(COMPILE) --extra report -o requirements-report.lock pyproject.toml
	$(COMPILE) --extra s3 -o requirements-s3.lock pyproject.toml
	$(COMPILE) --extra watch -o requirements-watch.lock pyproject.toml
	$(COMPILE) --extra alarms --extra archive --extra browser --extra export --extra fleet --extra report --extra s3 --extra watch --group dev -o requirements-dev.lock pyproject.toml
	$(COMPILE) --group bench -o requirements-bench.lock pyproject.toml
	$(COMPILE) --group audit -o requirements-audit.lock
	$(COMPILE) --group fuzz -o requirements-fuzz.lock pyproject.toml
	printf 'fundus\ncurl_cffi<0.16\n' | $(COMPILE) -o requirements-fundus.lock -

clean:
	rm -rf $(VENV) $(VENV)-bench $(VENV)-audit $(VENV)-fundus $(VENV)-fuzz
