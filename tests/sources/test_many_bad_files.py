"""Three hundred damaged files a seed: each is named or taken, none is a traceback or hangs, and the good ones beside them are in."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.sources.containers import TEXTS
from tests.sources.rows import event, fantasy, native_shot, player, prop, scheduled, shot, team
from tests.sources.test_repeats import BIOS, MONEYLINE, PRA

pytestmark = pytest.mark.slow

FILES, SECONDS = 300, 240
Rows = list[dict[str, Any]]
SAMPLES: list[Rows] = [
    [player(number) for number in range(20)], [team(1610612738), team(1610612752)], [scheduled()], [shot(), shot(PLAYER_ID=12)],
    [native_shot(number) for number in range(20)], [event()], [prop("Over"), prop("Under")], [fantasy("Over"), fantasy("Under")], [PRA],
    [MONEYLINE], [BIOS],
]  # fmt: skip
ABSURD: list[Any] = [
    None, "", "NaN", float("nan"), float("inf"), "-inf", "1e308", 1e400, 10**30, -(10**9), "9999-12-31", "0001-01-01", "infinity", True,
    "x" * 200_000, "a\nb", "\x1b[2J", "'; drop table raw_loads; --", "é" * 50, "\U0001f3c0", "0x1F", "1,5", "٣", [1], {"a": 1},
]  # fmt: skip
NAMES = ("GAME_ID=1", "a*b", "[x]", "it's", '"', "two\nlines", "?", " ", "%s", "{x}", "é")


def odd_value(rows: Rows, chance: random.Random) -> Rows:
    changed = [dict(row) for row in rows]
    for _ in range(chance.randint(1, 4)):
        row = chance.choice(changed)
        row[chance.choice(list(row))] = chance.choice(ABSURD)
    return changed


def without_a_column(rows: Rows, chance: random.Random) -> Rows:
    name = chance.choice(list(rows[0]))
    return [{key: value for key, value in row.items() if key != name} for row in rows]


def renamed(rows: Rows, chance: random.Random) -> Rows:
    name = chance.choice(list(rows[0]))
    new = chance.choice(["", "x y", 'a"b', "file_row", name.lower() + " ", "select"])
    return [{new if key == name else key: value for key, value in row.items()} for row in rows]


def retyped(rows: Rows, chance: random.Random) -> Rows:
    name = chance.choice(list(rows[0]))
    return [row | {name: chance.choice([[row[name]], {"x": row[name]}, str(row[name]), None])} for row in rows]


def the_same(rows: Rows, chance: random.Random) -> Rows:
    return rows


CHANGES: tuple[Callable[[Rows, random.Random], Rows], ...] = (odd_value, odd_value, without_a_column, renamed, retyped, the_same)


def cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def flipped(body: bytes, chance: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randint(1, 20)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def latin(body: bytes, chance: random.Random) -> bytes:
    return body[: len(body) // 2] + "é".encode("latin-1") + body[len(body) // 2 :]


def wide(body: bytes, chance: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode("utf-16")


def as_it_is(body: bytes, chance: random.Random) -> bytes:
    return body


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (cut, flipped, latin, wide, as_it_is, as_it_is, as_it_is)

DEEP = (b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b'{"boxScoreTraditional": ' + b"[" * 5000 + b"]" * 5000 + b"}")
SHAPES = (
    b"null", b"1", b'"x"', b"[]", b"{}", b"[null]", b"[[]]", b'{"resultSets": []}', b'{"resultSets": [null]}', b'{"resultSet": 3}',
    b'{"resultSets": [{"headers": null, "rowSet": [[1]]}]}', b'{"headers": ["a"], "rowSet": [[1, 2]]}', b'{"data": null, "timestamp": 1}',
    b'{"data": [{"bookmakers": [{"markets": 3}]}], "timestamp": 1}', b'{"leagueSchedule": {"gameDates": [{}]}}',
    b'{"boxScoreTraditional": {"gameId": 1, "homeTeam": null}}', b"1" * 5000, b'["\\ud800"]', b'[{"a": "\\u0000"}]',
    b"<html></html>", b"\n\n",
)  # fmt: skip


def typed(rows: Rows, target: Path) -> None:
    import pandas

    frame = pandas.DataFrame(rows)
    try:
        frame.to_parquet(target)
    except Exception:  # noqa: BLE001 - whatever pandas can't write as it is, it can as text
        frame.astype(str).to_parquet(target)


def one(folder: Path, number: int, chance: random.Random) -> None:
    """A damaged file of a number, in a folder whose name is odd as well."""
    place = folder / f"{chance.choice(NAMES)}{number}"
    place.mkdir()
    kind = chance.randrange(12)
    rows = chance.choice(CHANGES)(chance.choice(SAMPLES), chance)
    stem = f"{chance.choice(NAMES)}{number}"
    if kind == 0:
        (place / f"{stem}.json").write_bytes(chance.choice(DEEP + SHAPES))
    elif kind == 1:
        special(place / f"{stem}.csv", chance)
    elif kind in (2, 3, 4):
        typed(rows, place / f"{stem}.parquet")
        (place / f"{stem}.parquet").write_bytes(chance.choice(DAMAGES)((place / f"{stem}.parquet").read_bytes(), chance))
    else:
        ending = chance.choice([".csv", ".tsv", ".json", ".jsonl", ".csv.gz", ".zip", ".xlsx", ".bz2"])
        body = chance.choice(DAMAGES)(TEXTS.get(ending.removesuffix(".gz"), TEXTS[".csv"])(rows), chance)
        target = place / f"{stem}{ending}"
        packed = gzip.compress(body) if ending.endswith(".gz") else body
        target.write_bytes(chance.choice((*DAMAGES[-3:], cut))(packed, chance))
        if ending == ".zip":
            with zipfile.ZipFile(target, "w") as archive:
                archive.writestr(f"{stem}.csv", body)


def special(path: Path, chance: random.Random) -> None:
    match chance.randrange(5):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to("nowhere")
        case 2:
            path.symlink_to("/dev/zero")
        case 3:
            path.mkdir()
        case 4:
            path.symlink_to(path.name)


INGEST = """
import json, sys
from pathlib import Path
from tests.sources.rows import load, warehouse
connection = warehouse()
report = load(connection, Path(sys.argv[1]))
raws = [name for (name,) in connection.execute("select table_name from duckdb_tables() where table_name like 'raw_%'").fetchall()]
told = [[file.file, file.refused, file.skipped, file.sentences, file.notes, file.rows_in, file.rejected] for file in report.files]
good = connection.execute("select count(*) from raw_player_box where player_id = 777777").fetchall()[0][0]
worst = connection.execute(
    "select max(points), max(minutes), min(assists), max(abs(plus_minus)), max(length(player_name)) from raw_player_box"
).fetchall()[0]
quotes = connection.execute("select max(line), max(abs(over_price)), max(captured_at)::varchar from raw_prop_quotes").fetchall()[0]
days = connection.execute("select min(game_date)::varchar, max(game_date)::varchar from raw_schedule").fetchall()[0]
print(json.dumps({"told": told, "good": good, "worst": worst, "quotes": quotes, "days": days}))
"""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_bad_file_is_named_or_taken_and_the_good_ones_are_in(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "bad"
    folder.mkdir()
    for number in range(FILES):
        one(folder, number, chance)
    (folder / "zz_good.csv").write_bytes(TEXTS[".csv"]([player(777777, game_id="0022301230")]))
    # A hang ends as the time limit of a process of its own.
    done = subprocess.run(
        [sys.executable, "-c", INGEST, str(folder)], capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["good"] == 1
    everything = [path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]
    assert len(found["told"]) >= len(everything) > FILES * 0.9
    for name, refused, skipped, sentences, notes, rows, rejected in found["told"]:
        assert refused or skipped or rows, name
        assert len(sentences) <= 21 and bool(rejected) == bool(sentences), name
        for sentence in filter(None, [refused, skipped, *sentences, *notes]):
            assert "\n" not in sentence and "\x1b" not in sentence and sentence.endswith(".") and len(sentence) < 1500, sentence
            for word in (
                "Traceback",
                "NoneType",
                "object has no",
                "KeyError",
                "TypeError",
                "not subscriptable",
                "Expecting ",
                "Binder Error",
                "TProtocol",
            ):
                assert word not in sentence, sentence
    most = dict(zip(("points", "minutes", "assists", "plus_minus", "name"), found["worst"], strict=True))
    assert most["points"] <= 200 and most["minutes"] <= 100 and most["assists"] >= 0 and most["plus_minus"] <= 200 and most["name"] <= 2000
    assert found["quotes"][0] <= 200 and found["quotes"][1] <= 100_000 and found["quotes"][2] < "2026-01-01 02"
    assert "2023-08-01" <= found["days"][0] <= found["days"][1] <= "2024-11-30"
