"""What a model reads: rows of the feature store with the manifest that says what each column means and where it comes from."""
