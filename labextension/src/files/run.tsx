/** Runs a notebook headless: asks for its parameters, starts it, and follows it in a notification. */
import { Dialog, Notification, ReactWidget, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Client } from '../api/client';
import type { components } from '../api/schema';
import { told } from '../api/told';
import { valueOf } from './values';

import '../../style/files.css';

type Parameter = components['schemas']['Parameter'];
type RunStarted = components['schemas']['RunStarted'];
type RunWhole = components['schemas']['RunWhole'];

const ASK = 1000;
const ENDED = new Set(['hit', 'succeeded', 'failed', 'cancelled', 'lost', 'setup']);

export async function runNotebook(path: string, client: Client, open: (path: string) => void, trans: TranslationBundle): Promise<void> {
  try {
    const { parameters } = await client.get<{ parameters: Parameter[] }>('parameters', { path });
    const form = new ParametersForm(parameters, trans);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const buttons = [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Run') })];
    const asked = await showDialog({ title: trans.__('Run %1 with Steppe', name), body: form, buttons, focusNodeSelector: 'input' });
    if (asked.button.accept) {
      const started = await client.send<RunStarted>('POST', 'runs', { path, parameters: asked.value ?? {}, steps: 'tagged' });
      await follow(path, name, started, client, open, trans);
    }
  } catch (error) {
    await showErrorMessage(trans.__('The notebook can not be run'), error instanceof Error ? error.message : String(error));
  }
}

/** Tell in a notification how a run goes, until its end. */
async function follow(path: string, name: string, started: RunStarted, client: Client, open: (path: string) => void, trans: TranslationBundle): Promise<void> {
  const cancel = {
    label: trans.__('Cancel'),
    callback: () => void client.send('POST', `runs/${started.run}/cancel`, {}, { path }).catch(error => Notification.error(String(error.message)))
  };
  const id = Notification.emit(trans.__('Running %1', name), 'in-progress', { autoClose: false, actions: [cancel] });
  let steps = 0;
  client.send<{ steps: unknown[] }>('POST', 'pipeline', { path }).then(
    found => (steps = found.steps.length),
    () => undefined // without a plan, there is no share
  );
  let failures = 0;
  for (;;) {
    await new Promise(done => setTimeout(done, ASK));
    let found: RunWhole;
    try {
      found = await client.get<RunWhole>(`runs/${started.run}`, { path });
      failures = 0;
    } catch (error) {
      if (++failures < 30) {
        continue; // it is not written down yet, or the server is away
      }
      const message = trans.__('%1: nothing is known of the run any more. %2', name, error instanceof Error ? error.message : String(error));
      Notification.update({ id, message, type: 'error', autoClose: false, actions: [] });
      return;
    }
    const { run } = found;
    const done = found.steps.filter(step => ENDED.has(step.state)).length;
    if (run.ended === null && run.status === 'running') {
      const now = found.steps.find(step => !ENDED.has(step.state))?.name;
      const message = now ? trans.__('Running %1: %2', name, now) : trans.__('Running %1', name);
      Notification.update({ id, message, type: 'in-progress', progress: steps ? Math.min(done / steps, 1) : undefined, actions: [cancel] });
      continue;
    }
    const actions = [{ label: trans.__('Open the executed notebook'), callback: () => open(started.output) }];
    const failed = found.steps.find(step => step.state === 'failed');
    if (run.status === 'succeeded') {
      Notification.update({ id, message: trans.__('%1 has run.', name), type: 'success', autoClose: false, actions });
    } else {
      const why = failed ? trans.__('%1 failed in %2: %3', name, failed.name, failed.error) : trans.__('%1: %2', name, told(run.status, trans));
      Notification.update({ id, message: why, type: 'error', autoClose: false, actions });
    }
    return;
  }
}

class ParametersForm extends ReactWidget {
  constructor(
    private readonly parameters: Parameter[],
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('steppe-Parameters');
  }

  /** The parameters that were changed, asked for by the dialog before it goes. */
  getValue(): Record<string, unknown> {
    const inputs = [...this.node.querySelectorAll<HTMLInputElement>('input[name]')];
    const changed = inputs.filter(input => input.value !== input.defaultValue);
    return Object.fromEntries(changed.map(input => [input.name, valueOf(input.value)]));
  }

  protected render(): JSX.Element {
    if (!this.parameters.length) {
      return <p>{this.trans.__('No cell of it is tagged “parameters”: it runs as it is.')}</p>;
    }
    return (
      <>
        {this.parameters.map(({ name, value, type, help }) => (
          <div key={name} className="steppe-Parameters-field">
            <label htmlFor={`steppe-parameter-${name}`}>{name}</label>
            <input
              id={`steppe-parameter-${name}`}
              name={name}
              type="text"
              className="jp-mod-styled"
              defaultValue={value}
              spellCheck={false}
              aria-describedby={help || type ? `steppe-parameter-${name}-about` : undefined}
            />
            {(help || type) && <p id={`steppe-parameter-${name}-about`}>{[type, help].filter(Boolean).join(' · ')}</p>}
          </div>
        ))}
      </>
    );
  }
}
