"""Measurements, with peers on the same machine in the same run: `make bench`, results in RESULTS.md."""
