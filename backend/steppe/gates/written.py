"""What a test says, written down: JUnit XML for CI, Markdown for a pull request, HTML with figures side by side."""

from __future__ import annotations

import html
from xml.sax.saxutils import escape, quoteattr

from steppe.gates.gate import Change, Drawn, Judged
from steppe.sharing.report import page
from steppe.sharing.shown_html import bundle
from steppe.wording import lasting


def junit(judged: Judged) -> str:
    """Return JUnit XML: a case for the run, and one for each rule."""
    cases = [("the notebook runs", judged.error)]
    cases += [(verdict.rule, "" if verdict.held else verdict.said) for verdict in judged.verdicts]
    failures = sum(1 for _, failure in cases if failure)
    name = quoteattr(_plain(judged.notebook))
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>"]
    lines.append(
        f'<testsuite name={name} tests="{len(cases)}" failures="{failures}" errors="0" time="{judged.seconds:.3f}">'
    )
    for number, (case, failure) in enumerate(cases):
        took = judged.seconds if number == 0 else 0.0
        lines.append(f'<testcase classname={name} name={quoteattr(_plain(case))} time="{took:.3f}">')
        if failure:
            lines.append(f"<failure message={quoteattr(_plain(failure))}>{escape(_plain(failure))}</failure>")
        lines.append("</testcase>")
    return "\n".join([*lines, "</testsuite>", "</testsuites>", ""])


def markdown(judged: Judged) -> str:
    """Return Markdown, as a pull request shows it."""
    mark = "✅" if judged.passed else "❌"
    lines = [f"### {mark} {_cell(judged.notebook)} against {_cell(judged.against)}", "", _summary(judged), ""]
    if judged.error:
        lines += ["The notebook did not run to its end:", "", "```", judged.error.replace("```", "'''"), "```", ""]
    if judged.verdicts:
        lines += ["| | rule | |", "|---|---|---|"]
        lines += [f"| {'✅' if v.held else '❌'} | `{_cell(v.rule)}` | {_cell(v.said)} |" for v in judged.verdicts]
        lines.append("")
    changed = [each for each in (*judged.numbers, *judged.tables) if each.changed]
    if changed:
        lines += ["| changed | before | now |", "|---|---|---|"]
        lines += [f"| {_cell(each.name)} | {_cell(each.before)} | {_cell(each.now)} |" for each in changed]
        lines.append("")
    figures = [each.step for each in judged.figures if each.changed]
    if figures:
        lines += [f"Other figures (side by side in the HTML report): {_cell(', '.join(figures))}", ""]
    if not changed and not figures and not judged.error:
        lines += ["No number, table or figure has changed.", ""]
    return "\n".join(lines)


def page_of(judged: Judged) -> str:
    """Return a page that needs no network: rules, changes, and figures beside those that were."""
    word = "passed" if judged.passed else "failed"
    parts = [f"<h1>{html.escape(judged.notebook)}: {word}</h1>", f'<p class="soft">{html.escape(_summary(judged))}</p>']
    if judged.error:
        parts.append(f'<pre class="failed">{html.escape(judged.error)}</pre>')
    if judged.verdicts:
        rows = [
            f'<tr><td class="{"succeeded" if v.held else "failed"}">{"holds" if v.held else "fails"}</td>'
            f"<td><code>{html.escape(v.rule)}</code></td><td>{html.escape(v.said)}</td></tr>"
            for v in judged.verdicts
        ]
        parts.append(f'<h2>Rules</h2><div class="wide"><table>{"".join(rows)}</table></div>')
    for title, changes in (("Numbers", judged.numbers), ("Tables", judged.tables)):
        if changes:
            parts.append(f"<h2>{title}</h2>{_changes(changes)}")
    if judged.figures:
        parts.append(f"<h2>Figures</h2>{''.join(map(_side_by_side, judged.figures))}")
    return page(f"{judged.notebook}: {word}", "".join(parts))


def _summary(judged: Judged) -> str:
    ran = f"{len(judged.ran)} steps ran ({', '.join(judged.ran)})" if judged.ran else "no step ran"
    return (
        f"{ran}, {len(judged.hits)} had not changed; {lasting(judged.seconds)}. "
        f"Run {judged.run[:14]}, baseline {judged.baseline[:14]}."
    )


def _changes(changes: tuple[Change, ...]) -> str:
    rows = [
        f'<tr class="{"cancelled" if each.changed else ""}"><td>{html.escape(each.name)}</td>'
        f"<td>{html.escape(each.before)}</td><td>{html.escape(each.now)}</td></tr>"
        for each in changes
    ]
    return f'<div class="wide"><table><tr><th></th><th>before</th><th>now</th></tr>{"".join(rows)}</table></div>'


def _side_by_side(drawn: Drawn) -> str:
    rows = []
    for number in range(max(len(drawn.before), len(drawn.now))):
        pair = [figures[number].data if number < len(figures) else {} for figures in (drawn.before, drawn.now)]
        cells = "".join(f"<td>{bundle(data) if data else 'none'}</td>" for data in pair)
        rows.append(f"<tr>{cells}</tr>")
    said = "changed" if drawn.changed else "as before"
    return (
        f'<h3>{html.escape(drawn.step)} <span class="soft">{said}</span></h3><div class="wide"><table class="beside">'
        f"<tr><th>before</th><th>now</th></tr>{''.join(rows)}</table></div>"
    )


def _cell(text: str) -> str:
    return _plain(text).replace("\n", " ").replace("|", "\\|").replace("`", "'").replace("<", "&lt;")


def _plain(text: str) -> str:
    """Return a text as XML and UTF-8 can hold it."""
    return "".join(c for c in text if (c.isprintable() or c in "\n\t") and not 0xD800 <= ord(c) <= 0xDFFF)
