"""The three shot zones of the analysis and their shrinkage (table specification 2.4 and F9 to F11)."""

from __future__ import annotations

ZONES = ("paint", "mid_range", "three")
"""Every field-goal attempt belongs to exactly one."""

ZONE_POINTS = {"paint": 2, "mid_range": 2, "three": 3}

LEAGUE_PRIOR_ATTEMPTS = 5_000
LEAGUE_LEAST_ATTEMPTS = 1_000
TEAM_PRIOR_ATTEMPTS = {"paint": 1_000, "mid_range": 2_200, "three": 6_700}
PLAYER_PRIOR_ATTEMPTS = {"paint": 80, "mid_range": 180, "three": 350, "ft": 25}
SHARE_PRIOR_GAMES = 12


def counted(zone: str) -> str:
    """A zone's name in columns of attempts and makes; the box counts threes too, so the shots' own count has a name of its own."""
    return "three_zone" if zone == "three" else zone


def league_pct(makes: str, attempts: str, previous_makes: str, previous_attempts: str) -> str:
    """F11 for a percentage: the league's makes / attempts to date, drawn to the previous season's with 5,000 attempts.

    Without a previous season the data to date only, NULL below 1,000 attempts. All arguments are sums and may be NULL.
    """
    return (
        f"case when {previous_attempts} > 0 then (coalesce({makes}, 0) + {float(LEAGUE_PRIOR_ATTEMPTS)}::double"
        f" * ({previous_makes}::double / nullif({previous_attempts}, 0)))"
        f" / nullif(coalesce({attempts}, 0) + {float(LEAGUE_PRIOR_ATTEMPTS)}::double, 0)"
        f" when {attempts} >= {LEAGUE_LEAST_ATTEMPTS} then {makes}::double / nullif({attempts}, 0) end"
    )


def drawn_pct(makes: str, attempts: str, weight: float, league: str) -> str:
    """F9 for a percentage: (makes + weight x league) / (attempts + weight); exactly the league's without an attempt."""
    return (
        f"case when coalesce({attempts}, 0) = 0 then {league}"
        f" else ({makes} + {float(weight)}::double * {league}) / nullif({attempts} + {float(weight)}::double, 0) end"
    )
