"""Warehouses: the only folder with a driver, one package each."""
