"""Declarations, one table a file, in a folder for each phase."""
