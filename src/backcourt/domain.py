"""The vocabulary of the field: seasons, season types, teams, markets, names. Pure: no input, no output, no clock."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")

SEASON_TYPES = {"1": "preseason", "2": "regular", "3": "all_star", "4": "playoffs", "5": "play_in", "6": "cup_final"}
REAL_SEASON_TYPES = ("regular", "play_in", "playoffs", "cup_final")

COUNTING_STATS = (
    "points", "fg_makes", "fg_attempts", "three_makes", "three_attempts", "ft_makes", "ft_attempts", "offensive_rebounds",
    "defensive_rebounds", "rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls",
)  # fmt: skip

PROP_MARKETS = (
    "points", "rebounds", "assists", "threes", "pra", "points_rebounds", "points_assists", "rebounds_assists",
)  # fmt: skip

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

_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v"}


def game_id(value: str | int) -> str:
    """The NBA's 10-character game id, e.g. `0022300061`, from a feed that may have dropped leading zeros.

    Raises ValueError for anything that is not up to 10 digits with a known season type.
    """
    text = str(value).strip().zfill(10)
    if not re.fullmatch(r"00[1-6]\d{7}", text):
        raise ValueError(f"game id {value!r} is not the NBA's: 10 digits, 00 first, then a season type 1 to 6.")
    return text


def season_of(identifier: str) -> str:
    """The season `2023-24` of a 10-character game id; never from the calendar month."""
    start = int(identifier[3:5])
    return f"20{start:02d}-{(start + 1) % 100:02d}"


def season_type_of(identifier: str) -> str:
    """The season type (`regular`, `playoffs`, ...) of a 10-character game id."""
    return SEASON_TYPES[identifier[2]]


def eastern_date(moment: datetime) -> date:
    """The US-Eastern slate date of a UTC moment (aware, or naive and UTC): a 22:30 ET tip-off belongs to that evening."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(EASTERN).date()


def normalise_name(name: str) -> str:
    """A player's name for comparison: no accents, dots, apostrophes or suffixes; hyphens to spaces; lower case."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = re.sub(r"[.'’`,]", "", plain.replace("-", " ")).lower()
    words = plain.split()
    while len(words) > 2 and words[-1] in _SUFFIXES:
        words.pop()
    return " ".join(words)


def team_names() -> dict[str, int]:
    """Every name under which feeds know a team, lower case (full, nickname, tricode, alternatives) -> team_id."""
    known: dict[str, int] = {}
    for team_id, (tricode, city, nickname, others) in TEAMS.items():
        for name in (f"{city} {nickname}", nickname, tricode, *others):
            known[name.lower()] = team_id
    return known
