"""Probatum: a research newsletter whose claims run, and the library of methods that measures them."""

from __future__ import annotations

__version__ = "0.3.0"

__all__ = ["__version__"]
