/** The page of one artifact. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import '../../style/artifact.css';
import type { Artifact, Content, Execution, Lineage as Graph, Summaries } from '../api/artifacts';
import type { Client } from '../api/client';
import { Drawn } from './content';
import { copy } from './copying';
import { Grid } from './grid';
import { Lineage } from './lineage';
import { Rows } from './rows';
import { bytes, shortly, told as preview } from './words';

export interface Around {
  path: string;
  version: string;
  client: Client;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  /** Return the contents path of the notebook in front, where it is this one; else null. */
  inFront: (notebook: string) => string | null;
}

export class ArtifactPage extends ReactWidget {
  constructor(private readonly around: Around) {
    super();
    this.addClass('steppe-artifact');
    this.title.label = around.trans.__('Artifact');
    this.title.caption = around.version;
  }

  get path(): string {
    return this.around.path;
  }

  get version(): string {
    return this.around.version;
  }

  protected render(): JSX.Element {
    return <Page {...this.around} onKnown={found => this.name(found)} />;
  }

  private name(found: Artifact): void {
    const kind = found.type.split('.').pop() ?? '';
    this.title.label = found.name ? `${found.name}: ${kind}` : kind || this.around.trans.__('Artifact');
    const host = this.parent;
    if (host !== null) {
      host.title.label = this.title.label;
      host.title.caption = `${found.type} ${found.version}`;
    }
  }
}

/** Where a cell is: its notebook's identity, and its contents path where that is known. */
export type Place = Pick<Execution, 'notebook' | 'path' | 'cell'>;

type Asked<T> = { found: T | null; error: string };

/** Ask for something once, and again when `again` changes. */
function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>, again: unknown): Asked<T> {
  const [asked, setAsked] = React.useState<Asked<T>>({ found: null, error: '' });
  React.useEffect(() => {
    const abort = new AbortController();
    ask(abort.signal).then(
      found => abort.signal.aborted || setAsked({ found, error: '' }),
      error => abort.signal.aborted || setAsked({ found: null, error: error instanceof Error ? error.message : String(error) })
    );
    return () => abort.abort();
  }, [again]);
  return asked;
}

function Page(props: Around & { onKnown: (found: Artifact) => void }): JSX.Element {
  const { path, version, client, trans, onKnown } = props;
  const [again, setAgain] = React.useState(0);
  const route = `artifacts/${version}`;
  const { found, error } = useAsked(signal => client.get<Artifact>(route, { path }, signal), again);
  React.useEffect(() => {
    if (found !== null) {
      onKnown(found);
    }
  }, [found]);
  if (error) {
    return <Failed message={error} retry={() => setAgain(again + 1)} trans={trans} />;
  }
  if (found === null) {
    return <p className="steppe-artifact-wait">{trans.__('Loading…')}</p>;
  }
  return <Known {...props} found={found} route={route} />;
}

