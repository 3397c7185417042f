"""The reference, made of the docstrings: ``python -m manual.reference FOLDER`` writes a page for each public module."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

from manual.pages import ROOT

MODULES = (
    "cdk_saga",
    "cdk_saga.aws",
    "cdk_saga.cost",
    "cdk_saga.plan",
    "cdk_saga.render",
    "cdk_saga.testing",
    "cdk_saga.testing.check",
    "saga_runtime",
    "saga_runtime.client",
)
TOLD = {
    griffe.DocstringSectionKind.parameters: "Parameter",
    griffe.DocstringSectionKind.attributes: "Attribute",
}
_Documented = griffe.Class | griffe.Function | griffe.Attribute | griffe.TypeAlias


def load() -> dict[str, griffe.Module]:
    """The public modules, by name; read, not imported."""
    loader = griffe.GriffeLoader(
        search_paths=[ROOT / "constructs", ROOT / "runtime"],
        docstring_parser=griffe.Parser.google,
        docstring_options={"warnings": False},  # parameters that come by Unpack are not in the signature
    )
    for package in dict.fromkeys(name.split(".")[0] for name in MODULES):
        loader.load(package)
    loader.resolve_aliases(external=False)
    return {name: _module(loader.modules_collection[name]) for name in MODULES}


def _module(found: object) -> griffe.Module:
    assert isinstance(found, griffe.Module)
    return found


def page(module: griffe.Module) -> str:
    """The page of one module: what it exports, or, if it says nothing of that, what is public and its own."""
    parts = [f"# `{module.path}`", *_docstring(module)]
    for name, member in sorted(public(module).items(), key=lambda item: item[0].lower()):
        parts += [f"## {name} {{ #{name} }}", *_member(member)]
    return "\n\n".join(parts) + "\n"


def public(module: griffe.Module) -> dict[str, _Documented]:
    """The documented members of ``module`` that its users may use."""
    names = module.exports or [name for name, member in module.members.items() if not member.is_alias]
    members = {str(name): module[str(name)] for name in names if not str(name).startswith("_")}
    targets = {name: _target(found) for name, found in members.items()}
    return {name: found for name, found in targets.items() if isinstance(found, _Documented) and found.has_docstring}


def _target(found: griffe.Object | griffe.Alias) -> griffe.Object:
    return found.final_target if isinstance(found, griffe.Alias) else found


def _member(member: _Documented) -> Iterator[str]:
    yield f"```python\n{_signature(member)}\n```"
    yield from _docstring(member)
    if not isinstance(member, griffe.Class):
        return
    if not _parameters(member):
        yield from next((table for base in member.mro() if (table := _parameters(base))), [])
    for name, found in member.all_members.items():
        inner = _target(found)
        if not name.startswith("_") and isinstance(inner, griffe.Function | griffe.Attribute) and inner.has_docstring:
            yield f"### {name} {{ #{member.name}.{name} }}"
            yield f"```python\n{_signature(inner)}\n```"
            yield from _docstring(inner)


def _signature(member: _Documented) -> str:
    if isinstance(member, griffe.Function):
        return f"def {member.signature()}"
    if isinstance(member, griffe.Class):
        return f"class {member.signature(return_type=False) or _inherited(member)}"
    annotation = f": {member.annotation}" if isinstance(member, griffe.Attribute) and member.annotation else ""
    return f"{member.name}{annotation}{f' = {member.value}' if member.value and not annotation else ''}"


def _parameters(member: griffe.Class) -> list[str]:
    """The table of a class's parameters, when its own docstring has one."""
    sections = member.docstring.parsed if member.docstring else []
    return [_table(section) for section in sections if isinstance(section, griffe.DocstringSectionParameters)]


def _inherited(member: griffe.Class) -> str:
    """The signature of a class whose constructor, if any, is its base's."""
    found = member.all_members.get("__init__")
    if found is None:
        return f"{member.name}({', '.join(str(base) for base in member.bases)})"
    function = _target(found)
    assert isinstance(function, griffe.Function)
    return function.signature(return_type=False, name=member.name)


def _docstring(member: griffe.Object) -> Iterator[str]:
    if member.docstring is None:
        return
    for section in member.docstring.parsed:
        if isinstance(section, griffe.DocstringSectionText):
            yield _plain(section.value)
        elif isinstance(section, griffe.DocstringSectionExamples):
            yield "```pycon\n" + "\n".join(text for _, text in section.value) + "\n```"
        elif isinstance(section, griffe.DocstringSectionParameters | griffe.DocstringSectionAttributes):
            yield _table(section)
        elif isinstance(section, griffe.DocstringSectionRaises):
            yield "\n".join(f"Raises `{item.annotation}`: {_cell(item.description)}\n" for item in section.value)
        elif isinstance(section, griffe.DocstringSectionReturns):
            yield "\n".join(f"Returns {_cell(item.description)}" for item in section.value)
        elif isinstance(section, griffe.DocstringSectionAdmonition):
            yield f"```pycon\n{section.value.description}\n```"


def _table(section: griffe.DocstringSectionParameters | griffe.DocstringSectionAttributes) -> str:
    rows = [f"| `{item.name}` | {_cell(item.description)} |" for item in section.value]
    return "\n".join([f"| {TOLD[section.kind]} | |", "| --- | --- |", *rows])


def _cell(text: str) -> str:
    return " ".join(_plain(text).split()).replace("|", "\\|")


def _plain(text: str) -> str:
    """A docstring's reStructuredText as Markdown."""
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text).replace("``", "`")


def main() -> None:
    """Write the pages into the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in load().items():
        (folder / f"{name}.md").write_text(page(module), encoding="utf-8")


if __name__ == "__main__":
    main()
