"""What can be said: tables, columns, checks, and the catalog that reads their dependencies from SQL."""
