"""DuckDB: the embedded default."""
