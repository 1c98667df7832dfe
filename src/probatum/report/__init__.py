"""The report of a measurement: one HTML file that holds its pictures and needs nothing else."""

from __future__ import annotations

from probatum.report.page import report_html

__all__ = ["report_html"]
