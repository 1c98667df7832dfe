"""Names that a person knows for weights that an exporter has renamed: the module in which they are used."""

from __future__ import annotations

import ast
import re
from typing import Any

GENERATED = re.compile(r"onnx::\w+|(val|_val|t|transpose|const)_?\d*|\d+")
WEIGHTED = ("Conv", "ConvTranspose", "Gather", "Gemm", "MatMul")
SCOPES = "pkg.torch.onnx.name_scopes"


class WeightNames:
    """One name for each weight tensor; no two share one."""

    def __init__(self, tensors: list[str]) -> None:
        self._taken = set(tensors)
        self._names: dict[str, str] = {}

    def of(self, tensor: str, node: Any) -> str:
        """Return the tensor's name, or `module.weight` where an exporter made the name up and `node` uses it first."""
        if tensor not in self._names:
            module = module_of(node) if GENERATED.fullmatch(tensor) else ""
            wanted = f"{module}.weight" if module else tensor
            self._names[tensor] = tensor if wanted in self._taken else wanted
            self._taken.add(self._names[tensor])
        return self._names[tensor]


def module_of(node: Any) -> str:
    """Return the path of the module in which torch had this node (`encoder.layers.0`), empty where it is not known."""
    for entry in node.metadata_props:
        if entry.key == SCOPES:
            try:
                scopes = ast.literal_eval(entry.value)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                continue
            if isinstance(scopes, list) and len(scopes) > 1:
                return str(scopes[-2])
    return _from_path(str(node.name))


def _from_path(name: str) -> str:
    """Read `/3/first/first.0/Conv` as `3.first.0`: each part names its own way from its parent, itself included."""
    parts: list[str] = []
    for part in name.split("/")[1:-1]:
        if parts and part.startswith(f"{parts[-1]}."):
            parts.pop()
        parts.append(part)
    return ".".join(parts)
