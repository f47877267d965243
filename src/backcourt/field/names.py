"""Names of players, for comparison."""

from __future__ import annotations

import re
import unicodedata

_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v"}


def normalise_name(name: str) -> str:
    """A player's name for comparison: no accents, dots, apostrophes or suffixes; hyphens to spaces; lower case."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = re.sub(r"[.'’`,]", "", plain.replace("-", " ")).lower()
    words = plain.split()
    while len(words) > 2 and words[-1] in _SUFFIXES:
        words.pop()
    return " ".join(words)
