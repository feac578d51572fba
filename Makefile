# Every way to work on imagekit. `make` lists them; `make demo` and `make test` are the two to know.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup packages demo test test-fast proof lint types check fixtures bench residue docs clean

BIN := .venv/bin
READY := .venv/.ready
PYTEST := $(BIN)/pytest -q
# Two workers on two cores; the tests of one file share an appliance or a booted clone, so a file stays on one worker.
PARALLEL := -n 2 --dist loadfile

# libguestfs and its binding, what builds the test images, what the peers' tools are measured with, and a browser that
# looks at the reports.
PACKAGES := python3 python3-venv python3-guestfs libguestfs-xfs qemu-system-x86 qemu-utils \
            mmdebstrap uidmap debian-archive-keyring e2fsprogs guestfs-tools ca-certificates \
            chromium-headless-shell
# The appliance runs the host's own kernel, so one must be installed and readable, in a container too.
KERNEL = linux-image-$$(dpkg --print-architecture)
# Debian 13's libguestfs configures the appliance's network with this; Debian 12's brings its own.
DHCP := dhcpcd-base

say = printf '\n\033[1m== %s\033[0m\n' '$(1)'

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: packages $(READY)  ## Install what is missing on Debian 12 or 13: packages by apt, libraries into .venv (minutes once, then a blink)

packages:
	@missing=''; \
	has() { [[ $$(dpkg-query -W -f='$${db:Status-Status}' "$$1" 2>/dev/null) == installed ]]; }; \
	for package in $(PACKAGES); do has "$$package" || missing+=" $$package"; done; \
	if [[ $$(. /etc/os-release; echo "$${VERSION_ID:-99}") != 12 ]]; then has $(DHCP) || missing+=' $(DHCP)'; fi; \
	kernel=no; \
	for image in /boot/vmlinuz-*; do [[ -r $$image && -d /lib/modules/$${image#/boot/vmlinuz-} ]] && kernel=yes; done; \
	[[ $$kernel == yes ]] || missing+=" $(KERNEL)"; \
	[[ $$missing ]] || exit 0; \
	root=''; \
	if [[ $$(id -u) != 0 ]]; then \
	    command -v sudo >/dev/null || { echo "make setup: neither root nor sudo; have root run:  apt-get install --no-install-recommends$$missing" >&2; exit 1; }; \
	    root=sudo; \
	fi; \
	$(call say,Installing with apt:)"$$missing"; echo '   (an appliance needs a kernel, qemu and file system tools; some 300 MB of downloads, a few minutes)'; \
	$$root apt-get -q -o DPkg::Lock::Timeout=300 update; \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
	    install --no-install-recommends $$missing

# The first Python of 3.11 or later that can make environments; the binding keeps Debian's own, in a process of its own.
$(READY): pyproject.toml
	@python=''; \
	for each in python3 /usr/bin/python3; do \
	    python=$$($$each -c 'import sys, venv, ensurepip; print(sys.executable) if sys.version_info >= (3, 11) else sys.exit(1)' 2>/dev/null) && break; \
	done; \
	[[ $$python ]] || { echo 'no Python of 3.11 or later with venv; run: make setup' >&2; exit 1; }; \
	$(call say,Python libraries into .venv: a minute or so of downloads); \
	$(BIN)/python -c '' 2>/dev/null || $$python -m venv --clear .venv; \
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'; \
	touch $@

demo: setup  ## Customize a small real Debian image and show plan, receipt and change (10 min without KVM; the image is built once)
	@mkdir -p demo
	@$(call say,A real Debian 12 image: bootstrapped from the mirror and made bootable; two or three minutes the first time)
	@$(BIN)/python fixtures/build_image.py debian-12 --out demo/base.qcow2
	@$(call say,What the spec asks for: fixtures/specs/demo.yaml)
	@cat fixtures/specs/demo.yaml
	@$(call say,imagekit plan --diff: what would change. The appliance boots first: seconds with KVM and a minute by emulation)
	@$(BIN)/imagekit plan --diff demo/base.qcow2 fixtures/specs/demo.yaml
	@$(call say,imagekit customize: the same on an overlay and then published whole)
	@$(BIN)/imagekit customize demo/base.qcow2 fixtures/specs/demo.yaml --force -o demo/web.qcow2
	@$(call say,The receipt: demo/web.qcow2.receipt.json in short)
	@$(BIN)/python fixtures/show_receipt.py demo/web.qcow2.receipt.json
	@$(call say,Once more on the result: nothing is left to change)
	@$(BIN)/imagekit plan --exit-code demo/web.qcow2 fixtures/specs/demo.yaml
	@$(call say,Done: demo/web.qcow2)

test: setup fixtures  ## The whole suite, linters and types included (up to 30 min on two cores without KVM: it launches appliances and boots guests)
	@$(call say,Unit and architecture tests and then real images: appliances take a minute each by emulation and boots two)
	@$(PYTEST) $(PARALLEL) -m 'not proof' --durations=10 tests

test-fast: $(READY)  ## What needs no appliance and no browser: unit, contract on fakes, command line, architecture (a minute)
	@$(PYTEST) $(PARALLEL) -m 'not appliance and not boots and not browser and not proof' tests

proof: setup fixtures  ## The longer proofs: every image booted, long fault runs (an hour or more)
	@$(PYTEST) $(PARALLEL) -m proof --durations=10 tests

lint: $(READY)  ## Style, format and import contracts (seconds)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache

types: $(READY)  ## mypy, strict (half a minute the first time)
	@$(BIN)/mypy

check: lint types test-fast  ## What to run before each commit (two minutes)

fixtures: setup  ## Build the real images that the tests use, once per recipe, into ~/.cache/imagekit-fixtures (3 min each the first time)
	@for image in layouts tools tools-openrc $$(PYTHONPATH=fixtures $(BIN)/python -c 'from recipes import RECIPES; print(*(each.name for each in RECIPES))'); do \
	    $(BIN)/python fixtures/build_image.py "$$image"; \
	done

bench: setup fixtures  ## Ratios against virt-customize and virt-sysprep: ROUNDS=5, ONLY=single,launch, JSON=FILE, README=FILE (an hour by emulation; quiet machine, please)
	@PYTHONPATH=tests:fixtures $(BIN)/python -m benchmarks $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY)) \
	    $(if $(JSON),--json $(JSON)) $(if $(README),--readme $(README))

residue: setup fixtures  ## What stays of planted identities after virt-sysprep and after generalize; README=yes writes the table (6 min by emulation)
	@PYTHONPATH=tests:fixtures $(BIN)/python -m benchmarks.residue $(if $(README),--readme) $(if $(JSON),--json $(JSON))

docs: $(READY)  ## Write the generated reference pages anew (seconds)
	@$(BIN)/python docs/build_reference.py

clean:  ## Remove what the targets made here: .venv, demo, caches; built images stay in ~/.cache/imagekit-fixtures
	@rm -rf .venv demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
