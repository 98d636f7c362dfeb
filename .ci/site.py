"""What the site has beside pages in docs/: anchors as GitHub makes them, pages that no menu names, CONTRIBUTING.md.

MkDocs calls these functions (`hooks` in mkdocs.yml). Imports nothing of Steppe.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
SHIM = re.compile(r"https://[^\"/]+/iframe-worker/shim")
OURS = "javascripts/frame-worker.js"
UNRUN = re.compile("^```python no-run$", re.MULTILINE)
REFERENCE = {"reference/python.md": "steppe", "reference/testing.md": "steppe.testing"}
BROUGHT = {"CONTRIBUTING.md": "contributing.md"}


def slug(head: str, separator: str) -> str:
    """Return the anchor that GitHub gives a heading, so that one link serves the forge and the site."""
    return re.sub(r"[^\w\- ]", "", re.sub("<[^>]*>", "", head).lower()).replace(" ", separator)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set how anchors are made, and add what the navigation does not name under the last heading."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = slug
    docs = Path(config.docs_dir)
    named = set(_pages(config.nav))
    others = sorted(str(page.relative_to(docs)) for page in docs.rglob("*.md") if page.name != "README.md")
    more = ["contributing.md", *(page for page in others if page not in named)]
    config.nav = [*(config.nav or []), {"More": more}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Bring CONTRIBUTING.md in, whose links begin at the repository's root."""
    for source, page in BROUGHT.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turn links that leave docs/ into the site's own pages where there are such, else into the file's name."""
    here = PurePosixPath("." if page.file.src_uri in BROUGHT.values() else f"docs/{page.file.src_uri}").parent
    markdown = UNRUN.sub("```python", markdown)
    if module := REFERENCE.get(page.file.src_uri):
        markdown += _others(markdown, module)
    return "".join(
        part if part.startswith("```") else LINK.sub(lambda match: _link(match, here), part)
        for part in FENCE.split(markdown)
    )


def _others(markdown: str, module: str) -> str:
    """Return what a page of the reference leaves out of its module's public names."""
    tree = ast.parse((ROOT / "backend" / module.replace(".", "/") / "__init__.py").read_text("utf-8"))
    lists = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    names = [name for each in lists for name in ast.literal_eval(each)]
    missing = [name for name in names if name != "__version__" and f".{name}\n" not in markdown]
    return "".join(["\n## More\n\n", *(f"::: {module}.{name}\n" for name in missing)]) if missing else ""


def _pages(entries: Any) -> list[str]:
    """Return the pages that a navigation names, at any depth."""
    if isinstance(entries, str):
        return [entries]
    found = entries.values() if isinstance(entries, dict) else entries or []
    return [page for entry in found for page in _pages(entry)]


def _link(match: re.Match[str], here: PurePosixPath) -> str:
    text, target = match.groups()
    path, mark, anchor = target.partition("#")
    if not path or "://" in path or path.startswith("mailto:"):
        return match.group(0)
    parts: list[str] = []
    for part in (here / path).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    depth = "../" * (len(here.parts) - 1)
    if parts[:1] == ["docs"]:
        return f"[{text}]({depth}{'/'.join(parts[1:])}{mark}{anchor})"
    whole = "/".join(parts)
    if whole in BROUGHT:
        return f"[{text}]({depth}{BROUGHT[whole]}{mark}{anchor})"
    return f"{text} (`{whole}`)"


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Take a script of ours for the one that the plugin `offline` would have fetched from elsewhere."""
    return SHIM.sub("../" * page.file.dest_uri.count("/") + OURS, output)


def on_post_template(output_content: str, **_: Any) -> str:
    """Do so on pages that are no documents, which stand at the root."""
    return SHIM.sub(OURS, output_content)
