"""Turns Markdown into sanitized HTML and plain text, once for all formats."""
