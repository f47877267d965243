"""Where each team plays: arena, city, state, hours behind Eastern time, conference and division (three of five teams in each)."""

from __future__ import annotations

from typing import NamedTuple


class Arena(NamedTuple):
    """One home court; `hours_behind` is the local clock's distance from US Eastern time, `division` 0-2 east and 3-5 west."""

    name: str
    city: str
    state: str
    hours_behind: int
    division: int


ARENAS: dict[str, Arena] = {
    "BOS": Arena("TD Garden", "Boston", "MA", 0, 0),
    "BKN": Arena("Barclays Center", "Brooklyn", "NY", 0, 0),
    "NYK": Arena("Madison Square Garden", "New York", "NY", 0, 0),
    "PHI": Arena("Wells Fargo Center", "Philadelphia", "PA", 0, 0),
    "TOR": Arena("Scotiabank Arena", "Toronto", "ON", 0, 0),
    "CHI": Arena("United Center", "Chicago", "IL", 1, 1),
    "CLE": Arena("Rocket Mortgage FieldHouse", "Cleveland", "OH", 0, 1),
    "DET": Arena("Little Caesars Arena", "Detroit", "MI", 0, 1),
    "IND": Arena("Gainbridge Fieldhouse", "Indianapolis", "IN", 0, 1),
    "MIL": Arena("Fiserv Forum", "Milwaukee", "WI", 1, 1),
    "ATL": Arena("State Farm Arena", "Atlanta", "GA", 0, 2),
    "CHA": Arena("Spectrum Center", "Charlotte", "NC", 0, 2),
    "MIA": Arena("Kaseya Center", "Miami", "FL", 0, 2),
    "ORL": Arena("Kia Center", "Orlando", "FL", 0, 2),
    "WAS": Arena("Capital One Arena", "Washington", "DC", 0, 2),
    "DEN": Arena("Ball Arena", "Denver", "CO", 2, 3),
    "MIN": Arena("Target Center", "Minneapolis", "MN", 1, 3),
    "OKC": Arena("Paycom Center", "Oklahoma City", "OK", 1, 3),
    "POR": Arena("Moda Center", "Portland", "OR", 3, 3),
    "UTA": Arena("Delta Center", "Salt Lake City", "UT", 2, 3),
    "GSW": Arena("Chase Center", "San Francisco", "CA", 3, 4),
    "LAC": Arena("Intuit Dome", "Inglewood", "CA", 3, 4),
    "LAL": Arena("Crypto.com Arena", "Los Angeles", "CA", 3, 4),
    "PHX": Arena("Footprint Center", "Phoenix", "AZ", 2, 4),
    "SAC": Arena("Golden 1 Center", "Sacramento", "CA", 3, 4),
    "DAL": Arena("American Airlines Center", "Dallas", "TX", 1, 5),
    "HOU": Arena("Toyota Center", "Houston", "TX", 1, 5),
    "MEM": Arena("FedExForum", "Memphis", "TN", 1, 5),
    "NOP": Arena("Smoothie King Center", "New Orleans", "LA", 1, 5),
    "SAS": Arena("Frost Bank Center", "San Antonio", "TX", 1, 5),
}

MEXICO_CITY = Arena("Arena CDMX", "Mexico City", "", 1, -1)
LAS_VEGAS = Arena("T-Mobile Arena", "Las Vegas", "NV", 3, -1)
