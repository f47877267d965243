"""What the documentation shows works: every command exists, and the README's Python runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from backcourt.cli.main import app
from tests.conftest import ROOT, BuiltHome

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _commands(text: str) -> list[list[str]]:
    found = re.findall(r"(?:^ {4}|`)backcourt ([a-z][^`\n#]*)", text, re.MULTILINE)
    return [command.split() for command in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists(page: Path) -> None:
    verbs = get_command(app).commands  # type: ignore[attr-defined]
    for verb, *rest in _commands(page.read_text()):
        assert verb in verbs, f"{page.name}: backcourt {verb}"
        options = {option for parameter in verbs[verb].params for option in (*parameter.opts, *parameter.secondary_opts)}
        for word in rest:
            if word.startswith("--"):
                assert word.rstrip(",;.") in options, f"{page.name}: backcourt {verb} {word}"


def test_every_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readmes_python_runs(damaged_home: BuiltHome, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    code = code.replace('".demo/home"', repr(str(damaged_home.home.path)))
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert len(names["games"]) == 111750  # type: ignore[arg-type]
