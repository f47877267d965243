"""docs/features.md, made from the declarations."""

from __future__ import annotations

from backcourt.engine.declare.catalog import Catalog
from backcourt.features.manifest import manifest_of

_HEAD = """# Features

Made from the declarations (`make docs`); don't edit. One row per listed player and game; a feature is a column of `ml_feature_store`.
A value outside its range is NULL with the reason `out_of_range`. *n* is the column that counts the games of the window. *WA*: needs data
that the public archives don't hold; the column is NULL with the reason `no_source` until a source is loaded.

Windows: `last10` = the last 10 appearances (player) or games (team) of the season before the date; `season` = all of them; `last7d` = the
seven days before the date; `ewma8` = weights halved every 8 appearances over this and the previous season; `_shrunk` = drawn to a prior.
No feature reads the date's own results or a quote from after the game's lock.
"""

_COLUMNS = "| feature | meaning | window | unit | range | n | source |\n|---|---|---|---|---|---|---|"


def features_markdown(catalog: Catalog) -> str:
    """The document: a table of features per group, in the store's order."""
    parts = [_HEAD]
    group = ""
    for entry in manifest_of(catalog).entries:
        if entry["group"] != group:
            group = entry["group"]
            parts.append(f"\n## {group} ({entry['market']})\n\n{_COLUMNS}")
        bounds = "" if entry["min"] is None else f"{entry['min']:g} to {entry['max']:g}"
        meaning = entry["definition"].replace("|", "\\|") + (" *WA*" if entry["when_available"] else "")
        source = f"{entry['source']}.{entry['column']}"
        cells = (f"`{entry['name']}`", meaning, entry["window"], entry["unit"], bounds, entry["n"], source)
        parts.append("| " + " | ".join(cells) + " |")
    return "\n".join(parts) + "\n"


def main() -> None:
    """Print the document."""
    from backcourt.tables import declared as declarations

    print(features_markdown(declarations.catalog(None, None)), end="")  # noqa: T201


if __name__ == "__main__":
    main()
