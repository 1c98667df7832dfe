"""Open-ended text judged by people, against the best that people wrote."""

from __future__ import annotations

from probatum.advice.preference import Preference, preference

__all__ = ["Preference", "preference"]