function Known(props: Around & { found: Artifact; route: string }): JSX.Element {
  const { found, route, path, version, client, commands, trans } = props;
  const [side, setSide] = React.useState(true);
  const graph = useAsked(signal => client.get<Graph>(`lineage/${version}`, { path, up: 2, down: 2, limit: 60 }, signal), version);
  const placeOf = ({ notebook, path: known }: Place): string | null => props.inFront(notebook) ?? known;
  const openCell = (place: Place): void => void commands.execute('steppe:show-cell', { path: placeOf(place), cell: place.cell });
  const away = trans.__('Its notebook is not to be found: it was moved or removed, or lies outside of Jupyter’s folder.');
  const maker = (found.makers.find(each => placeOf(each) !== null) ?? found.makers[0]) as Execution | undefined;
  const reason = maker === undefined ? trans.__('No step that is kept has made it.') : placeOf(maker) === null ? away : '';
  return (
    <>
      <header className="steppe-artifact-head">
        <div className="steppe-artifact-title">
          <h2>{found.name || trans.__('value')}</h2>
          <span className="steppe-artifact-kind">
            {[found.type, preview(found.preview, found.type), bytes(found.bytes)].filter(Boolean).join(' · ')}
          </span>
        </div>
        <div className="steppe-artifact-actions">
          <CopyButton text={found.load} trans={trans} />
          <button className="jp-mod-styled" disabled={reason !== ''} title={reason} onClick={() => openCell(maker!)}>
            {trans.__('Open the cell that made it')}
          </button>
          <button className="jp-mod-styled" aria-pressed={side} onClick={() => setSide(!side)}>
            {trans.__('Lineage')}
          </button>
        </div>
        {reason && <span className="steppe-artifact-note">{reason}</span>}
        <code className="steppe-artifact-load">{found.load}</code>
      </header>
      <div className="steppe-artifact-body">
        <main className="steppe-artifact-main" aria-label={trans.__('Value')}>
          <Value {...props} found={found} route={route} />
        </main>
        {side && (
          <aside className="steppe-artifact-side" aria-label={trans.__('Lineage')}>
            {graph.found !== null && (
              <Lineage graph={graph.found} path={path} version={version} commands={commands} openCell={openCell} reach={place => placeOf(place) !== null} away={away} trans={trans} />
            )}
            {graph.error && <p className="steppe-artifact-note">{graph.error}</p>}
          </aside>
        )}
      </div>
    </>
  );
}

function Value(props: Around & { found: Artifact; route: string }): JSX.Element {
  const { found, trans } = props;
  if (found.view === 'none') {
    return (
      <div className="steppe-artifact-empty">
        <p>{found.preview || found.type}</p>
        <p className="steppe-artifact-note">
          {found.kept
            ? trans.__('There is no picture of values of this type. Load it to look into it; the line of code stands above.')
            : trans.__('Its bytes are no longer kept: run the step that made it again.')}
        </p>
      </div>
    );
  }
  if (found.view === 'table') {
    return <TableView {...props} at="" />;
  }
  return found.view === 'array' ? <ArrayView {...props} /> : <ContentView {...props} />;
}

function TableView(props: Around & { found: Artifact; route: string; at: string }): JSX.Element {
  const { client, route, path, trans, found, at } = props;
  const [rows, setRows] = React.useState<Rows | null>(null);
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    const made = new Rows(client, route, path, at);
    made.changed.connect(redraw);
    setRows(made);
    return () => made.dispose();
  }, [route, path, at]);
  if (rows === null) {
    return <></>;
  }
  if (rows.error) {
    return <Failed message={rows.error} retry={() => rows.retry()} trans={trans} />;
  }
  return (
    <div className="steppe-artifact-table">
      <div className="steppe-artifact-bar">
        <div className="steppe-artifact-count" role="status">
          {!rows.known ? trans.__('Loading…') : trans.__('%1 rows · %2 columns', rows.total.toLocaleString(), rows.columns.length.toLocaleString())}
          {rows.known && rows.shown < rows.total && ` · ${trans.__('the first %1 are shown', rows.shown.toLocaleString())}`}
        </div>
        {(rows.sorting || rows.making !== null) && <Sorting rows={rows} trans={trans} />}
      </div>
      <Grid key={at} rows={rows} label={found.name || found.type} summaries={found.view === 'table'} trans={trans} />
    </div>
  );
}

/** That an order is being made, how far it is, and a way to stop it. */
function Sorting({ rows, trans }: { rows: Rows; trans: TranslationBundle }): JSX.Element {
  const part = rows.making === null ? '' : ` ${Math.floor(rows.making * 100)} %`;
  const words = rows.sorting ? trans.__('Sorting…') : trans.__('Sorting the rest…');
  const more = rows.sorting ? trans.__('These rows can be told once all are sorted.') : trans.__('The first rows are in their order already.');
  return (
    <div className="steppe-artifact-sorting" title={more}>
      <span aria-live="polite">{words}</span>
      <progress aria-label={trans.__('Sorted')} max={1} value={rows.making ?? undefined} />
      <span>{part}</span>
      <button type="button" className="jp-mod-styled" onClick={() => void rows.stop()}>
        {trans.__('Stop')}
      </button>
    </div>
  );
}

