"""Phase 3: what happened in each game and what is known before the next, one table a file."""
