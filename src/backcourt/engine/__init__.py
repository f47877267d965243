"""The engine: knows tables, dates and receipts; knows no basketball."""
