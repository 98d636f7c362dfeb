/** Where a page goes: a tab of JupyterLab's main area. Notebook 7 has one document there, so a page is below it. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { SplitPanel, TabPanel, Widget } from '@lumino/widgets';

/** How much of the window a page has below a notebook, where nothing was there before. */
const BELOW = 0.5;

/**
 * Add a page to the window, and bring it to the front.
 *
 * @param lab whether the window is JupyterLab's.
 * @param back gives the keyboard back to the notebook.
 */
export function showPage(shell: JupyterFrontEnd.IShell, page: Widget, lab: boolean, back: () => void): void {
  if (lab) {
    shell.add(page, 'main', { mode: 'tab-after' });
    shell.activateById(page.id);
    return;
  }
  shell.add(page, 'down');
  if (page.parent === null) {
    shell.add(page, 'right'); // before 7.4 there was no place below
  }
  const [split, part] = splitOf(page);
  const first = part?.isHidden ?? false;
  bringUp(shell, page);
  if (split !== null && split.orientation === 'vertical' && first) {
    split.setRelativeSizes([1 - BELOW, BELOW]);
  }
  // there are no commands for tabs below a notebook: Escape closes one
  page.node.addEventListener('keydown', event => {
    if (event.key === 'Escape' && !event.defaultPrevented) {
      page.close();
      back();
    }
  });
}

/** Bring a page that is there to the front: Notebook 7 shows the place below it, but not this tab of it. */
export function bringUp(shell: JupyterFrontEnd.IShell, page: Widget): void {
  const [, part] = splitOf(page);
  if (part instanceof TabPanel && part.widgets.includes(page)) {
    part.currentWidget = page;
  }
  shell.activateById(page.id);
}

/** Return the split panel that a page is in, and which part of it. */
function splitOf(page: Widget): [SplitPanel | null, Widget | null] {
  let part = page;
  for (let around = page.parent; around !== null; around = around.parent) {
    if (around instanceof SplitPanel) {
      return [around, part];
    }
    part = around;
  }
  return [null, null];
}
