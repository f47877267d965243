"""Phase 4: what earlier games say about tonight, joined into the feature store."""
