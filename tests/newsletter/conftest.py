"""A small newsletter in a folder, right in every respect, for tests to break."""

import pytest

CONFIG = """\
title: Tried Things
description: A newsletter for tests.
url: https://tried.example/
editor: Ann Editor
feedback: Reply to this e-mail.
sections:
  - Research:
      - {name: Statistics, was: [Numbers]}
      - Machine learning
  - News
people:
  Ann Editor: {aliases: [Ann, AE]}
  Bo Reader: {}
"""
ISSUE = """\
---
number: 7
title: Seven
date: 2026-03-01
entries: [dice, plain]
---
The editor's *words*, with {entry}`dice`.
"""
DICE = """\
---
title: On dice
url: https://dice.example/paper
authors: [Cy Author*, Di Author*, Ed Author]
year: 2020
category: Statistics
highlight: true
summarizer: Ann
claims:
  - id: seven
    says: The mean is seven.
    reported: mean of 7
    question: reproduce
    scope: exact
    experiment: throw
    with: {throws: 500}
    seeds: 3
    expect: 6.5 < mean < 7.5
---
A summary with {claim}`seven` and {entry}`a plain one <plain>`.

## Opinion (Bo Reader)

I agree.
"""
PLAIN = """\
---
title: A plain one
category: Numbers
summarizer: Bo Reader
---
Just text, and a reference to {entry}`on DICE`.
"""
THROW = '''\
"""Throw dice."""


def throw(*, seed: int, throws: int = 10) -> dict[str, float]:
    """Throw."""
    return {"mean": 7.0 + 0.01 * seed}
'''


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "newsletter"
    for name, text in {
        "newsletter.yaml": CONFIG,
        "issues/7.md": ISSUE,
        "entries/dice.md": DICE,
        "entries/plain.md": PLAIN,
        "experiments/throw.py": THROW,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root
