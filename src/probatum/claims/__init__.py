"""Claims and their verdicts: what was reported, what was measured, and a judge that was fixed beforehand."""
