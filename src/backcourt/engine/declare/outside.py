"""The files of declarations that lie outside the package: in a home's folders, and in libraries that an entry point names.

An entry point of the group `backcourt`, `mine = "my_library.declarations"`, names a package with the same folders as
a home.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import CodeType, ModuleType

from backcourt.engine.declare.problem import Problem
from backcourt.engine.errors import BackcourtError

GROUP = "backcourt"


@dataclass(frozen=True)
class Outside:
    """The files of a folder's declarations with what imports each, what tells one version of them from another, and unusable folders.

    `prepare` is called before any of them is imported.
    """

    files: tuple[tuple[Path, Callable[[], ModuleType]], ...]
    version: tuple[object, ...]
    problems: tuple[Problem, ...]
    prepare: Callable[[], None]


def python_files(folder: Path) -> list[Path]:
    """The files of a folder that should declare something, sorted. Raises OSError."""
    return sorted(file for file in folder.iterdir() if file.suffix == ".py" and not file.name.startswith(("_", ".")))


def files_outside(name: str, home: Path | None) -> Outside:
    """All files of the folder of this name: the home's first, then those of libraries, by the entry point's name."""
    files: list[tuple[Path, Callable[[], ModuleType]]] = []
    problems: list[Problem] = []
    folders: list[Path] = []
    for folder, package in _folders(name, home, problems):
        try:
            listed = python_files(folder)
        except OSError as error:
            problems.append(Problem(str(folder), None, f"the folder can't be read ({error.strerror}); make it readable"))
            continue
        folders.append(folder)
        for file in listed:
            imports = partial(importlib.import_module, f"{package}.{file.stem}") if package else partial(_run, name, file)
            files.append((file, imports))
    versions = (*(version for folder in folders for version in _versions(folder)), *problems)
    return Outside(tuple(files), versions, tuple(problems), partial(_look_beside, home / name if home else None))


def has_files_outside(name: str, home: Path | None) -> bool:
    """Is there anything of this kind outside the package?"""
    outside = files_outside(name, home)
    return bool(outside.files or outside.problems)


def _folders(name: str, home: Path | None, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    """(folder, package that it is; empty for a home's)."""
    if home is not None and (home / name).is_dir():
        yield home / name, ""
    for point in _points(tuple(sys.path)):
        try:
            parents = _parents(point.value)
        except BackcourtError as error:
            problems.append(Problem(f"the entry point {point.name!r}", None, str(error)))
            continue
        for parent in parents:
            if (parent / name).is_dir():
                yield parent / name, f"{point.value}.{name}"


@cache
def _points(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """The group's entry points, sorted; what is installed is asked once for a search path."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)))


def _parents(package: str) -> list[Path]:
    try:
        spec = importlib.util.find_spec(package)
    except (Exception, SystemExit) as error:
        raise BackcourtError(f"{package!r} can't be imported ({type(error).__name__}: {error}); install its library again") from error
    if spec is None or spec.submodule_search_locations is None:
        raise BackcourtError(f"{package!r} is no installed package with folders such as `tables`; correct or uninstall its library")
    return [Path(place) for place in spec.submodule_search_locations]


def _versions(folder: Path) -> Iterator[tuple[str, int, int]]:
    """What changes with any file of a folder, helpers too."""
    for file in sorted(folder.glob("*.py")):
        try:
            state = file.stat()
        except OSError:
            yield str(file), 0, 0
        else:
            yield str(file), state.st_mtime_ns, state.st_size


class _FromSource(SourceFileLoader):
    """Runs what a file says now: a cache of bytecode can't tell two edits within a second apart."""

    def get_code(self, _fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


class _Beside:
    """Finds what a home's files import from the folder that they lie in; anything that is installed comes before it."""

    def __init__(self) -> None:
        self.folders: list[Path] = []

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        for folder in self.folders if path is None else ():
            file = folder / f"{name}.py"
            if file.is_file():
                return _spec(name, file)
        return None


_beside = _Beside()


def _spec(name: str, file: Path) -> ModuleSpec | None:
    return importlib.util.spec_from_file_location(name, file, loader=_FromSource(name, str(file)))


def _run(kind: str, file: Path) -> ModuleType:
    """A file of a home as a module that can be pickled by reference."""
    name = f"backcourt_home_{kind}_{file.stem}"
    spec = _spec(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _look_beside(folder: Path | None) -> None:
    """Let imports find this folder's helpers before other folders', as they are now."""
    if folder is None or not folder.is_dir():
        return
    if _beside not in sys.meta_path:
        sys.meta_path.append(_beside)
    _beside.folders = [folder, *(other for other in _beside.folders if other != folder)]
    helpers = {file.stem for file in folder.glob("*.py")}
    for name in [name for name, module in sys.modules.items() if name in helpers and isinstance(_loader_of(module), _FromSource)]:
        del sys.modules[name]


def _loader_of(module: ModuleType) -> object:
    return getattr(getattr(module, "__spec__", None), "loader", None)
