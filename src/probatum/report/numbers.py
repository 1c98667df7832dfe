"""All numbers of a result as JSON, for whoever goes on from them."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

LARGEST = 4_000_000  # bytes that a page takes along


def to_json(fields: Mapping[str, Any]) -> str:
    """Write a result's fields as JSON; numbers that JSON has no word for (NaN, infinite) become null."""
    return json.dumps(_finite(fields), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def download(fields: Mapping[str, Any]) -> str | None:
    """Return the JSON as an address that a page can hold, or None where it is too large for one."""
    data = to_json(fields).encode("utf-8", "replace")
    if len(data) > LARGEST:
        return None
    return f"data:application/json;base64,{base64.b64encode(data).decode()}"
