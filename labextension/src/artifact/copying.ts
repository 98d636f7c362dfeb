/** Copies a text to where other programs paste from. */
import { Clipboard } from '@jupyterlab/apputils';

/** Copy; browsers have a clipboard for pages over https and of this machine alone, and over plain http do it as on Ctrl+C. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    Clipboard.copyToSystem(text);
  }
}
