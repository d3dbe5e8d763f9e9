#!/usr/bin/env python3
"""Write docs/api.md, the reference of the C headers and of the Python package, from their comments and docstrings.

usage: api.py [--check]    (--check: write nothing; fail where the file is not what would be written)
"""
import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
# what is installed: muon.h and trm.h by hand there, the others in the list of cmake/install.cmake
HEADERS = ["muon/muon", *re.search(r"foreach\(header ([^)]*)\)", (ROOT / "cmake/install.cmake").read_text())[1].split()]
MODULES = {"trm_router": ["_solve", "_certificate", "_project", "_router", "_store"],
           "trm_router.torch": ["torch", "_groups", "_collector", "_turns"]}


def prose(comment):
    """A comment without its marks; what is indented further stands as code."""
    lines = [re.sub(r"^(   | \* ?)", "", line) for line in comment.strip().removeprefix("/*").removesuffix("*/").split("\n")]
    lines[0] = lines[0].strip()
    out, code = [], False
    for line in lines:
        indented = line.startswith("  ") and line.strip() != ""
        if indented != code:
            out.append("")
        code = indented
        out.append("    " + line.strip() if indented else line.strip())
    return "\n".join(out).strip()


def of_header(name):
    text = (ROOT / "src" / f"{name}.h").read_text()
    intro = re.match(r"/\*.*?\*/", text, re.S)
    start, end = text.find("TRM_C_BEGIN\n\n"), text.rfind("TRM_C_END")
    out = [f"### `{name}.h`", prose(intro.group())] if intro else [f"### `{name}.h`"]
    body = re.sub(r"(?m)^TRM_API ", "", text[start + len("TRM_C_BEGIN\n\n"):end])
    for part in re.split(r"\n\s*\n(?=\S)", body):
        # a comment that begins a line opens what follows it
        for piece in re.split(r"\n(?=/\*)", part.strip("\n")):
            found = re.match(r"(/\*.*?\*/)\n?(.*)", piece, re.S)
            comment, code = found.groups() if found else ("", piece)
            title = re.fullmatch(r"/\* ---- (.*) ---- \*/", comment)
            if title:
                out.append(f"#### {title.group(1)[0].upper()}{title.group(1)[1:]}")
            elif comment:
                out.append(prose(comment))
            if code.strip():
                out.append(f"```c\n{code.strip()}\n```")
    return out


def signature(node):
    return f"{node.name}({ast.unparse(node.args)})" + (f" -> {ast.unparse(node.returns)}" if node.returns else "")


def without_self(text):
    return re.sub(r"\(self(, )?", "(", text)


def of_class(node):
    init = [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
    out = [f"#### `{node.name}`"]
    if init:
        out.append(f"```python\n{node.name}{without_self(signature(init[0]))[len('__init__'):]}\n```")
    out.append(f"```text\n{ast.get_docstring(node)}\n```")
    fields = [line for line in node.body if isinstance(line, ast.AnnAssign)]
    if fields:
        source = (node.source.split("\n")[field.lineno - 1].strip() for field in fields)
        out.append("```python\n" + "\n".join(source) + "\n```")
    for f in node.body:
        if isinstance(f, ast.FunctionDef) and not f.name.startswith("_") and ast.get_docstring(f):
            setter = any(isinstance(d, ast.Attribute) for d in f.decorator_list)
            of = [d.id for d in f.decorator_list if isinstance(d, ast.Name)]
            if not setter:
                head = f.name if "property" in of else without_self(signature(f))
                out.append(f"`{node.name}.{head}`\n\n```text\n{ast.get_docstring(f)}\n```")
    return out


def exported(module):
    tree = ast.parse((ROOT / "python/src/trm_router" / module).read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    raise SystemExit(f"{module} has no __all__")


def of_package(package, files):
    public = exported("__init__.py" if package == "trm_router" else "torch.py")
    if package != "trm_router":
        public.add("Report")
    out = [f"### `{package}`"]
    for name in files:
        source = (ROOT / "python/src/trm_router" / f"{name}.py").read_text()
        for node in ast.parse(source).body:
            if getattr(node, "name", "") not in public:
                continue
            node.source = source
            if isinstance(node, ast.ClassDef):
                out += of_class(node)
            else:
                out += [f"#### `{node.name}`", f"```python\n{signature(node)}\n```", f"```text\n{ast.get_docstring(node)}\n```"]
    return out


def main():
    out = ["# Reference", "Written by `scripts/api.py` from the headers and the docstrings; change it there.", "## Python",
           "`help()` says the same. Installation: [python/README.md](../python/README.md)."]
    for package, files in MODULES.items():
        out += of_package(package, files)
    out += ["## C", "`libtrmmuon` has what `muon.h` declares, `libtrmrouter` the rest (`trm.h` includes it). Both are found by "
            "pkg-config (`trmmuon`, `trmrouter`) and CMake (`find_package(trmrouter)`)."]
    for name in HEADERS:
        out += of_header(name)
    text, path = "\n\n".join(out) + "\n", ROOT / "docs/api.md"
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
    elif not path.exists() or path.read_text() != text:
        sys.exit("docs/api.md is not what the headers and docstrings say: run scripts/api.py")


if __name__ == "__main__":
    main()
