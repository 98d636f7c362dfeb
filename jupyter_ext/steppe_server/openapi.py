"""The OpenAPI document of the table of routes. `python -m steppe_server.openapi` prints it."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import msgspec

from steppe_server.schemas.struct import Refusal
from steppe_server.table import ROUTES, Route

REFUSALS = {
    "400": "What was asked makes no sense, and why.",
    "401": "Who asks is not known.",
    "403": "Who asks may not.",
    "404": "There is no such thing.",
    "409": "It can't be done as things stand.",
    "422": "It is there, and can't be read or shown, and why.",
}


def document(version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document.

    Args:
        version: of Steppe.
    """
    types = [
        Refusal,
        *(kind for route in ROUTES for kind in (route.query, route.answer, route.body) if kind is not None),
    ]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    known = dict(zip(map(_key, types), schemas, strict=True))
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(f"/steppe/api/{route.path}", {})[route.method.lower()] = _operation(route, known, components)
    queries = {_name(known[_key(route.query)]) for route in ROUTES}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Steppe", "version": version},
        "paths": paths,
        "components": {"schemas": {name: each for name, each in components.items() if name not in queries}},
    }


def _operation(route: Route, known: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": route.summary}
    schema = known[_key(route.answer)] if route.answer is not None else {}
    answer["content"] = {route.media: {"schema": schema}}
    refusal = {"application/json": {"schema": known[_key(Refusal)]}}
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}_{route.path}").strip("_"),
        "summary": route.summary,
        "parameters": [*_in_path(route), *_in_query(components[_name(known[_key(route.query)])])],
        "responses": {
            "200": answer,
            **{code: {"description": said, "content": refusal} for code, said in REFUSALS.items()},
        },
    }
    if route.body is not None:
        content = {"application/json": {"schema": known[_key(route.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _in_path(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _in_query(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a query's fields as parameters. One that may be null is left out instead."""
    found = []
    for name, field in schema.get("properties", {}).items():
        kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
        asked = kinds[0] if len(kinds) == 1 else {key: value for key, value in field.items() if value is not None}
        found.append({"name": name, "in": "query", "required": False, "schema": asked})
    return found


def _key(kind: Any) -> str:
    return str(kind)


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


if __name__ == "__main__":
    json.dump(document("0"), sys.stdout, indent=1)
