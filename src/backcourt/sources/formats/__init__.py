"""The feeds, one a file; being in the folder is being registered."""
