# A thin cover over scripts/dev.py, which does the same where there is no make.
# `make test ARGS="-k gram"` hands arguments on.

PYTHON ?= python3

.PHONY: help setup demo test check format bench docs clean

help:
	@$(PYTHON) scripts/dev.py --help

setup demo test check format bench docs clean:
	@$(PYTHON) scripts/dev.py $@ $(ARGS)
