"""Which layers stand on which side: most networks connect even layers only to odd ones, which halves the work."""

from __future__ import annotations

from probatum.networks.layered_graph import LayeredGraph


def layer_sides(graph: LayeredGraph) -> tuple[int, ...] | None:
    """Return side 0 or 1 of each layer such that every block joins two sides, or None where that cannot be.

    Raises `ValueError` naming layers of both parts where the layers fall into parts that no block joins.
    """
    neighbours: dict[str, set[str]] = {layer.name: set() for layer in graph.layers}
    for block in graph.blocks:
        neighbours[block.source].add(block.target)
        neighbours[block.target].add(block.source)
    sides = {graph.layers[0].name: 0}
    waiting = [graph.layers[0].name]
    while waiting:
        name = waiting.pop()
        for other in neighbours[name] - sides.keys():
            sides[other] = 1 - sides[name]
            waiting.append(other)
    if apart := [name for name in neighbours if name not in sides]:
        raise ValueError(
            f"{graph.name}: no weights join the layers {_listed(list(sides))} with {_listed(apart)}; "
            "an n-cut of parts that are apart is 0 and says nothing: keep one part with graph.keep(...)"
        )
    if any(sides[one] == sides[other] for one, others in neighbours.items() for other in others):
        return None
    return tuple(sides[layer.name] for layer in graph.layers)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
