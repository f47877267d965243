"""The ledger's one writer, its chain of hashes, and every reading of it."""
