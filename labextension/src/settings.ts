/** What a person has set, as the settings editor shows it (`schema/plugin.json`). */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ISignal, Signal } from '@lumino/signaling';

export class Settings {
  badges = true;
  savedTime = true;
  liveUpdates = true;
  refreshDelay = 500;
  turnOn = true;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Follow what the registry says. */
  follow(found: ISettingRegistry.ISettings): void {
    const read = (): void => {
      const given = found.composite as Partial<Pick<Settings, 'badges' | 'savedTime' | 'liveUpdates' | 'refreshDelay' | 'turnOn'>>;
      this.badges = given.badges ?? true;
      this.savedTime = given.savedTime ?? true;
      this.liveUpdates = given.liveUpdates ?? true;
      this.refreshDelay = given.refreshDelay ?? 500;
      this.turnOn = given.turnOn ?? true;
      this._changed.emit();
    };
    found.changed.connect(read);
    read();
  }

  private readonly _changed = new Signal<this, void>(this);
}
