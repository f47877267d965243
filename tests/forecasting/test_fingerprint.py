"""A system's fingerprint changes with what its file and its imports say, and with nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("lightgbm", reason="forecasting needs the extra `ml`: pip install 'backcourt[ml]'")

import backcourt
from backcourt.forecasting import fingerprint as module
from backcourt.forecasting.fingerprint import files_of, fingerprint
from backcourt.forecasting.fits import code_fingerprint
from backcourt.forecasting.system import system_files

PACKAGE = Path(backcourt.__file__).parent
SYSTEMS = PACKAGE / "forecasting" / "systems"
NAMES = sorted(file.stem for file in SYSTEMS.glob("[a-z]*.py"))

# What is loaded when a system is imported, as the interpreter does it.
_LOADED = """
import importlib, json, sys
found = {}
for name in sys.argv[1:]:
    for loaded in [m for m in sys.modules if m.startswith("backcourt")]:
        del sys.modules[loaded]
    importlib.import_module(f"backcourt.forecasting.systems.{name}")
    found[name] = sorted(
        m.__file__ for n, m in sys.modules.items() if n.startswith(("backcourt.forecasting", "backcourt.field")) and m.__file__
    )
print(json.dumps(found))
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what is followed, to edit."""
    for name in ("forecasting", "field"):
        shutil.copytree(PACKAGE / name, tmp_path / "backcourt" / name)
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "backcourt")
    return tmp_path / "backcourt"


def of_all(package: Path) -> dict[str, str]:
    return {name: fingerprint([package / "forecasting" / "systems" / f"{name}.py"]) for name in NAMES}


def test_what_is_followed_is_what_the_interpreter_loads() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED, *NAMES], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout)
    assert {name: sorted(map(str, files_of([SYSTEMS / f"{name}.py"]))) for name in NAMES} == loaded
    assert all(len(files) > 5 for files in loaded.values())


@pytest.mark.parametrize("file", ["field/pmf.py", "forecasting/effects.py", "forecasting/system.py", "forecasting/systems/ridge.py"])
def test_an_edit_reaches_the_systems_that_import_the_file_and_no_other(file: str, package: Path) -> None:
    before = of_all(package)
    reached = {name for name in NAMES if package / file in files_of([package / "forecasting" / "systems" / f"{name}.py"])}
    assert reached
    (package / file).write_text((package / file).read_text() + "\nADDED = 1\n")
    now = of_all(package)
    assert {name for name in NAMES if now[name] != before[name]} == reached


def test_ridge_reaches_the_systems_that_start_from_it(package: Path) -> None:
    ridge = package / "forecasting" / "systems" / "ridge.py"
    assert {name for name in NAMES if ridge in files_of([package / "forecasting" / "systems" / f"{name}.py"])} == {
        "ridge", "gbm_dist", "gbm_point",
    }  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["forecasting/system.py", "forecasting/effects.py", "field/pmf.py"]), data=st.data())
def test_comments_blank_lines_and_docstrings_say_nothing(name: str, data: st.DataObject, package: Path) -> None:
    file = package / name
    shutil.copyfile(PACKAGE / name, file)
    before = fingerprint([file])
    lines = file.read_text().split("\n")
    # A statement begins at the margin: what stands before it lies in no bracket and no text.
    starts = [place for place, line in enumerate(lines) if line.startswith(("def ", "class ", "@")) and not lines[place - 1]]
    place = data.draw(st.sampled_from(starts))
    lines.insert(place, data.draw(st.sampled_from(["# a word", "", "\n# two\n# lines\n", '"""A text that stands alone."""'])))
    text = "\n".join(lines).replace('"""', '"""Said otherwise. ', 1)
    file.write_text(text)
    assert fingerprint([file]) == before
    file.write_text(text + "\nADDED = 1\n")
    assert fingerprint([file]) != before


def test_a_homes_system_is_followed_into_its_own_folder(tmp_path: Path) -> None:
    system, helper, other = (tmp_path / f"{name}.py" for name in ("mine", "_shared", "other"))
    system.write_text("from backcourt.field import pmf\nimport _shared\n\n\ndef late():\n    import other\n")
    helper.write_text("RATE = 1\n")
    other.write_text("RATE = 1\n")
    before = fingerprint([system])
    assert {system, helper, PACKAGE / "field" / "pmf.py"} <= set(files_of([system])) and other not in files_of([system])
    other.write_text("RATE = 2\n")
    assert fingerprint([system]) == before
    helper.write_text("RATE = 2\n")
    assert fingerprint([system]) != before


def test_what_fits_every_system_is_part_of_every_fingerprint(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tuple(package / "forecasting" / name for name in ("fitting.py", "packing.py"))
    monkeypatch.setattr("backcourt.forecasting.fits._SHARED", shared)
    before = code_fingerprint(system_files())
    (package / "forecasting" / "inputs.py").write_text((package / "forecasting" / "inputs.py").read_text() + "\nADDED = 1\n")
    now = code_fingerprint(system_files())
    assert {name for name in now if now[name] != before[name]} == set(now) >= {*NAMES, "p_play"}


def test_a_homes_system_is_known_by_its_own_file_whatever_its_fit_is(tmp_path: Path) -> None:
    folder = tmp_path / "systems"
    folder.mkdir()
    own, helper = folder / "mine.py", folder / "_shared.py"
    own.write_text(
        "from functools import partial\n\nfrom _shared import fitted\nfrom backcourt.forecasting.system import System\n\n"
        "system = System(fit=partial(fitted, rate=1), layer='plain')\n"
    )
    helper.write_text("def fitted(bench, rate):\n    return bench\n")
    assert system_files(tmp_path)["mine"] == own
    before = code_fingerprint(system_files(tmp_path))
    own.write_text(own.read_text().replace("rate=1", "rate=2"))
    edited = code_fingerprint(system_files(tmp_path))
    helper.write_text(helper.read_text() + "\nADDED = 1\n")
    now = code_fingerprint(system_files(tmp_path))
    assert {name for name in now if edited[name] != before[name]} == {name for name in now if now[name] != edited[name]} == {"mine"}
