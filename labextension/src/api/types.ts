/** The server's words, made from its schemas when the front end is built. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Pipeline = Schemas['Pipeline'];
export type Node = Schemas['Node'];
export type Part = Schemas['Part'];
export type Flow = Schemas['Flow'];
export type Variable = Schemas['Variable'];
export type StepRunBrief = Schemas['StepRunBrief'];
export type Run = Schemas['Run'];
export type StepRun = Schemas['StepRun'];
export type Value = Schemas['Value'];
export type Log = Schemas['Log'];
export type Line = Schemas['Line'];
export type Metrics = Schemas['Metrics'];
export type Measurement = Schemas['Measurement'];
export type Difference = Schemas['Difference'];
export type RunWhole = Schemas['RunWhole'];
export type Comparison = Schemas['Comparison'];
export type Pair = Schemas['Pair'];
export type ValuePair = Schemas['ValuePair'];
export type StepPair = Schemas['StepPair'];
export type Note = Schemas['Note'];
export type Sample = Schemas['Sample'];
export type Usage = Schemas['Usage'];
export type CodeVersions = Schemas['CodeVersions'];
export type Schedule = Schemas['Schedule'];
export type Schedules = Schemas['Schedules'];
export type DueTime = Schemas['DueTime'];
export type DueTimes = Schemas['DueTimes'];
export type Parameter = Schemas['Parameter'];
export type Environment = Schemas['Environment'];

/** What an event `log` carries; events have no schema of their own in OpenAPI. */
export interface Logged {
  step_run: string;
  lines: Line[];
  total: number;
  /** Whether more may come. */
  live: boolean;
}
