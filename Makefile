# Every target sets up what it needs. `make demo` and `make test` are the two that matter.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TORCH := torch==2.13.0
TORCH_INDEX := https://download.pytorch.org/whl/cpu
DEMO := build/demo
export MALLOC_MMAP_THRESHOLD_ ?= 1073741824
export MALLOC_TRIM_THRESHOLD_ ?= 1073741824

.PHONY: setup demo test verify-all studies weights costs search publish prove regress mutants coverage bench lint verilog catalog faults pictures clean

setup: $(READY)

# Tools that PyPI does not have. Root installs what is missing; anybody else gets the line to run.
.PHONY: system
system:
	@missing=""; \
	for pair in iverilog:iverilog sta:opensta chromium-headless-shell:chromium-headless-shell \
		g++:g++ perl:perl git:git $(PYTHON):$(PYTHON); do \
		command -v $${pair%%:*} >/dev/null 2>&1 || missing="$$missing $${pair##*:}"; \
	done; \
	$(PYTHON) -c 'import ensurepip' >/dev/null 2>&1 || missing="$$missing $(PYTHON)-venv"; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq $$missing; \
		else echo "missing system packages, run: sudo apt-get install -y$$missing" >&2; exit 2; fi; \
	fi

# The CPU build of torch has 0.2 GB; where PyTorch's own index cannot be reached, pip takes what its index has.
$(READY): pyproject.toml | system
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --retries 0 --timeout 15 \
		--index-url $(TORCH_INDEX) $(TORCH) 2>/dev/null \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check $(TORCH)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev,fpga]'
	@touch $@

test: setup lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal --durations=10

# All checks, an hour or two; killed in the middle it goes on where it was. The result is build/verify-all/verification.json.
verify-all: setup
	PYTHONPATH=tests $(BIN)/python -m everything

# All published tables and figures and our own questions; killed at any moment it goes on where it was. QUICK= is the
# full form: hours, and a day where AlexNet with 23 M parameters is attacked.
QUICK ?= --quick
studies: setup
	@for name in $$($(BIN)/axmac study --list); do echo "== $$name"; \
		$(BIN)/axmac study $$name $(QUICK) --out build/studies || test $$? = 1 || exit; done
	$(BIN)/axmac attack lenet5 --attack deepfool --protocol minimal --margin 1,1.25 --n 20 --out build/studies
	$(BIN)/axmac report build/studies

# The weights that are part of the package, made again: one thread, so that they are the same bits.
weights: setup
	OMP_NUM_THREADS=1 $(BIN)/axmac train lenet5 --data mnist --out model/nn/weights
	OMP_NUM_THREADS=1 $(BIN)/axmac train lenet5_fc3 --data mnist --out model/nn/weights
	OMP_NUM_THREADS=1 $(BIN)/axmac train alexnet_s --data cifar10 --out model/nn/weights

# Area, delay and energy on the cells of AXMAC_LIBERTY; with them and the study of all units, energy against worth.
costs: setup
	nets="--net lenet5 --net alexnet_s"; \
	for units in "--table table7 $$nets" "--table table9 $$nets" "--table arrays $$nets" "--table integers" \
		"--all --against fp32 $$nets"; do $(BIN)/axmac ppa $$units --work build/ppa --out build/costs || exit; done
	for file in build/studies/study-catalog-*.json; do test ! -f $$file || cp $$file build/costs || exit; done
	$(BIN)/axmac report build/costs

# A unit for each layer of LeNet-5 on the cells of AXMAC_LIBERTY: images crafted once, and aimed at every network itself.
SEARCHED := s8_drum_k3 s8_drum_k4 s8_scaletrim_h3_m0 s8_scaletrim_h4_m8 s8_trunc_k7 s8_trunc_k8 s8_trunc_k9 s8_trunc_k10
SEARCH = $(BIN)/axmac search lenet5 --data mnist --units $$(echo $(SEARCHED) | tr ' ' ,) --loss 0 \
	--costs build/search-costs/ppa-*.json --out build/search
search: setup
	$(BIN)/axmac ppa s8_exact $(SEARCHED) --against s8_exact --work build/ppa --out build/search-costs
	$(SEARCH) --n 500 --final 1500 --generations 10 --population 20
	$(SEARCH) --n 300 --final 700 --generations 6 --population 14 --white-box

# The results of verify-all, bench, studies, costs and searches become files in docs and tables in the README.
publish: setup
	PYTHONPATH=tests $(BIN)/python -m everything.publish $(wildcard build/verify-all/verification.json) \
		$(wildcard build/bench/bench.json) $(wildcard build/studies/study-*.json) $(wildcard build/costs/ppa-*.json) \
		$(wildcard build/search/search-*.json)
	test ! -f build/bench/bench.png || cp build/bench/bench.png docs/bench.png
	test ! -f build/costs/pareto.png || cp build/costs/pareto.png docs/pareto.png

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

demo: setup
	@echo "== Verilog and its manifest"
	$(BIN)/axmac emit ax_fpm --out $(DEMO)/verilog
	@echo "== One product, stage by stage"
	$(BIN)/axmac mul ax_fpm 0.856 0.471
	@echo "== Error figures"
	$(BIN)/axmac errors ax_fpm --seed 1 --out $(DEMO)
	@echo "== RTL against the golden model, on two simulators"
	$(BIN)/axmac verify ax_fpm --sim verilator --n 100000 --seed 1 --out $(DEMO)
	$(BIN)/axmac verify ax_fpm --sim icarus --n 2000 --seed 1 --out $(DEMO)
	@echo "== LeNet-5: train once, then the whole test set on exact and approximate arithmetic"
	$(BIN)/axmac train lenet5 --data auto --out $(DEMO)
	$(BIN)/axmac eval lenet5 --data auto --mul ax_fpm --layers conv --layers all --checkpoints $(DEMO) --out $(DEMO)
	@echo "== FGSM crafted on exact arithmetic, tested on approximate arithmetic"
	$(BIN)/axmac attack lenet5 --data auto --mul ax_fpm --layers conv --checkpoints $(DEMO) --out $(DEMO)
	@echo "== All tables"
	$(BIN)/axmac report $(DEMO)

verilog: setup
	$(BIN)/axmac emit --all --out build/verilog

# Every catalog unit for all operands; a unit proven before, for the same Verilog and tools, is not proven again.
prove: setup
	PYTHONPATH=tests $(BIN)/python -m proofs

# All designs on both simulators; JUnit XML and the summary are written to build/regress.
regress: setup
	$(BIN)/axmac regress

# Line, branch and toggle coverage of the emitted Verilog under the bench.
coverage: setup
	$(BIN)/axmac coverage --all --out build/coverage

# Speed beside torch's own float32: JSON and a plot.
bench: setup
	$(BIN)/axmac bench --out build/bench

mutants: setup
	$(BIN)/axmac mutate --all --out build/mutate --table docs/mutants.md

catalog: setup
	$(BIN)/python -m axmac.cli.make_catalog

faults: setup
	$(BIN)/python tests/faults.py

pictures: setup
	$(BIN)/python docs/draw_stream.py

clean:
	rm -rf build
