/** Asks for a schedule: the dialog closes only once the server has made it, or nobody wants it any more. */
import { Dialog, Notification, showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Client } from '../api/client';
import type { Parameter, Schedule } from '../api/types';
import { ScheduleForm } from './form';

import '../../style/schedules.css';

const OK = 1;

class Asking extends Dialog<unknown> {
  constructor(
    options: Partial<Dialog.IOptions<unknown>>,
    private readonly submit: () => Promise<boolean>
  ) {
    super(options);
  }

  /** Close at once where it is given up, else once the server has taken what was asked. */
  resolve(index?: number): void {
    if (index !== undefined && index !== OK) {
      super.resolve(index);
    } else if (!this.busy) {
      this.busy = true;
      void this.submit()
        .then(done => done && super.resolve(OK))
        .finally(() => (this.busy = false));
    }
  }

  private busy = false;
}

/** Ask for a schedule of the notebook at a contents path, or for changes of one; tell whether there is one now. */
export async function askForSchedule(path: string, schedule: Schedule | null, client: Client, trans: TranslationBundle): Promise<boolean> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  let parameters: Parameter[] = [];
  try {
    const of = schedule === null ? path : schedule.path;
    parameters = of === null ? [] : (await client.get<{ parameters: Parameter[] }>('parameters', { path: of })).parameters;
  } catch (error) {
    if (schedule === null) {
      await showErrorMessage(trans.__('The notebook can not be scheduled'), error instanceof Error ? error.message : String(error));
      return false;
    }
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
  const form = new ScheduleForm({ client, path, name: plain(name), schedule, parameters, zone, trans });
  const title = schedule === null ? trans.__('Schedule %1 with Steppe', name) : trans.__('Change the schedule %1', schedule.name);
  const buttons = [Dialog.cancelButton(), Dialog.okButton({ label: schedule === null ? trans.__('Schedule') : trans.__('Save') })];
  const dialog = new Asking({ title, body: form, buttons, focusNodeSelector: '#steppe-schedule-cron' }, () => form.submit());
  dialog.addClass('steppe-Schedule-dialog');
  const { button } = await dialog.launch();
  if (button.accept && schedule === null) {
    Notification.success(trans.__('%1 is scheduled.', name), { autoClose: 5000 });
  }
  return button.accept;
}

/** Return a name for the schedule of a notebook file. */
function plain(file: string): string {
  return file.replace(/\.ipynb$/, '').replace(/[^\p{L}\p{N}_.-]+/gu, '-').replace(/^[.-]+/, '').slice(0, 100) || 'schedule';
}
