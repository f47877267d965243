"""Finds declarations of every kind, one a file: in the package's own folders, in a home's, and in those of installed libraries.

Being in the folder is being registered; a file whose name begins with `_` is a helper. What fails in the package's
own folders is an error. Any other file that fails is left out, and a problem says why: the rest works without it.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Any, Generic, TypeVar, get_args

from backcourt.engine.declare.mistyped import mistyped
from backcourt.engine.declare.outside import Outside, files_outside, python_files
from backcourt.engine.declare.problem import Problem
from backcourt.engine.errors import DeclarationError

D = TypeVar("D")

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def _by_file(stem: str, declaration: Any) -> str:
    return stem


def _anything(name: str, declaration: Any) -> str:
    return ""


@dataclass(frozen=True)
class Kind(Generic[D]):
    """A kind of declaration: the attribute that holds it, its type (or a union), and where its files lie.

    `folder` is its folder in a home or a library, `packages` are the package's own. `has_helpers`: these also hold
    modules that declare nothing. `name` gives a declaration's name, by default its file's; `refuses` says what speaks
    against a declaration from outside.
    """

    attribute: str
    type: Any
    folder: str
    packages: tuple[str, ...]
    has_helpers: bool = False
    name: Callable[[str, Any], str] = _by_file
    refuses: Callable[[str, Any], str] = _anything

    @property
    def form(self) -> str:
        """How a file declares one."""
        types = get_args(self.type) or (self.type,)
        return f"`{self.attribute} = {' or '.join(f'{one.__name__}(...)' for one in types)}`"


@dataclass(frozen=True)
class Declared(Generic[D]):
    """A declaration, its name and file, whether that is the package's own, and the file's first line (`meaning`)."""

    kind: Kind[D]
    name: str
    declaration: D
    file: Path
    is_own: bool
    meaning: str = ""

    def problem(self, reason: str) -> Problem:
        """What speaks against it, at the line that declares it; `reason` is a clause and the next step."""
        return Problem(str(self.file), _declaring_line(self.file, self.kind.attribute), reason)

    def failed(self, error: BaseException) -> Problem:
        """That it raised when it was used, at the line of its file that did."""
        return Problem(str(self.file), _failing_line(self.file, error), f"{_said(error)}; correct it, or move the file away")


@dataclass(frozen=True)
class Loaded(Generic[D]):
    """All declarations of a kind by name, in the order in which they were found, and a problem for each file that was left out."""

    found: Mapping[str, Declared[D]]
    problems: tuple[Problem, ...] = ()

    @property
    def declarations(self) -> dict[str, D]:
        """Name -> declaration."""
        return {name: one.declaration for name, one in self.found.items()}

    def without(self, problems: Mapping[str, Problem]) -> Loaded[D]:
        """The same without some of them, each for its reason."""
        if not problems:
            return self
        return Loaded({n: one for n, one in self.found.items() if n not in problems}, (*self.problems, *problems.values()))


_kept: dict[tuple[Kind[Any], Path | None], tuple[object, Loaded[Any]]] = {}


def load(kind: Kind[D], home: Path | None = None, taken: Mapping[str, str] | None = None) -> Loaded[D]:
    """All declarations of a kind: the package's own, those of the home's folder, those of installed libraries.

    `taken` are names that mean something already, with what. Files that are unchanged are not run again. Raises
    DeclarationError for a file of the package's own that declares nothing, or what it must not.
    """
    own = _own(kind)
    outside = files_outside(kind.folder, home)
    version = (outside.version, tuple(sorted((taken or {}).items())))
    before = _kept.get((kind, home))
    if before is None or before[0] != version:
        before = _kept[kind, home] = (version, _loaded(kind, own, outside, taken or {}))
    return before[1]


@cache
def _own(kind: Kind[Any]) -> Mapping[str, Declared[Any]]:
    found: dict[str, Declared[Any]] = {}
    for package in kind.packages:
        for folder in importlib.import_module(package).__path__:
            for file in python_files(Path(folder)):
                module = importlib.import_module(f"{package}.{file.stem}")
                declaration = getattr(module, kind.attribute, None)
                if isinstance(declaration, kind.type):
                    name = kind.name(file.stem, declaration)
                    if name in found:
                        raise DeclarationError(f"{name} is declared twice, in {found[name].file} and in {file}; rename one of them.")
                    found[name] = Declared(kind, name, declaration, file, is_own=True, meaning=_meaning(module.__doc__))
                elif not kind.has_helpers:
                    raise DeclarationError(f"{file} doesn't declare {kind.form}; a file in this folder must.")
    return found


def _loaded(kind: Kind[Any], own: Mapping[str, Declared[Any]], outside: Outside, taken: Mapping[str, str]) -> Loaded[Any]:
    found = dict(own)
    problems = list(outside.problems)
    outside.prepare()
    for file, module in outside.files:
        one = _declared(kind, file, module)
        if isinstance(one, Declared) and (where := _place(one.name, found, taken)):
            one = one.problem(f"there is {one.name!r} already ({where}); rename this one")
        if isinstance(one, Problem):
            problems.append(one)
        else:
            found[one.name] = one
    return Loaded(found, tuple(problems))


def _place(name: str, found: Mapping[str, Declared[Any]], taken: Mapping[str, str]) -> str:
    return str(found[name].file) if name in found else taken.get(name, "")


def _declared(kind: Kind[Any], file: Path, module: Callable[[], ModuleType]) -> Declared[Any] | Problem:
    """What one file from outside declares, or why it can't be used."""
    if not _NAME.fullmatch(file.stem):
        return Problem(str(file), None, "a declaration's file is named in small letters, digits and underscores; rename it")
    try:
        members = vars(module())
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever somebody's file raises is told of
        return Problem(str(file), _failing_line(file, error), f"{_said(error)}; correct it, or move the file away")
    if kind.attribute not in members:
        what = "is empty" if _is_empty(file) else "declares nothing"
        return Problem(str(file), None, f"{what}; write {kind.form} in it, or begin the name of a helper with _")
    declaration = members[kind.attribute]
    if not isinstance(declaration, kind.type):
        reason = f"`{kind.attribute}` is of the type {type(declaration).__name__}; write {kind.form}"
        return Problem(str(file), _declaring_line(file, kind.attribute), reason)
    if reason := mistyped(declaration):
        return Problem(str(file), _declaring_line(file, kind.attribute), f"{reason}; correct it")
    meaning = _meaning(members.get("__doc__"))
    one = Declared(kind, kind.name(file.stem, declaration), declaration, file, is_own=False, meaning=meaning)
    reason = kind.refuses(one.name, declaration)
    return one.problem(reason) if reason else one


