"""GoogleSQL's own analyser (the PyPI package `zetasql`) over a catalog of ours: would BigQuery accept a statement?

It knows names, types and rules, and no rows. The emulators run another engine underneath and accept what BigQuery refuses.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from backcourt.engine.portable.rules import statement_violations, to_bigquery

_TYPES = {
    "BIGINT": "INT64", "INTEGER": "INT64", "HUGEINT": "BIGNUMERIC", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOL", "VARCHAR": "STRING",
    "TEXT": "STRING", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP", "DECIMAL": "NUMERIC", "BLOB": "BYTES",
}  # fmt: skip
_LACKING = (
    "LATERAL_COLUMN_REFERENCES", "LATERAL_JOIN", "MULTILEVEL_AGGREGATION", "MULTILEVEL_AGGREGATION_ON_UDAS", "AGGREGATE_FILTERING",
    "LIMIT_ALL", "INSERT_ON_CONFLICT_CLAUSE", "DML_RETURNING",
)  # fmt: skip
"""Features of the language that BigQuery's reference doesn't have, and that the analyser would let pass."""
_SCHEMAS = ("main", "temp")
"""Under which the engine's own statements name the same relations."""

_CROSSES = re.compile(r"[\s(]*(select|with|insert|update|delete|merge|values|from)\b", re.IGNORECASE)
"""How a statement begins that has to be portable; what a warehouse words itself (DDL, transactions, settings) begins otherwise."""

Schema = Mapping[str, Mapping[str, str]]
"""Relation -> column -> DuckDB type."""


class Analyser:
    """GoogleSQL's analyser; `schema` says which relations there are, `folder` keeps the compiled analyser for the next run.

    Skips the test that asks for it where the package isn't installed.
    """

    def __init__(self, schema: Schema, folder: Path) -> None:
        pytest.importorskip("zetasql", reason="GoogleSQL's analyser isn't installed (the package zetasql, in the dev extra)")
        self._client = _client(folder)
        self._schema = {name: dict(columns) for name, columns in schema.items()}
        self._catalog: int | None = None
        self._options = _options(self._client)

    def learn(self, relation: str, columns: Mapping[str, str]) -> None:
        """Know one relation more, or its columns anew."""
        if self._schema.get(relation) != dict(columns):
            self._schema[relation] = dict(columns)
            self._catalog = None

    def problems(self, statement: str) -> list[str]:
        """Why a SELECT or DML in DuckDB's spelling isn't portable, one sentence each; what a warehouse words itself (DDL) is exempt."""
        if not _CROSSES.match(statement):
            return []
        # The rules prepare every column that they are given, which takes longer than to judge with them.
        named = {name: columns for name, columns in self._schema.items() if name in statement}
        return statement_violations(statement, schema=named) or self.refusals(statement)

    def refusals(self, statement: str) -> list[str]:
        """What GoogleSQL says against a statement in DuckDB's spelling, translated; empty when it is accepted."""
        refusal = self.refusal(to_bigquery(statement))
        return [refusal] if refusal else []

    def refusal(self, translated: str) -> str | None:
        """What GoogleSQL says against a statement in its own spelling; None when it is accepted."""
        from zetasql.core.exceptions import ServerError
        from zetasql.wasi._pb2.zetasql.local_service.local_service_pb2 import AnalyzeRequest

        request = AnalyzeRequest(options=self._options, registered_catalog_id=self._registered(), sql_statement=translated)
        try:
            # The answer is a tree, and protobuf reads none deeper than 100 levels; that there is an answer says enough.
            self._client.ask("Analyze", request)
        except ServerError as error:
            return str(error.message)
        return None

    def _registered(self) -> int:
        from zetasql.wasi._pb2.zetasql.local_service.local_service_pb2 import RegisterCatalogRequest, RegisterResponse

        if self._catalog is None:
            request = RegisterCatalogRequest()
            catalog = request.simple_catalog
            catalog.name = "warehouse"
            catalog.builtin_function_options.language_options.CopyFrom(self._options.language_options)
            for place in (catalog, *(catalog.catalog.add(name=name) for name in _SCHEMAS)):
                for name, columns in self._schema.items():
                    _add_table(place, name, columns)
            self._catalog = RegisterResponse.FromString(self._client.ask("RegisterCatalog", request)).registered_id
        return self._catalog


