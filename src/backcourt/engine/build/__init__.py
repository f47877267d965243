"""What changes it: plans, chunks, their audit, runs, and receipts of what was loaded."""