function ArrayView(props: Around & { found: Artifact; route: string }): JSX.Element {
  const { client, route, path, trans } = props;
  const { found: content, error } = useAsked(signal => client.get<Content>(`${route}/content`, { path }, signal), route);
  const { found: told } = useAsked(signal => client.get<Summaries>(`${route}/columns`, { path }, signal), route);
  const [at, setAt] = React.useState<number[]>([]);
  if (error) {
    return <Failed message={error} trans={trans} />;
  }
  const shape = (content?.facts.find(fact => fact.name === 'shape')?.value ?? '')
    .split(' × ')
    .map(length => Number(length.replace(/,/g, '')))
    .filter(Number.isFinite);
  const cut = shape.slice(0, Math.max(0, shape.length - 2));
  const place = cut.map((_, axis) => at[axis] ?? 0);
  return (
    <div className="steppe-artifact-array">
      {content !== null && <Drawn content={withEnds(content, told, trans)} view="array" name={props.found.name} rendermime={props.rendermime} trans={trans} />}
      {cut.length > 0 && (
        <div className="steppe-artifact-cut">
          {cut.map((length, axis) => (
            <label key={axis}>
              {trans.__('axis %1', axis)}{' '}
              <input
                type="number"
                className="jp-mod-styled"
                min={0}
                max={length - 1}
                value={place[axis]}
                onChange={event => {
                  const value = Math.max(0, Math.min(length - 1, Number(event.target.value) || 0));
                  setAt(cut.map((_, each) => (each === axis ? value : place[each])));
                }}
              />
            </label>
          ))}
        </div>
      )}
      <TableView {...props} at={place.join(',')} />
    </div>
  );
}

/** Add the smallest, largest and mean of an array, where they are known. */
function withEnds(content: Content, told: Summaries | null, trans: TranslationBundle): Content {
  const ends = told?.items[0];
  if (ends === undefined || ends.min === null) {
    return content;
  }
  const facts = [
    { name: trans.__('from'), value: shortly(ends.min) },
    { name: trans.__('to'), value: shortly(ends.max) },
    ...(ends.mean === null ? [] : [{ name: trans.__('mean'), value: shortly(ends.mean) }]),
    ...(ends.nulls === 0 ? [] : [{ name: trans.__('missing'), value: ends.nulls.toLocaleString() }])
  ];
  return { ...content, facts: [...content.facts, ...facts] };
}

function ContentView(props: Around & { found: Artifact; route: string }): JSX.Element {
  const { client, route, path, trans, found, rendermime } = props;
  const [again, setAgain] = React.useState(0);
  const asked = useAsked(signal => client.get<Content>(`${route}/content`, { path }, signal), `${route} ${again}`);
  if (asked.error) {
    return <Failed message={asked.error} retry={() => setAgain(again + 1)} trans={trans} />;
  }
  if (asked.found === null) {
    return <p className="steppe-artifact-wait">{trans.__('Loading…')}</p>;
  }
  return <Drawn content={asked.found} view={found.view} name={found.name} rendermime={rendermime} trans={trans} />;
}

function Failed({ message, retry, trans }: { message: string; retry?: () => void; trans: TranslationBundle }): JSX.Element {
  return (
    <div className="steppe-artifact-failed" role="alert">
      <h3>{trans.__('This value can’t be shown')}</h3>
      <p>{message}</p>
      {retry && (
        <button className="jp-mod-styled" onClick={retry}>
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
}

function CopyButton({ text, trans }: { text: string; trans: TranslationBundle }): JSX.Element {
  const [copied, setCopied] = React.useState(false);
  return (
    <button
      className="jp-mod-styled"
      title={text}
      onClick={() => {
        void copy(text).then(() => setCopied(true));
        setTimeout(() => setCopied(false), 2000);
      }}
    >
      {copied ? trans.__('Copied') : trans.__('Copy the code that loads it')}
    </button>
  );
}
