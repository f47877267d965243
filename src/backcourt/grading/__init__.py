"""Phases 5B and 5C: outcomes and grades; evaluation, verdicts, the report card and what a model must show to be promoted."""
