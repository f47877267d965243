"""Names in published files: players' slugs and teams' tricodes."""

from __future__ import annotations

from backcourt.field.names import normalise_name
from backcourt.field.teams import TEAMS


def slug(player_id: int, name: str | None) -> str:
    """A player's name for an address, e.g. `jalen-brunson-1628973`.

    The number makes it unique and keeps it so when a namesake appears later; whoever is given an old spelling finds
    the player by it.
    """
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in normalise_name(name or "")).split()
    return "-".join([*words, str(player_id)])


def tricode(team_id: int | None) -> str | None:
    """`NYK` for 1610612752; None for no team or one outside the league."""
    return TEAMS[team_id][0] if team_id in TEAMS else None
