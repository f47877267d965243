"""One file of each kind that a home may hold: officials of games, from the raw file to what is published."""

from __future__ import annotations

from pathlib import Path

FEED = """from backcourt.sources.feed import Feed, Field, Fill, columns

feed = Feed(
    name="officials",
    columns=columns("official", "game", "day"),
    fills=[
        Fill(
            raw="raw_officials",
            group="game_date",
            key=("game_id", "official"),
            fields=[
                Field("game_date", "date", '"day"', required=True),
                Field("game_id", "game_id", '"game"', required=True),
                Field("official", "text", '"official"', required=True),
            ],
        )
    ],
)
"""

RELATION = """from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.sources.current import current, listed

relation = Relation(
    grain=("game_date", "game_id", "official"),
    known=AFTER_GAME,
    sql=current("raw_officials", listed("game_date", "game_id", "official")),
)
"""

TABLE = '''from backcourt.engine.declare.table import AFTER_GAME, Table, keys, same

table = Table(
    phase=3,
    grain=("game_date", "game_id"),
    known=AFTER_GAME,
    expects=keys("select game_date, game_id from schedule where is_real_game"),
    reads={"schedule": same(), "officials": same(optional=True)},
    sql="""
select
    s.game_date::date as game_date,  -- date of the game
    s.game_id::varchar as game_id,  -- game
    count(o.official)::bigint as officials,  -- how many officials are known
from schedule s
left join officials o on o.game_id = s.game_id
where s.is_real_game
group by s.game_date, s.game_id
""",
)
'''

SYSTEM = """import _rates

from backcourt.forecasting.system import Estimate, System


class Level:
    def forecast(self, sample):
        return Estimate(mean=sample.level * _rates.RATE)


def fit(bench):
    return Level()


system = System(fit=fit, layer="plain")
"""

ENDPOINT = """from backcourt.publishing.documents import document
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope


def build(edition):
    body = {"kind": None, "simulated": edition.is_simulated, "officials": 3}
    yield document("officials/all.json", "officials.schema.json", body)


endpoint = GlobalEndpoint("officials/all.json", "officials.schema.json", "1 h", build)
"""

SCHEMA = '{"type": "object", "required": ["officials"], "properties": {"officials": {"type": "integer"}}}'

FILES = {
    "feeds/official_lists.py": FEED,
    "relations/officials.py": RELATION,
    "tables/game_officials.py": TABLE,
    "systems/level.py": SYSTEM,
    "systems/_rates.py": "RATE = 1.0\n",
    "endpoints/officials.py": ENDPOINT,
    "endpoints/officials.schema.json": SCHEMA,
}
"""Path in a home -> text."""


def put(folder: Path, *chosen: str) -> None:
    """Write these files, or all, below a folder."""
    for name in chosen or FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(FILES[name])
