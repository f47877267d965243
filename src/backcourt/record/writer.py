"""The one writer of the ledger: rows, their batch and the receipts in one transaction, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from backcourt.engine.build.audit import offended
from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.declare.table import Append
from backcourt.engine.errors import BackcourtError, DamagedError, LockedError, QueryError
from backcourt.engine.judge import checksums, receipts, records
from backcourt.engine.judge.receipts import make_receipt
from backcourt.engine.judge.situation import Situation
from backcourt.engine.warehouse import Warehouse, dates
from backcourt.field import clock
from backcourt.field.seasons import eastern_date
from backcourt.record.chain import GENESIS, SHORT, batch_hash, row_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INCOMING, _READY, _NEW = "incoming", "ledger_ready", "ledger_new"
_CHAIN = ("row_hash", "batch_id")


@dataclass(frozen=True)
class Appended:
    """What an append did: `new` rows were written, `known` ones were there already; `late` LIVE rows were kept as REPLAY.

    `ids` are the rows' ids in the order in which they were given (empty for a table without ids), `kinds` their kinds
    (likewise). `batch_id` is None when nothing was written.
    """

    table: str
    new: int
    known: int
    late: int
    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    batch_id: int | None


@dataclass(frozen=True)
class _Words:
    """What goes into the batch and the receipts beside the rows."""

    run_id: str
    now: datetime
    fingerprint: str
    inputs_hash: str
    anchored: str


def append(
    warehouse: Warehouse,
    situation: Situation,
    table_name: str,
    columns: Mapping[str, Sequence[Any] | NDArray[Any]],
    *,
    run_id: str,
    now: datetime,
    fingerprint: str,
    inputs_hash: str,
    anchored: str = "unanchored",
) -> Appended:
    """Add rows to a table of the ledger; a row whose key is there already is left alone.

    `columns` are sequences or NumPy arrays of one length, all columns but those that the writer sets: the id, the
    time of writing, run_id, row_hash, batch_id, and for picks the kind. `now` is UTC. `fingerprint` (model hash or
    grader version) and `inputs_hash` (snapshot id) stand in the receipts. Raises BackcourtError when a row breaks a
    rule, DamagedError when another program changed the ledger, and LockedError when somebody else appended meanwhile;
    nothing was written then.
    """
    node = situation.catalog[table_name]
    if node.table.append is None:
        raise BackcourtError(f"{table_name} is not a table of the ledger; appended to are {_listed(situation.catalog)}.")
    _refuse_a_damaged_ledger(warehouse, situation.catalog)
    words = _Words(run_id, now, fingerprint, inputs_hash, anchored)
    try:
        for other in situation.catalog.appended:
            define_record(warehouse, other)
        with _staged(warehouse, node, columns), warehouse.transaction():
            return _append(warehouse, situation, node, node.table.append, words)
    except QueryError as error:
        if error.kind == "transient":
            raise LockedError(
                f"Somebody else appended to the ledger at the same time ({error}); nothing was written, run again."
            ) from error
        raise


def _refuse_a_damaged_ledger(warehouse: Warehouse, catalog: Catalog) -> None:
    """So a copy of before the damage holds all that was ever said, and a repair from it loses nothing."""
    names = {node.name for node in catalog.appended}
    damaged = [damage for damage in checksums.found(warehouse) if damage.table in names]
    if damaged:
        raise DamagedError(f"Nothing was written: {damaged[0].sentence}.")


def _listed(catalog: Catalog) -> str:
    return ", ".join(node.name for node in catalog.appended)


def define_record(warehouse: Warehouse, node: Node) -> None:
    """Create a table of the ledger, or add the columns that it lacks. Not to be called inside a transaction."""
    columns = [(column.name, column.type) for column in node.columns]
    # One number, one batch: of two writers that take the same number only one can commit.
    warehouse.extend(node.name, columns, ("batch_id",) if "row_hash" not in node.column_names else ())


@contextmanager
def _staged(warehouse: Warehouse, node: Node, columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> Iterator[None]:
    types = {column.name: column.type for column in node.columns}
    append = node.table.append
    assert append is not None
    own = {*_CHAIN, append.stamped, "run_id", *((node.table.grain[-1],) if append.identity else ())}
    own |= {name for name, sql in append.derived.items() if f"incoming.{name}" not in sql}
    wanted = [name for name in types if name not in own]
    differing = set(columns) ^ set(wanted)
    if differing:
        raise BackcourtError(f"{node.name}: the columns {', '.join(sorted(differing))} are too many or missing; give {', '.join(wanted)}.")
    lists = [_plain(columns[name]) for name in wanted]
    if len({len(values) for values in lists}) > 1:
        raise BackcourtError(f"{node.name}: the columns have different lengths; give one value a row and column.")
    typed = ", ".join(f"cast(null as {types[name]}) as {name}" for name in wanted)
    warehouse.stage(_INCOMING, f"select cast(null as bigint) as place, {typed} from (select 1 as nothing) as no_rows where false")
    try:
        warehouse.insert(_INCOMING, ("place", *wanted), zip(range(len(lists[0])), *lists, strict=True))
        yield
    finally:
        for stage in (_INCOMING, _READY, _NEW):
            warehouse.drop_stage(stage)


def _plain(values: Sequence[Any] | NDArray[Any]) -> list[Any]:
    """A column as plain values; NaN and NaT are NULL."""
    if isinstance(values, Sequence):
        found = list(values)
    elif values.dtype.kind == "M" and values.dtype != "datetime64[D]":
        found = values.astype("datetime64[us]").tolist()
    else:
        found = values.tolist()
    return [None if value != value else value for value in found]


def _append(warehouse: Warehouse, situation: Situation, node: Node, append: Append, words: _Words) -> Appended:
    grain = node.table.grain
    warehouse.stage(_READY, _ready(warehouse, node, append, words))
    _refuse_repeated(warehouse, node)
    same_key = " and ".join(f"kept.{name} = ready.{name}" for name in grain)
    warehouse.stage(
        _NEW,
        f"select ready.*, {row_hash(warehouse, node)} as row_hash from {_READY} as ready "
        f"where not exists (select 1 from {warehouse.physical(node.name)} as kept where {same_key})",
    )
    # The batch has no number yet.
    rows = f"(select *, cast(0 as bigint) as batch_id from {_NEW})"
    for check in offended(warehouse, (*node.table.checks, *node.contract), rows):
        _refuse_offending(warehouse, node, check.name, check.sql.format(rows=rows))
    _refuse_live_by_a_set_clock(warehouse, node)
    hashes = sorted(str(row[0]) for row in warehouse.query(f"select row_hash from {_NEW}"))
    has_kind = "kind" in node.column_names
    told = warehouse.query(
        f"select {f'ready.{grain[-1]}' if append.identity else 'null'}, {'ready.kind' if has_kind else 'null'}, "
        f"{'incoming.kind' if has_kind and 'kind' not in _derived_alone(append) else 'null'} "
        f"from {_READY} as ready join {_INCOMING} as incoming on incoming.place = ready.place order by ready.place"
    )
    batch_id = _write(warehouse, situation, node, words, hashes) if hashes else None
    return Appended(
        node.name,
        len(hashes),
        len(told) - len(hashes),
        sum(given == "LIVE" and kept != given for _, kept, given in told),
        tuple(str(row[0]) for row in told) if append.identity else (),
        tuple(str(row[1]) for row in told) if has_kind else (),
        batch_id,
    )


def _derived_alone(append: Append) -> set[str]:
    return {name for name, sql in append.derived.items() if f"incoming.{name}" not in sql}


def _ready(warehouse: Warehouse, node: Node, append: Append, words: _Words) -> str:
    """SQL of the incoming rows with everything that the writer sets, but for the chain."""
    run_id = words.run_id.replace("'", "''")
    given = {append.stamped: f"timestamp '{words.now}'", "run_id": f"'{run_id}'"}
    given |= {name: sql.format(now=words.now) for name, sql in append.derived.items()}
    types = {column.name: column.type for column in node.columns}
    own = node.table.grain[-1] if append.identity else ""
    names = [name for name in types if name not in _CHAIN]
    inner = ", ".join(f"cast({given.get(name, f'incoming.{name}')} as {types[name]}) as {name}" for name in names if name != own)
    identity = f"left({warehouse.text_hash(append.identity)}, 32)"
    outer = ", ".join(f"{identity} as {name}" if name == own else name for name in names)
    return f"select place, {outer} from (select incoming.place, {inner} from {_INCOMING} as incoming) as derived"


def _refuse_repeated(warehouse: Warehouse, node: Node) -> None:
    grain = ", ".join(node.table.grain)
    repeated = warehouse.query(f"select {grain}, count(*) from {_READY} group by {grain} having count(*) > 1 order by {grain} limit 1")
    if repeated:
        key = ", ".join(map(str, repeated[0][:-1]))
        raise BackcourtError(
            f"{node.name}: {repeated[0][-1]} of the rows have the key {key}; the grain is {grain}. Nothing was written; give each row once."
        )


def _refuse_offending(warehouse: Warehouse, node: Node, check: str, sql: str) -> None:
    rows = warehouse.query(f"select game_date, {node.table.grain[-1]}, count(*) over () from ({sql}) as offending order by 1, 2 limit 1")
    if rows:
        raise BackcourtError(
            f"{node.name}: {rows[0][2]} row(s) break the rule {check}, e.g. {rows[0][1]} of {rows[0][0]}; nothing was written, correct "
            "them."
        )


def _refuse_live_by_a_set_clock(warehouse: Warehouse, node: Node) -> None:
    """A forecast is LIVE when it was made before the game; under a set clock nobody could tell, but in a simulated home."""
    named = clock.given()
    if not named or "kind" not in node.column_names or not warehouse.columns("home"):
        return
    is_real = warehouse.query("select 1 from home where kind = 'real'")
    live = warehouse.query(f"select count(*) from {_NEW} where kind = 'LIVE'")[0][0] if is_real else 0
    if live:
        raise BackcourtError(
            f"{node.name}: {live:,} rows would be LIVE under {named}, and in a real home only the machine's own clock says what is LIVE; "
            f"nothing was written, unset {named.partition('=')[0]}, or replay in a home made with `backcourt init --simulated`."
        )


def _write(warehouse: Warehouse, situation: Situation, node: Node, words: _Words, hashes: list[str]) -> int:
    last = warehouse.query("select batch_id, batch_hash from batches order by batch_id desc limit 1")
    number, previous = (int(last[0][0]), str(last[0][1])) if last else (0, GENESIS)
    names = ", ".join(name for name in node.column_names if name != "batch_id")
    warehouse.query(f"insert into {node.name} ({names}, batch_id) select {names}, {number + 1} from {_NEW} order by place")
    written_on = eastern_date(words.now)
    kinds = {str(row[0]) for row in warehouse.query(f"select distinct kind from {_NEW}")} if "kind" in node.column_names else {"RESULT"}
    batch = {
        "game_date": written_on, "batch_id": number + 1, "previous_hash": previous, "batch_hash": batch_hash(previous, hashes),
        "table_name": node.name, "kind": kinds.pop() if len(kinds) == 1 else "MIXED", "rows": len(hashes),
        "row_hashes": ",".join(digest[:SHORT] for digest in hashes), "anchored": words.anchored, "run_id": words.run_id,
        "created_at": words.now,
    }  # fmt: skip
    warehouse.insert("batches", tuple(batch), [tuple(batch.values())])
    days = [row[0] for row in warehouse.query(f"select distinct game_date from {_NEW} order by 1")]
    _receipts(warehouse, situation, node, days, words)
    _receipts(warehouse, situation, situation.catalog["batches"], [written_on], words)
    return number + 1


def _receipts(warehouse: Warehouse, situation: Situation, node: Node, days: list[date], words: _Words) -> None:
    measured = receipts.measure(warehouse, node, f"game_date in ({dates(days)})")
    hashes = (words.fingerprint, words.inputs_hash, node.policy_hash)
    written = [make_receipt(node.name, day, measured[day], {}, warehouse.hash_kind, hashes, words.run_id, words.now) for day in days]
    records.write(warehouse, node.name, written)
    situation.take_over(node, written, failed=False)
