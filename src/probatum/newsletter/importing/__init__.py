"""Reads the spreadsheet in which a newsletter was kept until now, and writes it as a folder of Markdown files."""
