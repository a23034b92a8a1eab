"""Mutants that Cosmic Ray does not make: an answer left out, a step left out, arguments and kindred functions exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

# Two arguments in either order are one question.
EITHER_ORDER = ("min", "max")
KINDRED = {"min": "max", "max": "min", "any": "all", "all": "any", "inside": "percent_of", "percent_of": "inside"}


@dataclass(frozen=True)
class Change:
    """The change of one place: where, what was done, how the place read and reads, and the whole text."""

    line: int
    column: int
    name: str
    before: str
    after: str
    source: str


def _changed(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node may become."""
    if (
        isinstance(node, ast.Return)
        and node.value
        and not (isinstance(node.value, ast.Constant) and not node.value.value)
    ):
        yield "ReturnNone", ast.Return(ast.Constant(None))
    elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield "DropStep", ast.Pass()
    elif isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if len(node.args) > 1 and name not in EITHER_ORDER and not any(isinstance(a, ast.Starred) for a in node.args):
            yield "SwapArguments", ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
        if name in KINDRED:
            yield "Kindred", ast.Call(ast.Name(KINDRED[name], ast.Load()), node.args, node.keywords)


class _Put(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def changes(source: str) -> Iterator[Change]:
    """Every such mutant of a module."""
    count = sum(1 for _ in ast.walk(ast.parse(source)))
    for place in range(count):
        for which in range(2):
            tree = ast.parse(source)
            node = list(ast.walk(tree))[place]
            found = list(_changed(node))
            if which >= len(found):
                break
            name, new = found[which]
            before, after = ast.unparse(node), ast.unparse(new)
            text = ast.unparse(ast.fix_missing_locations(_Put(node, new).visit(tree)))
            yield Change(node.lineno, node.col_offset, name, before, after, text)
