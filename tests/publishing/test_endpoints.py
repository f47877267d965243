"""Every endpoint's file is valid, is what its example says, and counts what the ledger holds."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.publishing import validation
from backcourt.publishing.documents import document
from backcourt.publishing.endpoints import endpoints
from backcourt.publishing.generation import Publication
from backcourt.publishing.inspection import published_problems
from backcourt.publishing.reading import Reading
from tests.conftest import ROOT
from tests.publishing.examples import EXAMPLES, example, golden_file, published
from tests.publishing.fortnight import CARD, LAST, NOW, Fortnight, model_hash

ENVELOPE = (
    "schema_version", "generated_at", "as_of", "data_through", "game_date", "season", "status", "reason", "run_id", "model_ids", "kind",
    "simulated", "counts",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fortnight")


@pytest.fixture(scope="module")
def publications(folder: Path) -> tuple[Publication, Publication]:
    return published(folder)


def test_the_markets_own_distribution_is_shown_while_the_blends_target_is_missed() -> None:
    warehouse = Fortnight().store()
    usual, missed = (Reading(warehouse, NOW, frozenset(some)).day(LAST).shown for some in ((), ("T5",)))
    changed = {key for key in usual if usual[key].system != missed[key].system}
    assert {key[2] for key in changed} == {"points"}
    assert {(usual[key].system, missed[key].system) for key in changed} == {("market_blend", "market")}


@pytest.fixture(scope="module")
def files(publications: tuple[Publication, Publication]) -> Publication:
    return publications[0]


def body(files: Publication, name: str) -> dict[str, Any]:
    found = files.read_json(name)
    assert found is not None
    return found


def test_every_endpoint_has_an_example_and_a_schema_of_its_own() -> None:
    assert set(endpoints()) == set(EXAMPLES) - {"pointer"}
    schemas = [endpoint.schema for endpoint in endpoints().values() if endpoint.schema]
    assert len(set(schemas)) == len(schemas)
    assert {*schemas, "common.schema.json", "manifest.schema.json", "pointer.schema.json"} == set(validation.schema_names())


@pytest.mark.parametrize("endpoint", EXAMPLES)
def test_every_file_is_its_example(endpoint: str, publications: tuple[Publication, Publication]) -> None:
    made = example(*publications, EXAMPLES[endpoint])
    assert made == golden_file(endpoint).read_text(encoding="utf-8"), "intended? `python -m tests.publishing.examples`"


@pytest.mark.parametrize("endpoint", [name for name in EXAMPLES if name != "methodology"])
def test_every_schema_refuses_an_extra_field_a_missing_one_and_nan(endpoint: str) -> None:
    schema = "pointer.schema.json" if endpoint == "pointer" else endpoints()[endpoint].schema
    assert schema is not None
    good = json.loads(golden_file(endpoint).read_text(encoding="utf-8"))
    document("example.json", schema, good)
    with pytest.raises(BackcourtError, match="'surprise' was unexpected"):
        document("example.json", schema, {**good, "surprise": 1})
    for field in ENVELOPE:
        with pytest.raises(BackcourtError, match=f"'{field}' is a required property"):
            document("example.json", schema, {name: value for name, value in good.items() if name != field})
    with pytest.raises(BackcourtError, match="is nan, which JSON doesn't have"):
        document("example.json", schema, {**good, "counts": {"files": float("nan")}})


def test_everything_published_is_what_manifests_and_schemas_say(publications: tuple[Publication, Publication], folder: Path) -> None:
    count, problems = published_problems(folder / "out")
    assert problems == []
    assert count == len(publications[0].names()) + len(publications[1].names()) > 90
    broken = folder / "out" / "v1" / "live" / publications[1].manifest().by_name["live/2024-04-05.json"].path  # type: ignore[union-attr]
    kept = broken.read_bytes()
    broken.write_bytes(kept.replace(b'"live"', b'"dead"'))
    assert [problem for problem in published_problems(folder / "out")[1] if "live/2024-04-05.json" in problem]
    broken.write_bytes(kept)


def test_a_slate_lists_every_player_with_every_market(files: Publication) -> None:
    slate = body(files, "predictions/2024-04-05.json")
    assert [player["player_id"] for player in slate["players"]] == [101, 102, 201, 202, 301, 302, 401, 402]
    assert all([row["market"] for row in player["markets"]] == ["points", "rebounds"] for player in slate["players"])
    assert [game["status"] for game in slate["games"]] == ["scheduled", "scheduled", "postponed"]
    brim = slate["players"][0]["markets"][0]
    assert brim["system"] == "market_blend" and brim["best"]["p_over"] + brim["best"]["p_push"] + brim["best"]["p_under"] == pytest.approx(
        1
    )
    assert {row["id"]: row["p_over"] is None for row in brim["systems"]} == {
        "base_l5": True, "ensemble": True, "market": False, "market_blend": False,
    }  # fmt: skip
    assert brim["best"]["fair_over"] == pytest.approx(0.4947, abs=0.001), "1.91 and 1.87 without their margin"
    assert slate["players"][6]["markets"][0]["best"] is None and slate["players"][6]["markets"][0]["action"] == "NO_LINE"
    assert slate["players"][0]["context"]["opp_rank"] == 2, "CHI allows second least"


def test_slugs_are_plain_and_tell_namesakes_apart(files: Publication) -> None:
    slugs = [player["slug"] for player in body(files, "players/index.json")["players"]]
    assert slugs == [
        "abel-ackerley-101", "bram-balogun-102", "cade-crane-201", "cade-crane-402", "dario-dabney-202", "elias-ekholm-301",
        "felix-falkner-302", "goran-greaves-401",
    ]  # fmt: skip


def test_picks_come_best_lower_bound_first_and_lose_nothing(files: Publication) -> None:
    shown = body(files, "picks/2024-04-05.json")
    bounds = [pick["ev_lcb"] for pick in shown["picks"]]
    assert bounds == sorted(bounds, reverse=True) and len(bounds) == 8
    for pick in shown["picks"]:
        assert pick["p_win_lo"] * pick["price"] + _push(files, pick) - 1 == pytest.approx(pick["ev_lcb"])
        assert pick["p_win_lo"] < pick["p_win"] and pick["price_age_s"] == 3600
    ledger = {row["pick_id"] for row in body(files, "ledger/2024-04-05.json")["rows"]}
    assert len(ledger) == sum(shown["counts"].values()) == 16
    assert {pick["pick_id"] for pick in shown["picks"]} < ledger


def _push(files: Publication, pick: dict[str, Any]) -> float:
    (row,) = [row for row in body(files, "ledger/2024-04-05.json")["rows"] if row["pick_id"] == pick["pick_id"]]
    return float(row["p_push"])


def test_results_conserve_what_was_published(files: Publication) -> None:
    day = body(files, "results/2024-04-04.json")
    summary = day["summary"]
    parts = [summary[name] for name in ("won", "lost", "push", "void", "no_action", "ungraded")]
    assert summary["published"] == sum(parts) == len(day["rows"]) == body(files, "ledger/2024-04-04.json")["counts"]["picks"] == 8
    assert summary["published"] == sum(part["published"] for part in day["by_action"])
    staked = [row for row in day["rows"] if row["status"] in ("WON", "LOST", "PUSH")]
    assert summary["units"] == pytest.approx(sum(row["units"] for row in staked))
    assert summary["roi"] == pytest.approx(summary["units"] / len(staked))


def test_final_results_and_ledgers_are_immutable_and_the_open_day_is_not(files: Publication) -> None:
    manifest = files.manifest()
    assert manifest is not None
    assert manifest.by_name["results/2024-04-04.json"].path.startswith("immutable/")
    assert manifest.by_name["ledger/2024-04-05.json"].path.startswith("immutable/")
    assert manifest.by_name["results/2024-04-05.json"].path.startswith("generations/")
    assert body(files, "results/2024-04-05.json")["reason"] == "NOTHING_GRADED"


def test_record_and_calibration_hold_live_picks_only(files: Publication) -> None:
    record, curve = body(files, "record.json"), body(files, "calibration.json")
    assert record["kind"] == curve["kind"] == "LIVE"
    everything = [row for row in record["records"] if row["window"] == "all" and row["market"] == "all"]
    settled = sum(row["n"] + row["void"] + row["ungraded"] for row in everything)
    days = [body(files, f"results/2024-03-{day}.json") for day in range(23, 32)]
    days += [body(files, f"results/2024-04-0{day}.json") for day in range(1, 6)]
    assert body(files, "results/2024-03-22.json")["kind"] == "REPLAY"
    assert settled == sum(row["action"] in ("BET", "LEAN") for day in days for row in day["rows"])
    for row in everything:
        theirs = Counter(r["status"] for day in days for r in day["rows"] if r["action"] == row["action"])
        assert (row["won"], row["lost"], row["void"]) == (theirs["WON"], theirs["LOST"], theirs["VOID"])
        assert row["roi_lo"] < row["roi"] < row["roi_hi"]
        assert (row["note"] is None) == (row["verdict"] != "UNRESOLVED")
    assert sum(part["n"] for part in curve["bins"]) == curve["n"] == sum(part["n"] for part in curve["by_side"]) > 60


def test_boards_put_the_market_first_and_compare_the_same_rows(files: Publication) -> None:
    boards = body(files, "leaderboard.json")["boards"]
    assert {(board["market"], board["kind"]) for board in boards} == {(m, k) for m in ("points", "rebounds") for k in ("LIVE", "REPLAY")}
    for board in boards:
        assert [row["id"] for row in board["systems"]][:2] == ["market", "base_l5"]
        assert {row["n"] for row in board["systems"]} == {board["rows_common"]}
        assert board["systems"][0]["vs_market"] is None and board["systems"][1]["vs_l5"] is None
    live = next(board for board in boards if (board["market"], board["kind"]) == ("points", "LIVE"))
    blend = next(row for row in live["systems"] if row["id"] == "market_blend")
    assert blend["vs_market"]["lo"] <= blend["vs_market"]["est"] <= blend["vs_market"]["hi"]
    assert blend["vs_market"]["est"] == pytest.approx(blend["crps"] - live["systems"][0]["crps"])
    assert [row["logloss"] is None for row in live["systems"]] == [row["id"] not in ("market", "market_blend") for row in live["systems"]]


def test_a_players_accuracy_is_hidden_below_ten_rows(files: Publication) -> None:
    regular, newcomer = body(files, "players/101.json"), body(files, "players/301.json")
    assert regular["markets"][0]["accuracy"]["n"] == 13 and regular["markets"][0]["accuracy"]["mae"] is not None
    assert newcomer["markets"][0]["accuracy"] == {"n": 0, "mae": None, "bias": None, "crps_skill": None, "lo": None, "hi": None}
    assert sum(regular["markets"][0]["pmf"]) == pytest.approx(1, abs=1e-4)
    seen = regular["markets"][0]["last20"]
    assert [row["status"] for row in seen] == ["PLAYED"] * 13 + ["OPEN"] and seen[-1]["actual"] is None
    absent = body(files, "players/102.json")["markets"][0]["last20"]
    assert {row["status"] for row in absent} == {"PLAYED", "DID_NOT_PLAY", "OPEN"}
    assert all(row["actual"] is None for row in absent if row["status"] != "PLAYED")


def test_the_report_card_and_its_verdicts_are_taken_over(files: Publication) -> None:
    card = body(files, "reportcard.json")
    assert card["card"]["snapshot"] == "made-up" and len(card["card_sha256"]) == 64
    verdicts = {(row["market"], row["lead"]): row["verdict"] for row in body(files, "status.json")["verdicts"]}
    assert verdicts[("rebounds", "3h+")] == "NO_EDGE" and verdicts[("points", "<30m")] == "UNRESOLVED" and len(verdicts) == 15


def test_pointers_lead_to_the_newest_date(files: Publication) -> None:
    manifest = files.manifest()
    assert manifest is not None
    for folder in ("predictions", "picks", "ledger", "results"):
        pointer, entry = body(files, f"{folder}/latest.json"), manifest.by_name[f"{folder}/2024-04-05.json"]
        assert (pointer["path"], pointer["sha256"]) == (entry.path, entry.sha256)
        assert (files.root / pointer["path"]).is_file()


def test_a_models_card_is_found_by_the_ledgers_hash(files: Publication) -> None:
    model = body(files, f"models/{model_hash('ensemble')}.json")
    assert model["systems"] == ["ensemble"] and model["kinds"] == ["LIVE", "REPLAY"]
    assert model["card"] == {name: value for name, value in CARD.items() if name != "golden"}


def test_the_documentation_lists_every_endpoint() -> None:
    text = (ROOT / "docs" / "publishing.md").read_text()
    listed = [line for line in text.splitlines() if line.startswith("| `")]
    wanted = [f"| `{one.path}` | {f'`{one.schema}`' if one.schema else 'text'} | {one.cache} |" for one in endpoints().values()]
    assert sorted(listed) == sorted(wanted)
