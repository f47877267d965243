"""A project home: where its files lie, who may write, what every job left behind."""

from __future__ import annotations

from backcourt.home.home import Home, open_home

__all__ = ["Home", "open_home"]
