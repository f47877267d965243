"""predictions/{date}.json: every listed player's forecasts, lines and context."""

from __future__ import annotations

from typing import Any

import numpy as np

from backcourt.field.markets import MARKETS
from backcourt.field.odds import power_devig
from backcourt.publishing.day import Day
from backcourt.publishing.distribution import PublishedPmfs
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import SlateEndpoint
from backcourt.publishing.envelope import day_envelope
from backcourt.publishing.names import slug, tricode
from backcourt.publishing.rows import Forecast, Pick, Quote, SlateGame, SlatePlayer
from backcourt.publishing.tiers import Tiers

PRICED_SYSTEMS = ("market", "market_blend")
"""Systems that know the line; a blind system's P(over) on a lined row has a calibration slope near 0.2 and isn't published."""


def build(edition: Edition, day: Day) -> Document:
    """The slate's file, whether or not anything was forecast."""
    body = {**_envelope(edition, day), "games": [_game(game) for game in day.games], "players": _players(edition, day)}
    return document(f"predictions/{day.game_date}.json", "predictions.schema.json", body)


def _envelope(edition: Edition, day: Day) -> dict[str, Any]:
    silent = [player for player in day.players if player.team_id is not None and not _has_forecast(day, player)]
    counts = {
        "games": sum(game.is_to_be_played for game in day.games),
        "players": len({player.player_id for player in day.players} | {f.player_id for f in day.said}),
        "forecasts": sum(forecast.mean is not None for forecast in day.shown.values()),
        "players_without_forecast": len(silent),
    }
    status, reason = "ok", None
    if not any(game.is_to_be_played for game in day.games):
        status, reason = "empty", "NO_GAMES"
    elif not day.said:
        status, reason = "empty", "NO_FORECASTS"
    elif silent:
        status, reason = "degraded", f"{len(silent)} listed players have no forecast"
    seen = [quote.captured_at for quote in day.quotes if quote.captured_at is not None]
    made = day_envelope(edition, day, counts, status=status, reason=reason)
    return {**made, "as_of": max([day.said_at or edition.now, *seen])}


def _has_forecast(day: Day, player: SlatePlayer) -> bool:
    return any((player.game_id, player.player_id, market) in day.shown for market in MARKETS)


def _game(game: SlateGame) -> dict[str, Any]:
    return {
        "game_id": game.game_id,
        "home": tricode(game.home_team_id),
        "away": tricode(game.away_team_id),
        "start_utc": game.tip_at,
        "status": "final" if game.is_final else game.status,
    }


def _players(edition: Edition, day: Day) -> list[dict[str, Any]]:
    quotes: dict[tuple[str, int, str], list[Quote]] = {}
    for quote in day.quotes:
        quotes.setdefault((quote.game_id, quote.player_id, quote.market), []).append(quote)
    tiers = {market: day.tiers(market) for market in MARKETS}
    rows = []
    for player in _listed(edition, day):
        markets = []
        for market in MARKETS:
            key = (player.game_id or "", player.player_id, market)
            if key in day.shown:
                markets.append(_market(edition.distributions, day, key, quotes.get(key, []), tiers[market]))
        shown = [
            day.shown[player.game_id or "", player.player_id, m] for m in MARKETS if (player.game_id, player.player_id, m) in day.shown
        ]
        rows.append(
            {
                "player_id": player.player_id,
                "slug": slug(player.player_id, player.full_name),
                "name": player.full_name,
                "team": tricode(player.team_id),
                "opp": tricode(player.opponent_team_id),
                "home": player.is_home,
                "p_play": shown[0].p_play if shown else None,
                "status_tag": None,
                "markets": markets,
                "context": _context(player),
            }
        )
    return rows


def _listed(edition: Edition, day: Day) -> list[SlatePlayer]:
    """The slate's players, and those who were forecast but whom the slate no longer lists; of these only the name is known."""
    listed = {(player.player_id, player.game_id): player for player in day.players}
    for forecast in day.said:
        key = (forecast.player_id, forecast.game_id)
        if key not in listed:
            unknown: dict[str, float | None] = dict.fromkeys(MARKETS)
            name = edition.people[forecast.player_id].full_name
            listed[key] = SlatePlayer(
                day.game_date,
                forecast.player_id,
                name,
                forecast.game_id,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                unknown,
                unknown,
                unknown,
            )
    return [listed[key] for key in sorted(listed, key=lambda key: (key[0], key[1] or ""))]


def _context(player: SlatePlayer) -> dict[str, Any]:
    return {
        "l5": player.last5,
        "l10": player.last10,
        "season": player.season_means,
        "minutes_l5": player.minutes_mean_last5,
        "rest_days": player.rest_days,
        "b2b": player.is_back_to_back,
        "opp_rank": player.opponent_defense_rank,
    }


def _market(distributions: PublishedPmfs, day: Day, key: tuple[str, int, str], quotes: list[Quote], tiers: Tiers) -> dict[str, Any]:
    shown, pick = day.shown[key], day.standing.get(key)
    line = pick.line if pick else None
    return {
        "market": key[2],
        "system": shown.system,
        "forecast": _forecast(shown, tiers),
        "abstain_reason": shown.abstain_reason,
        "lines": [
            {"book": q.book, "line": q.line, "over": q.over_price, "under": q.under_price, "captured_at": q.captured_at}
            for q in quotes
            if q.is_main
        ],
        "best": _best(pick, quotes) if pick and pick.line is not None else None,
        "action": pick.action if pick else None,
        "reason_code": pick.reason if pick else None,
        "systems": [
            {
                "id": f.system,
                "mean": f.mean,
                "p_over": _p_over(distributions, f, pick, line) if f.system in PRICED_SYSTEMS and line is not None else None,
            }
            for f in sorted(day.systems_of[key], key=lambda f: f.system)
        ],
    }


def _forecast(shown: Forecast, tiers: Tiers) -> dict[str, Any] | None:
    if shown.mean is None:
        return None
    figures = {name: getattr(shown, name) for name in ("mean", "median", "sd", "q10", "q25", "q75", "q90", "n_eff", "data_tier")}
    return {**figures, "tier": tiers.of(shown.mean)}


def _p_over(distributions: PublishedPmfs, forecast: Forecast, pick: Pick | None, line: float) -> float | None:
    # The pick states the blend's own probability, unrounded.
    if pick and pick.forecast_id == forecast.forecast_id:
        return pick.p_over
    return distributions.p_over(forecast, line)


def _best(pick: Pick, quotes: list[Quote]) -> dict[str, Any]:
    own = next((q for q in quotes if (q.book, q.line) == (pick.book, pick.line) and q.over_price and q.under_price), None)
    over = pick.p_over
    fair = float(power_devig(np.array([own.over_price]), np.array([own.under_price]))[0]) if own else None
    return {
        "book": pick.book,
        "line": pick.line,
        "side": pick.side,
        "price": pick.price,
        "p_over": over,
        "p_push": pick.p_push,
        "p_under": None if over is None or pick.p_push is None else max(0.0, 1 - over - pick.p_push),
        "fair_over": fair,
        "ev": pick.ev,
        "ev_lcb": pick.ev_low,
    }


endpoint = SlateEndpoint("predictions/{date}.json", "predictions.schema.json", "300 s", build)
