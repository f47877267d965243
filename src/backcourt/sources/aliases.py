"""Spellings of player names that differ from the box score's by more than accents and suffixes."""

from __future__ import annotations

from backcourt.engine.warehouse import Warehouse
from backcourt.field.names import normalise_name

# Feed's spelling: box spelling. Facts of the names, by the kind of difference.
NICKNAMES = {
    "Nicolas Claxton": "Nic Claxton", "Herb Jones": "Herbert Jones", "Moe Wagner": "Moritz Wagner", "Carlton Carrington": "Bub Carrington",
    "Vincent Williams": "Vince Williams", "Ron Holland": "Ronald Holland", "BJ Boston": "Brandon Boston", "Kenyon Martin": "KJ Martin",
    "Mohamed Bamba": "Mo Bamba", "Cameron Thomas": "Cam Thomas", "Cam Johnson": "Cameron Johnson", "Gregory Jackson": "GG Jackson",
    "James Huff": "Jay Huff", "Joshua Giddey": "Josh Giddey",
}  # fmt: skip
SPELLINGS = {
    "Nicholas Batum": "Nicolas Batum", "Bojan Bogdanovich": "Bojan Bogdanovic", "Danilo Galinari": "Danilo Gallinari",
    "Xavier Tillman, Sr.": "Xavier Tillman", "Jalen (2001) Johnson": "Jalen Johnson", "Daniel Theis (IND)": "Daniel Theis",
    "Kyle Lowry (Phi)": "Kyle Lowry", "Gregory Jackson (II)": "GG Jackson",
}  # fmt: skip
FULL_NAMES = {
    "Alfred Joel Horford Reynoso": "Al Horford", "Christian James McCollum": "CJ McCollum", "Obadiah Toppin": "Obi Toppin",
    "Edrice Femi Adebayo": "Bam Adebayo", "Brook Robert Lopez": "Brook Lopez", "Eric Ambrose Gordon Jr.": "Eric Gordon",
    "Kevin Devon Knox II": "Kevin Knox", "Ishmael Larry Smith": "Ish Smith",
}  # fmt: skip
REVERSED = {
    "Murray Dejounte": "Dejounte Murray", "Wembanyama Victor": "Victor Wembanyama", "Grant Jerami": "Jerami Grant",
    "Huerter Kevin": "Kevin Huerter", "Caldwell Pope Kentavious": "Kentavious Caldwell-Pope", "Love Kevin": "Kevin Love",
    "Morris Marcus": "Marcus Morris", "Richardson Josh": "Josh Richardson", "Portis, Bobby": "Bobby Portis",
}  # fmt: skip

SEED = {"nickname": NICKNAMES, "spelling": SPELLINGS, "full_name": FULL_NAMES, "reversed": REVERSED}


def create_aliases(warehouse: Warehouse) -> None:
    """Create the alias table and bring it up to date with the seed; aliases that a project added stay."""
    warehouse.query("create table if not exists raw_player_aliases (name_normalised varchar, box_name_normalised varchar, method varchar)")
    known = set(warehouse.query("select name_normalised, box_name_normalised from raw_player_aliases"))
    fresh = [
        (normalise_name(spelling), normalise_name(name), method)
        for method, names in SEED.items()
        for spelling, name in names.items()
        if (normalise_name(spelling), normalise_name(name)) not in known
    ]
    if fresh:
        warehouse.insert("raw_player_aliases", ("name_normalised", "box_name_normalised", "method"), fresh)
