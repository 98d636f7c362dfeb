/** How times are said to a person, in the words that the kernel uses too. */
import type { TranslationBundle } from '@jupyterlab/translation';

/** Say how old something is, in seconds: `3 h`. */
export function age(seconds: number, trans: TranslationBundle): string {
  if (seconds < 60) {
    return seconds < 1.5 ? trans.__('new') : trans.__('%1 s old', Math.floor(seconds));
  }
  const [length, word] = seconds < 3600 ? [60, 'min'] : seconds < 2 * 86400 ? [3600, 'h'] : [86400, 'd'];
  return trans.__('%1 old', `${Math.floor(seconds / (length as number))} ${word}`);
}

/** Say how long something takes, in seconds: `12 s`. */
export function lasting(seconds: number): string {
  if (seconds < 0.9995) {
    return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  }
  if (seconds < 90) {
    return seconds < 9.95 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Say how long something has taken so far: whole seconds, which tick. */
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes < 1) {
    return `${rest} s`;
  }
  const two = String(rest).padStart(2, '0');
  return minutes < 60 ? `${minutes}:${two}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${two}`;
}
