# The front door. Only python3 (3.11 or newer) with venv and pip is assumed; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
LOCK := pyproject.toml constraints.txt
STAMP := $(VENV)/ready-$(shell cat $(LOCK) | $(PYTHON) -c "import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest()[:16])")

.DEFAULT_GOAL := help
.PHONY: help env book book-fast pdf screenshots serve test status records check clean

help:
	@echo "make book       run the quick experiments and notebooks, build the book, check it"
	@echo "make book-fast  the same, writing only the pages that changed (for authors)"
	@echo "make pdf        print the whole book to _build/pdf, where there is a Chromium"
	@echo "make screenshots  take the pictures of the README from the built book"
	@echo "make serve      show the built book at http://localhost:8000"
	@echo "make test       run the test suite"
	@echo "make status     say which experiments and artifacts are fresh, stale or missing"
	@echo "make records    run every experiment of the paper profile that is not fresh (hours)"
	@echo "make check      check the built pages, in Chromium too where there is one"
	@echo "make env        only prepare .venv"
	@echo "make clean      remove what was generated; records and .venv stay"

# The stamp's name holds the digest of what was installed, so a changed pin installs again.
$(STAMP): $(LOCK)
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[book,symbolic,test]"
	@rm -f $(VENV)/ready-*
	@touch $@

env: $(STAMP)

book: env
	@$(RUN) parsimony.book.build

book-fast: env
	@$(RUN) parsimony.book.build --fast

screenshots: book
	@$(RUN) parsimony.book.screenshots

pdf: book
	@$(RUN) parsimony.book.pdf

serve: book
	@$(RUN) http.server 8000 --bind 127.0.0.1 --directory _build/html

# Two processes, each with one thread; the tests of a file stay together, since they share what it builds.
test: env
	@OMP_NUM_THREADS=1 $(RUN) pytest -n 2 --dist loadfile

status: env
	@$(RUN) parsimony.cli list

records: env
	@$(RUN) parsimony.cli run "*" --profile paper

check: env
	@$(RUN) parsimony.book.checks --browser

clean:
	rm -rf _build build book/chapters results/artifacts results/values.json results/*/*-quick-seed*.json
