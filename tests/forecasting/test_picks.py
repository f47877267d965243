"""What is done about a price: the better side, BET only with everything that a bet needs, and the reason that matters most."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="forecasting needs the extra `ml`: pip install 'backcourt[ml]'")

from backcourt.field.pmf import negative_binomial
from backcourt.forecasting.lined import LinedForecast
from backcourt.forecasting.market_lines import Lines
from backcourt.forecasting.picks import make_picks
from backcourt.forecasting.run_folder import Columns

BUCKET = "30m-3h"
MINUTES = 60


def pick(
    over: float = 0.6, low: float = 0.57, high: float = 0.63, lead: float = 40 * MINUTES, cutoff: float = 30 * MINUTES, tier: str = "FULL",
    verdict: str | None = "EDGE", line: float = 20.5, prices: tuple[float, float] = (1.9, 1.9),
) -> Columns:  # fmt: skip
    """One line: P(over | no push) with its bounds, seconds from capture and from cutoff to the lock."""
    columns = {
        "row": np.array([0]), "modal_line": np.array([line]), "best_over_price": np.array([prices[0]]),
        "best_under_price": np.array([prices[1]]), "best_over_book": np.array(["a"], dtype=object),
        "best_under_book": np.array(["b"], dtype=object), "best_over_lead_seconds": np.array([lead]),
        "best_under_lead_seconds": np.array([lead]), "lead_bucket": np.array([BUCKET], dtype=object),
    }  # fmt: skip
    pmf = negative_binomial(np.array([21.0]), np.array([40.0]), 100)
    said = LinedForecast({"market_blend": pmf}, {"market_blend": np.array([over])}, np.array([low]), np.array([high]))
    verdicts = {} if verdict is None else {BUCKET: verdict}
    return make_picks(Lines(columns), said, np.array([tier], dtype=object), np.array([cutoff]), verdicts)


def test_a_bet_has_value_a_fresh_price_full_data_and_a_standing_edge() -> None:
    found = pick()
    assert (found["action"][0], found["reason"][0], found["side"][0], found["book"][0]) == ("BET", "value", "over", "a")
    assert found["ev"][0] == pytest.approx(0.6 * 1.9 - 1) and found["ev_low"][0] == pytest.approx(0.57 * 1.9 - 1)
    assert found["break_even"][0] == pytest.approx(1 / 1.9)


@pytest.mark.parametrize(
    ("changes", "action", "reason"),
    [
        ({"low": 0.5}, "PASS", "no_value"),
        ({"lead": 60 * MINUTES}, "BET", "value"),
        ({"lead": 60 * MINUTES + 1}, "LEAN", "price_too_old"),
        ({"tier": "PARTIAL"}, "LEAN", "data_not_full"),
        ({"tier": "PARTIAL", "lead": 90 * MINUTES}, "LEAN", "data_not_full"),
        ({"verdict": None}, "LEAN", "no_standing_edge"),
        ({"verdict": "EDGE(backtest)"}, "LEAN", "no_standing_edge"),
        ({"verdict": "EDGE(alarm)"}, "LEAN", "no_standing_edge"),
        ({"verdict": "UNRESOLVED", "tier": "MIN", "lead": 90 * MINUTES}, "LEAN", "no_standing_edge"),
    ],
)
def test_what_lacks_makes_it_a_lean_and_the_gravest_reason_is_told(changes: dict[str, object], action: str, reason: str) -> None:
    found = pick(**changes)  # type: ignore[arg-type]
    assert (found["action"][0], found["reason"][0]) == (action, reason)


def test_the_side_of_more_value_is_picked_and_bounded_from_its_own_end() -> None:
    found = pick(over=0.4, low=0.36, high=0.44, prices=(2.2, 1.95))
    assert (found["side"][0], found["book"][0]) == ("under", "b")
    assert found["p_win"][0] == pytest.approx(0.6) and found["ev_low"][0] == pytest.approx(0.56 * 1.95 - 1)


def test_a_push_returns_the_stake() -> None:
    found = pick(line=21.0)
    push = found["p_push"][0]
    assert 0.04 < push < 0.09
    assert found["p_win"][0] == pytest.approx(0.6 * (1 - push))
    assert found["ev"][0] == pytest.approx(0.6 * (1 - push) * 1.9 + push - 1)
