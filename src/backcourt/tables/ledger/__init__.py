"""The ledger's tables: what was said and what came of it. Rows are only ever added."""