def _add_table(catalog: Any, name: str, columns: Mapping[str, str]) -> None:
    from zetasql.wasi._pb2.zetasql.public.type_pb2 import TypeKind

    table = catalog.table.add(name=name)
    for column, type_ in columns.items():
        kind = TypeKind.Value(f"TYPE_{_TYPES[type_.partition('(')[0].upper()]}")
        added = table.column.add(name=column, is_writable_column=True)
        added.type.type_kind = kind


def _options(client: Any) -> Any:
    """BigQuery's dialect: the types of the external product, and the features that its reference documents."""
    from zetasql.wasi._pb2.zetasql.local_service.local_service_pb2 import LanguageOptionsRequest
    from zetasql.wasi._pb2.zetasql.proto.options_pb2 import AnalyzerOptionsProto, LanguageOptionsProto
    from zetasql.wasi._pb2.zetasql.public.options_pb2 import LanguageFeature, ParameterMode, ProductMode

    language = LanguageOptionsProto.FromString(client.ask("GetLanguageOptions", LanguageOptionsRequest(maximum_features=True)))
    lacking = {LanguageFeature.Value(f"FEATURE_{name}") for name in _LACKING}
    kept = [feature for feature in language.enabled_language_features if feature not in lacking]
    del language.enabled_language_features[:]
    language.enabled_language_features.extend(kept)
    language.product_mode = ProductMode.PRODUCT_EXTERNAL
    # None listed are all.
    del language.supported_statement_kinds[:]
    return AnalyzerOptionsProto(
        language_options=language,
        default_timezone="UTC",
        allow_undeclared_parameters=True,
        parameter_mode=ParameterMode.PARAMETER_POSITIONAL,
    )


def _client(folder: Path) -> Any:
    """The package's own client, but for what it does byte by byte, and for compiling its 28 MB anew in every process."""
    from wasmtime import Config, Engine, Linker, Module, Store, WasiConfig
    from zetasql.core.wasm_client import WasmClient, get_tzinfo_dir
    from zetasql.wasi import get_wasm_path

    class Client(WasmClient):  # type: ignore[misc]
        def __init__(self) -> None:
            config = Config()
            config.shared_memory = True
            engine = Engine(config)
            wasi = WasiConfig()
            wasi.preopen_dir(get_tzinfo_dir(), "/usr/share/zoneinfo")
            self.store = Store(engine)
            self.store.set_wasi(wasi)
            self.module = _compiled(engine)
            linker = Linker(engine)
            linker.define_wasi()
            self.instance = linker.instantiate(self.store, self.module)
            self.exports = self.instance.exports(self.store)
            self.exports["_initialize"](self.store)
            self.memory = self.exports["memory"]

        def write_bytes(self, ptr: int, data: bytes) -> None:
            ctypes.memmove(self._address(ptr), data, len(data))

        def read_bytes(self, ptr: int, size: int) -> bytes:
            return ctypes.string_at(self._address(ptr), size)

        def _address(self, ptr: int) -> int:
            return ctypes.addressof(self.memory.data_ptr().contents) + ptr

        def ask(self, method: str, request: Any) -> bytes:
            return self._call_grpc_method(f"ZetaSqlLocalService_{method}", request.SerializeToString())

    def _compiled(engine: Any) -> Any:
        kept = folder / f"zetasql-{version('zetasql')}-wasmtime-{version('wasmtime')}"
        if not kept.exists():
            folder.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(Module.from_file(engine, str(get_wasm_path())).serialize())
            part.replace(kept)
        return Module.deserialize_file(engine, str(kept))

    return Client()
