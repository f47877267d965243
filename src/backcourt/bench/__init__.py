"""The timing table of this machine: every figure is measured in the run that prints it."""

from backcourt.bench.budgets import BenchRow, run_bench

__all__ = ["BenchRow", "run_bench"]
