/** The server's words for artifacts. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Artifact = Schemas['Artifact'];
export type Execution = Schemas['Execution'];
export type Table = Schemas['Table'];
export type TableColumn = Schemas['TableColumn'];
export type Summary = Schemas['Summary'];
export type Summaries = Schemas['Summaries'];
export type Content = Schemas['Content'];
export type Fact = Schemas['Fact'];
export type Knot = Schemas['Knot'];
export type Lineage = Schemas['Lineage'];
