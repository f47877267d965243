"""What a newcomer gets wrong in a declaration is one sentence that names it, and `doctor` finds what only the warehouse can see."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.forecasting import failing
from backcourt.home import Home
from backcourt.work.reports.unusable import unusable_files
from tests.extensions.examples import TABLE
from tests.home.conftest import built_league, league_home, raw_league  # noqa: F401 - fixtures

_COLUMN = "count(o.official)::bigint as officials,  -- how many officials are known"
_KEYS = 'keys("select game_date, game_id from schedule'
MISTAKES = {
    "a column without a type": (_COLUMN, "count(o.official) as officials  -- how many", "'officials' of the last select isn't listed"),
    "a column without a meaning": (_COLUMN, "count(o.official)::bigint as officials", "'officials' of the last select isn't listed"),
    "an expectation without the game": (_KEYS, _KEYS.replace("game_id", "game_id as game"), "its expectation gives no column 'game_id'"),
    "a column that isn't there": ("count(o.official)", "count(o.referee)", "its query fails"),
    "a check of no column": ('""",\n)', '""",\n    checks=[between("nothing", 0, 1)],\n)', "its check between(nothing, 0, 1) fails"),
    "an expectation that can't be read": ("schedule where is_real_game", "schedule where is_real", "its expectation fails"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_doctor_names_the_mistake(mistake: str, league_home: Home) -> None:  # noqa: F811
    before, after, told = MISTAKES[mistake]
    text = TABLE.replace('"officials": same(optional=True)', '"player_box": same(optional=True)').replace(
        "left join officials o", "left join player_box o"
    )
    text = text.replace("o.official", "o.player_name")
    before, after = before.replace("o.official", "o.player_name"), after.replace("o.official", "o.player_name")
    assert before in text
    if "checks=" in after:
        text = text.replace(
            "from backcourt.engine.declare.table",
            "from backcourt.engine.declare.checks import between\nfrom backcourt.engine.declare.table",
            1,
        )
    (league_home.path / "tables").mkdir()
    file = league_home.path / "tables" / "game_officials.py"
    file.write_text(text)
    assert unusable_files(league_home) == ()
    file.write_text(text.replace(before, after))
    (problem,) = unusable_files(Home(league_home.path))
    assert problem.file == str(file) and told in problem.reason, problem


def test_a_system_that_fails_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "median.py"
    file.write_text("def fit(bench):\n    return bench.rows.game_date\n")
    code = compile(file.read_text(), str(file), "exec")
    names: dict[str, object] = {}
    exec(code, names)
    found = {"median": SimpleNamespace(file=file, is_own=False)}
    monkeypatch.setattr(failing, "loaded_systems", lambda home: SimpleNamespace(found=found))
    told = r"median\.py, line 2: AttributeError: .*game_date.*; correct it\."
    with pytest.raises(BackcourtError, match=told), failing.naming_what_fails(tmp_path):
        names["fit"](SimpleNamespace(rows=object()))  # type: ignore[operator]
    with pytest.raises(ZeroDivisionError), failing.naming_what_fails(tmp_path):
        _ = 1 / 0
