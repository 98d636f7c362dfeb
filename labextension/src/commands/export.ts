/** A notebook's pipeline as a file that other programs read. Pure. */
import type { Pipeline } from '../api/types';

/** Return the pipeline as a Mermaid flow chart. */
export function mermaid(pipeline: Pipeline): string {
  const ids = new Map(pipeline.steps.map((step, index) => [step.name, `s${index}`]));
  const said = (text: string): string => `"${text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')}"`;
  const lines = pipeline.steps.map(step => `  ${ids.get(step.name)}[${said(step.name)}]`);
  for (const edge of pipeline.edges) {
    const names = edge.variables.map(variable => variable.name).join(', ');
    const label = names ? `|${said(names)}|` : '';
    lines.push(`  ${ids.get(edge.source)} -->${label} ${ids.get(edge.target)}`);
  }
  return ['flowchart TD', ...lines, ''].join('\n');
}

/** Return the pipeline as JSON. */
export function json(pipeline: Pipeline): string {
  return `${JSON.stringify(pipeline, null, 1)}\n`;
}

/** Return a path beside the notebook's that nothing has yet. */
export function pathFor(notebook: string, extension: string, taken: ReadonlySet<string>): string {
  const stem = notebook.replace(/\.[^./]*$/, '');
  for (let number = 1; ; number++) {
    const path = `${stem}.pipeline${number === 1 ? '' : `-${number}`}.${extension}`;
    if (!taken.has(path.slice(path.lastIndexOf('/') + 1))) {
      return path;
    }
  }
}
