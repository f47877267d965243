"""Phase 5A: systems that forecast full distributions, the walk-forward that fits them, the market and the blend with it."""
