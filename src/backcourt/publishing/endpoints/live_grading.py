"""live-grading/{date}.json: the picks of a slate while its games are played; provisional until the official box."""

from __future__ import annotations

from typing import Any

from backcourt.field.markets import MARKETS
from backcourt.publishing.day import Day
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import LiveEndpoint
from backcourt.publishing.endpoints.live import live_envelope
from backcourt.publishing.live_states import State, advance, p_win_live, remaining_share
from backcourt.publishing.live_view import LiveView
from backcourt.publishing.rows import Forecast, Pick
from backcourt.sources.live_boxes import SOURCE

WITH_A_STATE = ("BET", "LEAN")
"""PASS and NO_LINE have no live state, nor has a line without a price (DFS)."""
_IN_PLAY = (State.LIVE, State.WON_EARLY, State.LOST_EARLY)


def build(edition: Edition, day: Day, view: LiveView) -> Document:
    """The slate's file; its summary counts final states only."""
    forecasts = {forecast.forecast_id: forecast for forecast in day.forecasts}
    picks = [
        _pick(edition, day, view, pick, forecasts.get(pick.forecast_id))
        for pick in day.published
        if pick.action in WITH_A_STATE and pick.price is not None and pick.side is not None and pick.line is not None
    ]
    states = [State(pick["state"]) for pick in picks]
    summary = {name: states.count(State(f"FINAL_{name.upper()}")) for name in ("won", "lost", "push", "void")}
    summary["open"] = len(states) - sum(summary.values())
    made = live_envelope(edition, day, view, {"picks": len(picks)})
    return document(f"live-grading/{day.game_date}.json", "live_grading.schema.json", {**made, "picks": picks, "summary": summary})


def _pick(edition: Edition, day: Day, view: LiveView, pick: Pick, forecast: Forecast | None) -> dict[str, Any]:
    market, side, line = MARKETS[pick.market], pick.side, pick.line
    assert side is not None and line is not None, "only picks with a line are watched"
    sight = view.sight(day, pick, market.parts, edition.now)
    state = advance(view.previous.get(pick.pick_id), side, line, sight)
    box = view.boxes.get(pick.game_id)
    row = box.rows.get(pick.player_id) if box else None
    chance = None
    if state in _IN_PLAY and box and box.clock_seconds is not None and forecast and forecast.mean is not None and forecast.sd is not None:
        assert sight.value is not None, "a pick in play has a count"
        share = remaining_share(box.period, box.clock_seconds)
        chance = p_win_live(side, line, sight.value, forecast.mean, forecast.sd, share, market.kmax)
    return {
        "pick_id": pick.pick_id,
        "player_id": pick.player_id,
        "game_id": pick.game_id,
        "market": pick.market,
        "side": pick.side,
        "line": pick.line,
        "state": state,
        "value": sight.value,
        "seconds_played": row.seconds_played if row else None,
        "period": box.period if box else None,
        "clock": box.clock if box else None,
        "p_win_live": chance,
        "source": SOURCE if box else None,
        "source_age_s": sight.source_age_s,
    }


endpoint = LiveEndpoint("live-grading/{date}.json", "live_grading.schema.json", "15-30 s", build)
