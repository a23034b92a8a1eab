"""Finds the installed SDK and reads its service files: which verb and path takes which parameters."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Route:
    """One API call the SDK can make; `params` is (module, class) of its parameters, None where it takes none."""

    verb: str
    path: str
    params: tuple[str, str] | None

    @property
    def shape(self) -> str:
        """The path with its names of identifiers blanked, to compare paths written by different hands."""
        return re.sub(r"\{[^}]*\}", "{}", self.path)


@cache
def sdk_folder() -> Path:
    """The folder of the installed `stripe` package; raises RuntimeError when it is not installed."""
    spec = importlib.util.find_spec("stripe")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the stripe package is not installed: the simulator takes its contract from it")
    return Path(spec.submodule_search_locations[0])


@cache
def api_version() -> str:
    """The API version the installed SDK pins."""
    match = re.search(r'CURRENT = "([^"]+)"', (sdk_folder() / "_api_version.py").read_text("utf-8"))
    if match is None:
        raise RuntimeError("the installed stripe package names no API version")
    return match.group(1)


@cache
def module_tree(module: str) -> ast.Module:
    """The syntax tree of a module of the SDK named with dots, such as `stripe.params._refund_create_params`."""
    file = sdk_folder().joinpath(*module.split(".")[1:])
    path = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    return ast.parse(path.read_text("utf-8"))


def service_modules() -> list[str]:
    """Every module of the SDK that holds a service class."""
    root = sdk_folder()
    return sorted(
        "stripe." + ".".join(file.relative_to(root).with_suffix("").parts) for file in root.rglob("_*_service.py")
    )


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Class name → the module it is imported from, over all imports of the file (guarded ones too)."""
    return {
        alias.asname or alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


@cache
def routes_of(module: str) -> tuple[Route, ...]:
    """The calls one service module can make (the async twins left out)."""
    tree = module_tree(module)
    imports = imported_names(tree)
    return tuple(
        route
        for service in tree.body
        if isinstance(service, ast.ClassDef)
        for method in service.body
        if isinstance(method, ast.FunctionDef)
        for route in _routes_in(method, imports)
    )


def _routes_in(method: ast.FunctionDef, imports: dict[str, str]) -> Iterator[Route]:
    for call in ast.walk(method):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr not in {"_request", "_request_stream"} or len(call.args) < 2:
            continue
        verb, path = (_text(argument) for argument in call.args[:2])
        if verb and path:
            yield Route(verb, path, _params_of(method, imports))


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _text(node.func.value)
    return None


def _params_of(method: ast.FunctionDef, imports: dict[str, str]) -> tuple[str, str] | None:
    for argument in method.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            for node in ast.walk(argument.annotation):
                name = node.value if isinstance(node, ast.Constant) else getattr(node, "id", None)
                if isinstance(name, str) and name in imports and ".params." in imports[name]:
                    return imports[name], name
    return None


def every_route() -> list[Route]:
    """All calls of the SDK; parses every service file: a third of a second, once a process."""
    return [route for module in service_modules() for route in routes_of(module)]
