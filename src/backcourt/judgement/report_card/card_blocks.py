"""The blocks of a whole card: verdicts and targets first, then markets, prices, leaks and what lies beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backcourt.judgement.monitors import LARGEST_MISSING_RISE, LARGEST_PSI
from backcourt.judgement.report_card.blocks import Block, Heading, Sentence, count, number, percent, signed, spread, table
from backcourt.judgement.report_card.mark import MARK
from backcourt.judgement.report_card.market_blocks import comparisons, market_blocks

SHOWN_DRIFTS = 20


def card_blocks(card: dict[str, Any]) -> Iterator[Block]:
    """Everything that is printed, in order."""
    yield from _opening("Report card", card)
    for market in card["markets"]:
        yield from market_blocks(market, card["calibration"][market["market"]])
    yield from _prices(card["prices"])
    yield from _monitors(card["monitors"], card["drift"])
    yield from _leaks(card["leaks"])
    yield from _conservation(card["conservation"])
    yield Heading(2, "Timings")
    timed = ", ".join(f"{market} {seconds:,.0f} s" for market, seconds in card["timings"].items())
    yield Sentence(f"Backtests that fitted every week: {timed or 'none recorded'}.")


def summary_blocks(card: dict[str, Any]) -> Iterator[Block]:
    """The card in short: what a reader of the documentation needs; one market's comparisons stand for all."""
    yield from _opening("Report card, in short", card)
    for market in card["markets"][:1]:
        yield Heading(2, f"Market: {market['name']}")
        yield from comparisons(market)
    yield from _prices(card["prices"])
    yield from _leaks(card["leaks"], in_short=True)
    yield from _conservation(card["conservation"])


def _opening(title: str, card: dict[str, Any]) -> Iterator[Block]:
    yield Heading(1, title)
    if card["simulated"]:
        yield Sentence(MARK)
    yield Sentence(
        f"Snapshot {', '.join(card['snapshot'])}; code {card['code_hash']}; kind {card['kind']}. Intervals are 95 %, blocks of game dates, "
        f"{card['bootstrap']['draws']:,} draws ({card['bootstrap']['draws_log_loss']:,} for log loss), seed {card['bootstrap']['seed']}."
    )
    opened = ", ".join(f"{test} {n}" for test, n in card["opened_tests"].items()) or "none"
    yield Sentence(f"Attempts recorded: {card['trials']}. Opened tests, attempts that read them: {opened}.")
    yield from _verdicts(card["verdicts"])
    yield from _targets(card["targets"])
    yield from _all_markets(card["all_markets"])


def _verdicts(verdicts: list[dict[str, Any]]) -> Iterator[Block]:
    yield Heading(2, "Verdicts")
    if not verdicts:
        yield Sentence("No market has lines with prices, so there is nothing to judge.")
        return
    yield table(
        (
            "market", "lead", "verdict", "rows", "rows needed", "log loss less market", "less intercept-only market",
            "return of eligible bets",
            "bets", "at the median price", "q", "why not EDGE",
        ),
        [
            (
                v["market"], v["lead_bucket"], v["verdict"], count(v["rows"]), count(v["rows_needed"]),
                spread(v["log_loss_less_market"], 5),
                spread(v["log_loss_less_intercept"], 5), spread(v["roi_taken"], 1, share=True), count(v["roi_taken"]["n"]),
                percent(v["roi_median"]["estimate"]), number(v["q"], 2), "; ".join([*v["because"], *v["unmet"]]),
            )
            for v in verdicts
        ],
    )  # fmt: skip


def _targets(targets: list[dict[str, Any]]) -> Iterator[Block]:
    yield Heading(2, "Targets")
    yield table(
        ("#", "metric", "target", "stretch", "measured", "interval", "status", "verdict, reason, note"),
        [
            (
                t["id"], t["metric"], t["target"], t["stretch"], None if t["measured"] is None else f"{t['measured']:.5g}",
                spread(t["interval"], 4), t["status"], "; ".join(text for text in (t["verdict"], t["reason"], t["note"]) if text) or None,
            )
            for t in targets
        ],
    )  # fmt: skip


def _all_markets(found: dict[str, Any]) -> Iterator[Block]:
    yield Heading(2, f"All markets, {found['population']}")
    if not found["markets"]:
        yield Sentence("No run has these lines.")
        return
    yield table(
        (
            "market", "N", "base_l5 MAE", "ensemble MAE", "line MAE", "ensemble less line", "blend less line", "CRPS ensemble less market",
            "CRPS blend less market", "log loss market", "ensemble less market", "blend less market", "blend less intercept",
        ),
        [
            (
                m["market"], count(m["n"]), number(m["mae_base_l5"]), number(m["mae_ensemble"]), number(m["mae_line"]),
                spread(m["mae_ensemble_less_line"]), spread(m["mae_blend_less_line"]), spread(m["crps_ensemble_less_market"]),
                spread(m["crps_blend_less_market"]), number(m["log_loss_market"], 5), spread(m["log_loss_ensemble_less_market"], 5),
                spread(m["log_loss_blend_less_market"], 5), spread(m["log_loss_blend_less_intercept"], 5),
            )
            for m in found["markets"]
        ],
    )  # fmt: skip
    together = found["together"]
    yield Sentence(
        f"All together, {together['blend']['n']:,} rows: ensemble less market {spread(together['ensemble'], 5)}, blend less market "
        f"{spread(together['blend'], 5)}, blend less intercept-only market {spread(together['blend_less_intercept'], 5)}. "
        "A half-point line is no median of a low count: judge rebounds, assists and threes by CRPS and log loss."
    )


