"""Reads the spreadsheet in which a newsletter was kept, and writes it as a folder of Markdown files."""
