"""What verbs tell about a home, as plain data: each function reads a situation and returns rows or sentences."""
