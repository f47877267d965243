"""Made-up live box scores in the shape of the league's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

GAME = "0022301400"
PLAYERS = {101: (1500, 21, 4, 3, 2), 102: (0, 0, 0, 0, 0), 201: (1490, 9, 8, 1, 0), 202: (1210, 17, 3, 6, 1)}
"""player -> seconds, points, rebounds, assists, threes; as of early in the fourth quarter."""


def box(
    game: str = GAME, *, status: int = 2, period: int = 4, clock: str = "PT09M30.00S", at: str = "2024-04-05 21:30:00",
    players: dict[int, tuple[int, int, int, int, int]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One box; `at` is US Eastern, as in the feed."""
    listed = PLAYERS if players is None else players
    teams = {
        side: {
            "teamId": team,
            "players": [
                {
                    "personId": player, "played": "1" if seconds else "0",
                    "statistics": {
                        "minutes": f"PT{seconds // 60:02d}M{seconds % 60:02d}.00S", "points": points, "reboundsTotal": rebounds,
                        "assists": assists, "threePointersMade": threes,
                    },
                }
                for player, (seconds, points, rebounds, assists, threes) in listed.items() if (player < 200) == (side == "homeTeam")
            ],
        }
        for side, team in (("homeTeam", 1610612752), ("awayTeam", 1610612741))
    }  # fmt: skip
    return {"meta": {"time": at}, "game": {"gameId": game, "gameStatus": status, "period": period, "gameClock": clock, **teams}}


def write(folder: Path, *boxes: dict[str, Any]) -> Path:
    """Boxes as files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, body in enumerate(boxes):
        (folder / f"boxscore_{number}.json").write_text(json.dumps(body))
    return folder
