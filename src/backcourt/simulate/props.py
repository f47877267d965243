"""Player-prop quotes of a season as flat arrays: who is quoted, by which book, at what line and price, captured when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from backcourt.simulate.market import (
    MARKET_MINUTES,
    MARKETS,
    QUOTED_MINUTES,
    SMALLEST_MEAN,
    Opinion,
    american,
    expectations,
    half_line,
    normal_cdf,
)  # fmt: skip
from backcourt.simulate.season import Season, shifts

if TYPE_CHECKING:
    import numpy as np

# key, title, margin per side, offers alternate lines
BOOKS = (
    ("draftkings", "DraftKings", 0.030, False),
    ("fanduel", "FanDuel", 0.032, False),
    ("betmgm", "BetMGM", 0.034, False),
    ("williamhill_us", "Caesars", 0.032, False),
    ("betrivers", "BetRivers", 0.030, True),
    ("unibet_us", "Unibet", 0.030, True),
)
# Only the first books quote every market; the others quote points.
BOOKS_WITH_ALL_MARKETS = 3
ALTERNATES = (-4.0, -2.0, 2.0, 4.0)
OPINION_NOISE = 0.06
BOOK_NOISE = 0.02
CAPTURE_HOURS = 7.0
IN_PLAY_SHARE = 0.002
LATE_SHARE = 0.25
SCRATCH_SHARE = 0.5


@dataclass(frozen=True)
class MarketErrors:
    """How the market's beliefs differ from the truth.

    `bias` is added to every mean. `mistake` is the spread of what it keeps believing wrongly of each player in a season, as a share of his
    mean. `noise` scales its doubts of the day and the differences between books; at 0 every book knows the means.
    """

    bias: float = 0.0
    mistake: float = 0.0
    noise: float = 1.0


def epoch(moments: list[Any]) -> np.ndarray:
    """Seconds since 1970 of UTC moments without zone."""
    import numpy as np

    return np.array([int(moment.replace(tzinfo=UTC).timestamp()) for moment in moments], dtype=np.int64)


def candidates(season: Season, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Everyone who could be quoted: game, player, expected minutes and the four formula means; late scratches are among them."""
    import numpy as np

    parts: list[tuple[np.ndarray, ...]] = []
    played = {(team, game.day) for game in season.games for team in (game.home, game.away)}
    first = 0
    for games, lineups, _ in season.batches:
        if games[0].game_id[2] != "1":
            mean = expectations(season, lineups, *shifts(season, games, played))
            row, slot = np.nonzero((lineups.expected >= QUOTED_MINUTES) & (lineups.player >= 0))
            parts.append((first + row // 2, lineups.player[row, slot], lineups.expected[row, slot], mean[row, slot]))
        first += len(games)
    game, player, minutes, means = (np.concatenate(column) for column in zip(*parts, strict=True))
    scratched = _scratches(season, rng, game, player)
    usual = {}
    for who in {who for _, who in scratched}:
        mine = player == who
        usual[who] = (minutes[mine].mean(), means[mine].mean(axis=0))
    if scratched:
        game = np.concatenate([game, [number for number, _ in scratched]])
        player = np.concatenate([player, [who for _, who in scratched]])
        minutes = np.concatenate([minutes, [usual[who][0] for _, who in scratched]])
        means = np.concatenate([means, np.array([usual[who][1] for _, who in scratched])])
    order = np.lexsort((player, game))
    return {"game": game[order], "player": player[order], "minutes": minutes[order], "means": means[order]}


def _scratches(season: Season, rng: np.random.Generator, game: np.ndarray, player: np.ndarray) -> list[tuple[int, int]]:
    """Regulars whose absence begins on the day of a game, half of whom are still on offer: their bets are void."""
    number_of = {
        (team, one.day): number for number, one in enumerate(season.games) if one.game_id[2] != "1" for team in (one.home, one.away)
    }
    quoted = set(zip(game.tolist(), player.tolist(), strict=True))
    regulars = {who for _, who in quoted}
    found = []
    for spell in season.availability.spells:
        team = int(season.availability.team_of[spell.player, spell.first_day])
        number = number_of.get((team, spell.first_day))
        if number is not None and spell.player in regulars and rng.random() < SCRATCH_SHARE and (number, spell.player) not in quoted:
            found.append((number, spell.player))
    return found


def quotes(
    season: Season, rng: np.random.Generator, opinion: Opinion, commence: np.ndarray, errors: MarketErrors, share_of_games: float
) -> dict[str, dict[str, np.ndarray]]:
    """Tables `sportsbook`, `closing` (one near-closing combined line) and `dfs`: one row a quote, codes for book and market.

    Columns: game, player, market (index into MARKET_NAMES), book, line, over, under (American), captured (epoch seconds).
    """
    import numpy as np

    people = candidates(season, rng)
    # Of a generator of its own: without mistakes, everything else stays as it was.
    slip = np.exp(errors.mistake * np.random.default_rng(int(season.name[:4])).standard_normal(int(people["player"].max()) + 1))
    kept = np.ones(len(season.games), dtype=bool) if share_of_games >= 1 else rng.random(len(season.games)) < share_of_games
    sportsbook: list[dict[str, np.ndarray]] = []
    closing: list[dict[str, np.ndarray]] = []
    dfs: list[dict[str, np.ndarray]] = []
    hours = np.clip(rng.lognormal(np.log(CAPTURE_HOURS), 0.45, (len(season.games), len(BOOKS))), 1.5, 20)
    for market, (name, columns) in enumerate(MARKETS.items()):
        mean = people["means"][:, columns].sum(axis=1)
        eligible = np.flatnonzero((people["minutes"] >= MARKET_MINUTES[market]) & (mean >= SMALLEST_MEAN[market]))
        game, player = people["game"][eligible], people["player"][eligible]
        spread = np.sqrt(opinion.dispersion[market] * mean[eligible])
        # The truth, and what the market as a whole believes of it.
        doubt = 1 + rng.normal(0, errors.noise * OPINION_NOISE, len(eligible))
        believed = mean[eligible] * opinion.median_ratio[market] * slip[player] * doubt + errors.bias
        for book, (_, _, margin, alternates) in enumerate(BOOKS):
            if name != "player_points" and book >= BOOKS_WITH_ALL_MARKETS:
                continue
            use = np.flatnonzero(kept[game])
            captured = commence[game[use]] - (hours[game[use], book] * 3600).astype(np.int64) - market
            view = believed[use] * (1 + rng.normal(0, errors.noise * BOOK_NOISE, len(use)))
            offsets = (0.0, *ALTERNATES) if alternates else (0.0,)
            for offset in offsets:
                line = half_line(view) + offset
                sportsbook.append(_rows(game[use], player[use], market, book, line, view, spread[use], margin, captured))
            if book < 2 and name == "player_points":
                late = use[rng.random(len(use)) < LATE_SHARE]
                view = believed[late] * (1 + rng.normal(0, errors.noise * BOOK_NOISE, len(late)))
                sportsbook.append(
                    _rows(game[late], player[late], market, book, half_line(view), view, spread[late], margin, commence[game[late]] - 3300)
                )
            live = use[rng.random(len(use)) < IN_PLAY_SHARE]
            view = believed[live] * rng.uniform(0.6, 1.4, len(live))
            captured = commence[game[live]] + rng.integers(60, 5400, len(live))
            sportsbook.append(_rows(game[live], player[live], market, book, half_line(view), view, spread[live], margin, captured))
        if name == "player_points_rebounds_assists":
            for book in range(BOOKS_WITH_ALL_MARKETS):
                view = believed * (1 + rng.normal(0, errors.noise * BOOK_NOISE, len(believed)))
                closing.append(_rows(game, player, market, book, half_line(view), view, spread, BOOKS[book][2], commence[game] - 261))
        if name in ("player_points", "player_rebounds", "player_assists"):
            for book in range(2):
                view = believed * (1 + rng.normal(0, errors.noise * BOOK_NOISE, len(believed)))
                dfs.append(_rows(game, player, market, book, half_line(view), view, spread, 0.0, commence[game]))
    return {"sportsbook": _stack(sportsbook), "closing": _stack(closing), "dfs": _stack(dfs)}


def commence_times(season: Season, rng: np.random.Generator) -> np.ndarray:
    """The start as betting feeds print it, in epoch seconds by game: tip-off + 10 minutes in four of five cases, else + 0 or + 5."""
    import numpy as np

    late = rng.choice((600, 0, 300), p=(0.79, 0.19, 0.02), size=len(season.games))
    return epoch([game.tip_at for game in season.games]) + np.asarray(late, dtype=np.int64)


def _rows(
    game: np.ndarray,
    player: np.ndarray,
    market: int,
    book: int,
    line: np.ndarray,
    view: np.ndarray,
    spread: np.ndarray,
    margin: float,
    captured: np.ndarray,
) -> dict[str, np.ndarray]:
    import numpy as np

    keep = line > 0
    line, view, spread = line[keep], view[keep], spread[keep]
    over = normal_cdf((view - line) / spread)
    count = len(line)
    return {
        "game": game[keep], "player": player[keep], "market": np.full(count, market), "book": np.full(count, book), "line": line,
        "over": american(over, margin), "under": american(1 - over, margin), "captured": captured[keep],
    }  # fmt: skip


def _stack(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    import numpy as np

    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort([columns[name] for name in ("line", "player", "captured", "market", "book", "game")])
    return {name: values[order] for name, values in columns.items()} | {"position": np.arange(len(order))}