def _prices(found: dict[str, Any]) -> Iterator[Block]:
    yield Heading(2, "Prices")
    even = ", ".join(f"{price} {share:.1%}" for price, share in found["break_even"].items())
    needed = ", ".join(f"{float(truth):.0%}: {n:,}" for truth, n in found["bets_needed"]["truths"].items())
    yield Sentence(
        f"Break-even: {even}. Bets until a true hit rate is told from {found['bets_needed']['break_even']:.1%} with 80 % power: {needed}."
    )
    if not found["tables"]:
        yield Sentence("No run has lines with prices.")
        return
    yield table(
        ("market", "population", "N", "overround", "median price over / under", "best price over / under"),
        [
            (
                t["market"], t["population"], count(t["n"]), percent(t["overround_median"]),
                f"{t['median_over_price_median']:.3f} / {t['median_under_price_median']:.3f}",
                f"{t['best_over_price_median']:.3f} / {t['best_under_price_median']:.3f}",
            )
            for t in found["tables"]
        ],
    )  # fmt: skip
    yield Sentence("Return of one unit a bet; drawdown in units. Value: the blend's expected value at the best price is above 0.")
    names = {"all_overs": "all overs", "all_unders": "all unders", "value": "value", "eligible": "eligible (low end above 0, full data)"}
    yield table(
        ("market", "population", "bets on", "bets", "at the best price", "at the median price", "deepest fall", "q"),
        [
            (
                t["market"], t["population"], name, count(t[key]["bets"]), spread(t[key]["taken"], 1, share=True),
                spread(t[key]["median"], 1, share=True), number(t[key]["drawdown"]["estimate"], 1), number(t[key].get("q"), 2),
            )
            for t in found["tables"]
            for key, name in names.items()
        ],
    )  # fmt: skip
    yield Sentence("The best cell of tier x lead x side among value bets, beside the best cell when results are shuffled 1,000 times:")
    yield table(
        ("market", "population", "cell", "cells", "return", "shuffled median", "shuffled 95 %", "p"),
        [
            (
                t["market"], t["population"], best["cell"], best["cells"], percent(best["roi"]), percent(best["shuffled_median"]),
                percent(best["shuffled_95"]), number(best["p_value"]),
            )
            for t in found["tables"]
            if (best := t["best_cell"])
        ],
    )  # fmt: skip


def _monitors(found: dict[str, Any], drift: dict[str, Any]) -> Iterator[Block]:
    yield Heading(2, "Monitors")
    yield Sentence(
        "CUSUM of daily means over the newest season, in daily spreads of the seasons before; the limit lets through one false alarm a "
        "season. An alarm lowers BET to LEAN."
    )
    yield table(
        ("market", "monitor", "days before", "days", "usual level", "limit", "stands at", "alarms", "alarmed now"),
        [
            (
                market, one["monitor"], one["history_days"], one["days"], signed(one["level"], 4), number(one["limit"], 1),
                number(one["standing"], 1), one["alarms"],
                one["reason"] if one["is_alarmed"] is None else "yes" if one["is_alarmed"] else "no",
            )
            for market, by_market in found.items()
            for one in by_market["watched"]
        ],
    )  # fmt: skip
    moved = drift["moved"]
    yield Sentence(
        f"Features of the last 28 regular days against those days of the two years before: {len(moved)} of {drift['features']} moved "
        f"(stability index above {LARGEST_PSI:g}, or {100 * LARGEST_MISSING_RISE:.0f} points more missing). The most moved:"
    )
    if moved:
        yield table(
            ("feature", "stability index", "missing then", "missing now"),
            [(d["feature"], number(d["psi"], 2), percent(d["missing_then"]), percent(d["missing_now"])) for d in moved[:SHOWN_DRIFTS]],
        )


def _leaks(found: dict[str, Any] | None, in_short: bool = False) -> Iterator[Block]:
    yield Heading(2, "Leak suite")
    if found is None:
        yield Sentence("It wasn't run.")
        return
    yield Sentence(
        f"{'Green' if found['is_green'] else 'NOT GREEN'}: {found['share_found']:.0%} of planted leaks found, "
        f"{found['false_alarms']} false alarms."
    )
    yield table(
        ("planted leak", "guard", "found", "honest twin passes", "seen"),
        [
            (p["name"], p["guard"], "yes" if p["found"] else "NO", "yes" if p["twin_passed"] else "NO", p["sentence"])
            for p in found["planted"]
        ],
    )
    if not in_short:
        yield table(
            ("on", "guard", "passed", "seen"),
            [(f["on"], f["guard"], "yes" if f["passed"] else "NO", f["sentence"]) for f in found["findings"]],
        )
    if found["remade"]:
        yield Sentence("The same quick model on the lined points of S24, with its own game in window means:")
        yield table(
            ("window means with the game", "MAE", "less line", "right at distance >= 1", "caught by", "printed MAE", "printed less line"),
            [
                (
                    r["version"], number(r["mae"]), spread(r["minus_line"]), f"{percent(r['share_right'])} ({r['distant']:,})",
                    ", ".join(r["caught_by"]) or None, number(r["printed_mae"]), signed(r["printed_minus_line"]),
                )
                for r in found["remade"]
            ],
        )  # fmt: skip


def _conservation(found: dict[str, Any] | None) -> Iterator[Block]:
    yield Heading(2, "Conservation")
    if found is None:
        yield Sentence("The ledger holds no graded picks yet.")
        return
    listed = ", ".join(f"{status} {n:,}" for status, n in found["by_status"].items())
    yield Sentence(
        f"{found['published']:,} picks published = {listed}; unaccounted {found['unaccounted']}, repeated grades {found['duplicates']}."
    )
