"""Read JSON schemas: in the plain form that a prompt states, whether they are bounded, and how long their JSON can get.

A model under a grammar may go on as long as the grammar lets it. A weak one does: it writes digits or letters without
end. So a schema that is to bind a model bounds every string, list and number. No torch here, no grammar either.
"""

import copy
import json
import re
from typing import Any

DECIMALS = 6  # of a number, where the schema does not say multipleOf
_BOUNDED_FORMATS = {"date", "uuid"}
_VALUES = ("enum", "const", "default", "examples")  # what stands there is data and no schema


def plain_schema(schema: Any) -> dict:
    """Return a JSON schema without titles and references, from a pydantic model class or a JSON schema.

    Raises ValueError for anything else, and for a schema that contains itself: such a one has no end.
    """
    if isinstance(schema, type) and hasattr(schema, "model_json_schema"):
        schema = schema.model_json_schema()
    if not isinstance(schema, dict):
        raise ValueError(f"schema is {schema!r}; expected a pydantic model class or a JSON schema (a dict).")
    return _plain(schema, schema, ())


def unbounded(schema: Any) -> list[str]:
    """Return what makes a schema unbounded, as "path: what is missing"; [] if all of its JSON texts end.

    Introduced in notebook 03.

    unbounded({"type": "object", "properties": {"name": {"type": "string"}}}) -> ["name: a text needs max_length"]
    """
    found: list[str] = []
    _find_unbounded(plain_schema(schema), "", found)
    return found


def longest(schema: Any) -> int:
    """Return a number of bytes, and so of tokens, that no JSON text of a bounded schema exceeds.

    A character counts 6 bytes, for it may be written as \\u001f. Only for schemas in which `unbounded` finds nothing.
    """
    return _longest(plain_schema(schema))


def grammar_schema(schema: Any) -> dict:
    """Return the schema as a grammar is to read it: no keys but those named, and numbers with an end."""
    plain = plain_schema(schema)
    _close(plain)
    return plain


def _plain(node: Any, root: dict, seen: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_plain(part, root, seen) for part in node]
    if not isinstance(node, dict):
        return node
    if isinstance(reference := node.get("$ref"), str):
        if reference in seen:
            raise ValueError(f"The schema contains itself ({reference}), so its JSON need not end: unfold it by hand.")
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _plain({**_look_up(reference, root), **rest}, root, (*seen, reference))
    kept = {key: value for key, value in node.items() if key not in ("$defs", "definitions")}
    if isinstance(kept.get("title"), str):  # a dict here would be a property that is called "title"
        del kept["title"]
    for key, value in kept.items():
        if key == "properties" and isinstance(value, dict):
            kept[key] = {name: _plain(part, root, seen) for name, part in value.items()}
        else:
            kept[key] = copy.deepcopy(value) if key in _VALUES else _plain(value, root, seen)
    return kept


def _look_up(reference: str, root: dict) -> dict:
    target: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        target = target.get(part) if isinstance(target, dict) else None
    if not isinstance(target, dict) or not reference.startswith("#"):
        raise ValueError(f"The schema refers to {reference!r}, which is not in it.")
    return target


def _variants(node: dict) -> list[dict]:
    return [part for key in ("anyOf", "oneOf") for part in node.get(key, [])]


def _types(node: dict) -> list[str]:
    named = node.get("type", [])
    return named if isinstance(named, list) else [named]


def _find_unbounded(node: dict, path: str, found: list[str]) -> None:
    where = path or "the whole"
    if "enum" in node or "const" in node:
        return
    if variants := _variants(node):
        for variant in variants:
            _find_unbounded(variant, path, found)
        return
    if not _types(node):
        found.append(f"{where}: a value of any kind needs a type")
    for kind in _types(node):
        if kind == "string" and not _bounded_text(node):
            found.append(f"{where}: a text needs max_length")
        if kind in ("integer", "number") and None in (_limit(node, "minimum"), _limit(node, "maximum")):
            found.append(f"{where}: a number needs ge and le")
        if kind == "array":
            _find_in_list(node, path, found)
        if kind == "object":
            _find_in_object(node, path, found)


def _find_in_list(node: dict, path: str, found: list[str]) -> None:
    if "prefixItems" in node:  # a tuple, as pydantic writes it, also has maxItems
        for i, part in enumerate(node["prefixItems"]):
            _find_unbounded(part, f"{path}[{i}]", found)
    if "maxItems" not in node:
        found.append(f"{path or 'the whole'}: a list needs max_length")
    if "items" in node:
        _find_unbounded(node["items"], f"{path}[]", found)
    elif "prefixItems" not in node:
        found.append(f"{path}[]: a value of any kind needs a type")


def _find_in_object(node: dict, path: str, found: list[str]) -> None:
    if not node.get("properties") and node.get("additionalProperties", True) is not False:
        found.append(f"{path or 'the whole'}: an object needs its keys named (a model instead of a dict)")
    for key, part in node.get("properties", {}).items():
        _find_unbounded(part, f"{path}.{key}" if path else key, found)


def _bounded_text(node: dict) -> bool:
    if "maxLength" in node or node.get("format") in _BOUNDED_FORMATS:
        return True
    pattern = node.get("pattern", "")
    ends = pattern.startswith("^") and pattern.endswith("$") and "|" not in pattern
    return ends and not re.search(r"[*+]|\{\d+,\}", re.sub(r"\\.", "", pattern))


def _limit(node: dict, name: str) -> float | None:
    exclusive = f"exclusive{name.capitalize()}"
    return node.get(name, node.get(exclusive))


def _longest(node: dict) -> int:
    if "const" in node:
        return len(json.dumps(node["const"]))
    if "enum" in node:
        return max(len(json.dumps(value)) for value in node["enum"])
    if variants := _variants(node):
        return max(map(_longest, variants))
    return max(_longest_of(node, kind) for kind in _types(node))


def _longest_of(node: dict, kind: str) -> int:
    if kind == "string":
        # a bounded pattern has no repetition without a number, so it is hardly longer than its text times these
        repeats = sum(int(high) for high in re.findall(r"\{(?:\d+,)?(\d+)\}", node.get("pattern", "")))
        return 2 + 6 * node.get("maxLength", 36 + (len(node.get("pattern", "")) + 1) * (repeats + 1))
    if kind in ("integer", "number"):
        digits = max(len(str(int(_limit(node, name)))) for name in ("minimum", "maximum"))
        return digits + (0 if kind == "integer" else 2 + DECIMALS) + 1
    if kind == "array":
        parts = [_longest(part) for part in node.get("prefixItems", [])]
        more = node["maxItems"] - len(parts)
        parts += [_longest(node["items"])] * more if "items" in node else []
        return 2 + sum(parts) + 2 * len(parts)
    if kind == "object":
        return 2 + sum(len(json.dumps(key)) + 4 + _longest(part) for key, part in node.get("properties", {}).items())
    return len("false")


def _close(node: Any) -> None:
    if isinstance(node, list):
        for part in node:
            _close(part)
    if not isinstance(node, dict):
        return
    if "properties" in node:
        node.setdefault("additionalProperties", False)
    if "number" in _types(node) and "multipleOf" not in node:
        node["multipleOf"] = 10**-DECIMALS
    _close(list(node.get("properties", {}).values()))
    for key in ("items", "prefixItems", "anyOf", "oneOf", "allOf"):
        _close(node.get(key))