def _meaning(text: object) -> str:
    """The first line of a module's docstring, without its full stop."""
    return text.strip().partition("\n")[0].rstrip(".") if isinstance(text, str) else ""


def _said(error: BaseException) -> str:
    """An exception as a clause."""
    if isinstance(error, SystemExit):
        return "it ends the program when it is imported (SystemExit)"
    text = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _failing_line(file: Path, error: BaseException) -> int | None:
    """The line of the file that raised, or called what raised; None where no line of it did."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno or None
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == str(file)]
    return lines[-1] if lines else None


def _declaring_line(file: Path, attribute: str) -> int | None:
    """The last line at the margin that gives the attribute its value; None where none does."""
    found = None
    for statement in _statements(file):
        targets: Iterable[ast.AST] = getattr(statement, "targets", None) or [getattr(statement, "target", ast.Pass())]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        names += [alias.asname or alias.name for alias in getattr(statement, "names", []) if isinstance(alias, ast.alias)]
        if attribute in names:
            found = statement.lineno
    return found


def _is_empty(file: Path) -> bool:
    return not _statements(file)


def _statements(file: Path) -> list[ast.stmt]:
    """The statements of a file that could be run."""
    try:
        return ast.parse(file.read_bytes()).body
    except (OSError, ValueError, SyntaxError):
        return []
