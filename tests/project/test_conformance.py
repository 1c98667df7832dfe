"""Every file keeps its room's shape: methods, experiments, formats and commands."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import typing
from abc import ABC
from pathlib import Path

import pytest

import probatum
from probatum.result import Result

PACKAGE = Path(probatum.__file__).parent
METHOD_ROOMS = ("structure", "advice", "control")


def modules(room):
    package = importlib.import_module(f"probatum.{room}")
    return [
        importlib.import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)
    ]


def public(module):
    return {
        name: item
        for name, item in vars(module).items()
        if not name.startswith("_") and getattr(item, "__module__", "") == module.__name__
    }


EXPERIMENTS = modules("experiments")
FORMATS = modules("newsletter.formats")
COMMANDS = modules("cli.commands")
METHODS = [module for room in METHOD_ROOMS for module in modules(room)]
RESULTS = {  # by name, as annotations have them
    name
    for module in METHODS
    for name, item in public(module).items()
    if inspect.isclass(item) and issubclass(item, Result)
}


@pytest.mark.parametrize("module", EXPERIMENTS, ids=lambda module: module.__name__)
def test_experiment(module):
    name = module.__name__.rpartition(".")[2]
    function = getattr(module, name)
    parameters = inspect.signature(function).parameters
    assert next(iter(parameters)) == "seed"
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert all(parameter.default is not parameter.empty for key, parameter in parameters.items() if key != "seed")
    assert typing.get_origin(typing.get_type_hints(function)["return"]).__name__ == "Mapping"


@pytest.mark.parametrize("module", METHODS, ids=lambda module: module.__name__)
def test_method_returns_a_result(module):
    for item in public(module).values():
        if inspect.isfunction(item) and inspect.get_annotations(item).get("return") in RESULTS:
            kinds = [parameter.kind for parameter in inspect.signature(item).parameters.values()]
            assert kinds[0] is not inspect.Parameter.KEYWORD_ONLY
            assert set(kinds[1:]) <= {inspect.Parameter.KEYWORD_ONLY}
        if inspect.isclass(item) and issubclass(item, Result):
            assert dataclasses.is_dataclass(item)
            assert item.__dataclass_params__.frozen


@pytest.mark.parametrize("module", FORMATS, ids=lambda module: module.__name__)
def test_format(module):
    hints = typing.get_type_hints(module.write)
    assert list(inspect.signature(module.write).parameters) == ["newsletter", "out"]
    assert hints["return"] == list[Path]


@pytest.mark.parametrize("module", COMMANDS, ids=lambda module: module.__name__)
def test_command_explains_itself(module):
    assert inspect.getdoc(module.command)


def test_classes_are_abstract_or_final():
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        for item in vars(module).values():
            if inspect.isclass(item) and item.__module__ == name:
                for parent in item.__bases__:
                    ours = parent.__module__.startswith("probatum")
                    assert not ours or ABC in parent.__bases__ or _is_open(parent), f"{item} extends {parent}"


def _is_open(parent):
    """Exceptions and the strict pydantic model are meant to be extended."""
    return issubclass(parent, Exception) or parent.__name__ == "_Strict"


def test_every_public_thing_is_typed_and_documented():
    missing = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    missing.append(f"{path.name}:{node.name}")
                if isinstance(node, ast.FunctionDef):
                    arguments = [*node.args.args, *node.args.kwonlyargs]
                    if node.returns is None or any(argument.annotation is None for argument in arguments):
                        missing.append(f"{path.name}:{node.name} types")
    assert not missing
