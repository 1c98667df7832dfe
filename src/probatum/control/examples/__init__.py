"""Examples of success: read, written and collected."""

from __future__ import annotations
