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
