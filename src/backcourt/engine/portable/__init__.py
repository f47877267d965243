"""The SQL that every warehouse understands: the allow list and what it says of a query."""
