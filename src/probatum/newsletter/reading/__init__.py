"""Reads a newsletter's files, finds every mistake in them, and joins them with their verdicts."""
