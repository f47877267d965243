"""The ledger: what was said and what came of it. Rows are only ever added, by one writer, in batches chained by their hashes."""
