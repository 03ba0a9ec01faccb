"""Benchmarks: what the system costs, measured on real processes and a real log, on loopback alone."""
