"""Phase 2: feeds resolved to games and players, one table a file."""
