# The first run of a target sets up what it needs, later ones only what has changed since.
SHELL := bash

# A ROS 2 that is sourced and works, or nothing: then ROS 2 comes from wheels.
export ROS_DISTRO := $(if $(ROS_DISTRO),$(shell python3 -c 'import rclpy' 2>/dev/null && echo $(ROS_DISTRO)))

kind := $(or $(ROS_DISTRO),wheels)
library := .venv/library-$(kind)
built := .venv/built-$(kind)
compiled := .venv/compiled-$(kind)
scoring := .venv/scoring-$(kind)
python := source .venv/local_setup.bash && .venv/bin/python

.PHONY: demo test lint bench soak clean

## Play the sample conversation through the nodes and watch it; DEMO_ARGS="..." goes to scripts/demo
demo: $(built)
	@$(python) scripts/demo $(DEMO_ARGS)

## Run the tests; TEST_ARGS="..." goes to pytest
test: $(built) $(compiled)
	@$(python) -m pytest $(TEST_ARGS)

## Check style, types and package.xml
lint: $(library)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python -c 'from catkin_pkg.package import parse_package; parse_package(".").validate()'

## Measure speed and accuracy; BENCH_ARGS="latency whole_file --data DIR" measures these parts on recordings of yours
bench: $(built) $(compiled) $(scoring)
	@$(python) bench/run.py $(BENCH_ARGS)

## Inject faults for as long as that takes; SOAK_ARGS="kills --rounds N" runs these parts, so often
soak: $(built)
	@$(python) -m soak.run $(SOAK_ARGS)

## Remove everything that make has made
clean:
	rm -rf .venv .build demo_output *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(library): pyproject.toml requirements/weights.txt scripts/setup
	@scripts/setup library
	@touch $@

# Apart from the library: the demonstration and the linters need no sound and do not wait for a compiler.
$(compiled): $(library)
	@scripts/setup extra
	@touch $@

$(scoring): $(library)
	@echo "Installing what scores the results into .venv"
	@.venv/bin/python -m pip install --quiet -e '.[bench]'
	@touch $@

$(built): $(library) package.xml CMakeLists.txt $(wildcard cmake/* msg/* srv/* requirements/*) scripts/build
	@scripts/setup ros
	@touch $@
