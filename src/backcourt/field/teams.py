"""The league's teams and the names under which feeds know them."""

from __future__ import annotations

# team_id: (tricode, city, nickname, other full names that feeds use)
TEAMS: dict[int, tuple[str, str, str, tuple[str, ...]]] = {
    1610612737: ("ATL", "Atlanta", "Hawks", ()),
    1610612738: ("BOS", "Boston", "Celtics", ()),
    1610612739: ("CLE", "Cleveland", "Cavaliers", ()),
    1610612740: ("NOP", "New Orleans", "Pelicans", ()),
    1610612741: ("CHI", "Chicago", "Bulls", ()),
    1610612742: ("DAL", "Dallas", "Mavericks", ()),
    1610612743: ("DEN", "Denver", "Nuggets", ()),
    1610612744: ("GSW", "Golden State", "Warriors", ()),
    1610612745: ("HOU", "Houston", "Rockets", ()),
    1610612746: ("LAC", "LA", "Clippers", ("Los Angeles Clippers",)),
    1610612747: ("LAL", "Los Angeles", "Lakers", ("LA Lakers",)),
    1610612748: ("MIA", "Miami", "Heat", ()),
    1610612749: ("MIL", "Milwaukee", "Bucks", ()),
    1610612750: ("MIN", "Minnesota", "Timberwolves", ()),
    1610612751: ("BKN", "Brooklyn", "Nets", ()),
    1610612752: ("NYK", "New York", "Knicks", ()),
    1610612753: ("ORL", "Orlando", "Magic", ()),
    1610612754: ("IND", "Indiana", "Pacers", ()),
    1610612755: ("PHI", "Philadelphia", "76ers", ()),
    1610612756: ("PHX", "Phoenix", "Suns", ()),
    1610612757: ("POR", "Portland", "Trail Blazers", ("Blazers",)),
    1610612758: ("SAC", "Sacramento", "Kings", ()),
    1610612759: ("SAS", "San Antonio", "Spurs", ()),
    1610612760: ("OKC", "Oklahoma City", "Thunder", ()),
    1610612761: ("TOR", "Toronto", "Raptors", ()),
    1610612762: ("UTA", "Utah", "Jazz", ()),
    1610612763: ("MEM", "Memphis", "Grizzlies", ()),
    1610612764: ("WAS", "Washington", "Wizards", ()),
    1610612765: ("DET", "Detroit", "Pistons", ()),
    1610612766: ("CHA", "Charlotte", "Hornets", ()),
}


def code(team_id: int) -> str:
    """A team's three letters; its number as text where it isn't one of the 30."""
    return TEAMS[team_id][0] if team_id in TEAMS else str(team_id)


def team_names() -> dict[str, int]:
    """Every name under which feeds know a team, lower case (full, nickname, tricode, alternatives) -> team_id."""
    known: dict[str, int] = {}
    for team_id, (tricode, city, nickname, others) in TEAMS.items():
        for name in (f"{city} {nickname}", nickname, tricode, *others):
            known[name.lower()] = team_id
    return known
