// @vitest-environment node
/** Nothing that a person reads goes past the translator: found in the syntax trees of all that is drawn. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const SEEN = new Set(['title', 'placeholder', 'aria-label', 'alt', 'label', 'caption', 'okLabel', 'textContent', 'ariaLabel']);
/** Marks and names that are the same in every language. */
const SAME = new Set(['×', '+', '−', '⤢', '⊟', '▾', '▸', '–', '·', '>', 'A', 'B', '%', 'Steppe', 'steppe']);

/** What the server tells in words of its own: `told.ts` has them in the reader's language. */
const TOLD = new Set(['state', 'status', 'kind']);

/** Tell whether a part of what is drawn is seen as it is: by itself, in a template, in a list that is joined. */
function seen(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isJsxExpression(parent)) {
    return !ts.isJsxAttribute(parent.parent);
  }
  const through = ts.isTemplateSpan(parent) || ts.isTemplateExpression(parent) || ts.isArrayLiteralExpression(parent) || ts.isParenthesizedExpression(parent);
  const chained = (ts.isPropertyAccessExpression(parent) || ts.isCallExpression(parent)) && parent.expression === node;
  const chosen = ts.isConditionalExpression(parent) && parent.condition !== node;
  return (through || chained || chosen) && seen(parent);
}

const words = (text: string): boolean => /\p{L}{2,}/u.test(text) && !SAME.has(text.trim());

/** Return the texts of a module that a person would see untranslated. */
export function untranslated(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const found: string[] = [];
  const note = (node: ts.Node, said: string): void => {
    if (words(said)) {
      found.push(`${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${said.trim()}`);
    }
  };
  const literal = (node: ts.Node | undefined): void => {
    if (node === undefined) {
      return;
    }
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      note(node, node.text);
    } else if (ts.isTemplateExpression(node)) {
      [node.head.text, ...node.templateSpans.map(span => span.literal.text)].forEach(part => note(node, part));
    } else if (ts.isConditionalExpression(node)) {
      literal(node.whenTrue);
      literal(node.whenFalse);
    } else if (ts.isJsxExpression(node) || ts.isParenthesizedExpression(node)) {
      literal(node.expression);
    } else if (ts.isBinaryExpression(node) && ['||', '??', '+', '&&'].includes(node.operatorToken.getText())) {
      literal(node.left);
      literal(node.right);
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) {
      note(node, node.text);
    } else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) {
      literal(node.expression);
    } else if (ts.isJsxAttribute(node) && SEEN.has(node.name.getText())) {
      literal(node.initializer);
    } else if (ts.isPropertyAssignment(node) && SEEN.has(node.name.getText().replace(/'/g, ''))) {
      literal(node.initializer);
    } else if (ts.isBinaryExpression(node) && node.operatorToken.getText() === '=' && ts.isPropertyAccessExpression(node.left) && SEEN.has(node.left.name.text)) {
      literal(node.right);
    } else if (ts.isCallExpression(node) && /setAttribute$/.test(node.expression.getText()) && SEEN.has(node.arguments[0]?.getText().slice(1, -1))) {
      literal(node.arguments[1]);
    }
    if (ts.isPropertyAccessExpression(node) && TOLD.has(node.name.text) && seen(node)) {
      note(node, node.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

it('finds texts that go past the translator', () => {
  const text = 'const a = <p title="Old news">Hello <b>{x ? "there" : trans.__("you")}</b></p>; node.title = `at ${x} o’clock`;';
  expect(untranslated('a.tsx', text).map(each => each.split(': ')[1])).toEqual(['Old news', 'Hello', 'there', 'at', 'o’clock']);
});

it('finds words of the server that go past the translator', () => {
  const text = "const a = <p key={run.state}>{run.status}<b>{told(run.kind, trans)}</b>{[each.kind, told(each.state, trans)].filter(x => x).join(' ')}{`${run.state} ·`}{x ? node.state : y}</p>;";
  expect(untranslated('a.tsx', text).map(each => each.split(': ')[1])).toEqual(['run.status', 'each.kind', 'run.state', 'node.state']);
});

it('has every text of the front end translated', () => {
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(path => /\.tsx?$/.test(path) && !/\.test\.tsx?$|schema\.ts$|\.d\.ts$/.test(path));
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap(path => untranslated(path, readFileSync(join(__dirname, path), 'utf8')))).toEqual([]);
}, 60_000);
