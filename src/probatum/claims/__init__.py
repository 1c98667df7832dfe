"""Claims that run: each is measured by an experiment and judged by a rule that was fixed before."""
