"""Phase 4: point-in-time features, one table a file."""
