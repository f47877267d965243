"""The systems, one a file: `system = System(...)`; being here is being registered."""
