/** What the side bar shows, as one React tree: the graph, a step, the runs. Loaded when the side bar is first shown. */
import type { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import '../../style/sidebar.css';

import type { Node, StepRunBrief } from '../api/types';
import { ENDED } from '../pipeline/model';
import type { IPipelines } from '../pipeline/pipelines';
import { Chosen } from './chosen';
import { Graph } from './graph';
import { RunsView } from './runs';
import { SchedulesView } from '../schedules/list';
import { ShapeNode, ShownKinds, stepId } from './shape';
import type { SidebarState, Tab } from './state';
import { StepView } from './step';

export interface ViewProps {
  pipelines: IPipelines;
  commands: CommandRegistry;
  state: SidebarState;
  trans: TranslationBundle;
}

/** Each second where something runs; ages of what has ended are told each minute. */
const TICK = 1000;
const MINUTE = 60_000;

export function View({ pipelines, commands, state, trans }: ViewProps): JSX.Element {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const [shown, setShown] = React.useState<ShownKinds>({ variables: false, files: false, parameters: false });
  const [search, setSearch] = React.useState('');
  const [entered, setEntered] = React.useState(0);
  React.useEffect(() => {
    let asked = 0;
    const draw = (): void => {
      asked = asked || requestAnimationFrame(() => {
        asked = 0;
        redraw();
      });
    };
    pipelines.changed.connect(draw);
    state.changed.connect(draw);
    const goesOn = (run: StepRunBrief | null): boolean => run !== null && !ENDED.has(run.state);
    const tick = (): void => void (pipelines.current?.states().some(({ run }) => goesOn(run)) && draw());
    const timer = setInterval(tick, TICK);
    const slow = setInterval(draw, MINUTE);
    return () => {
      pipelines.changed.disconnect(draw);
      state.changed.disconnect(draw);
      clearInterval(timer);
      clearInterval(slow);
      cancelAnimationFrame(asked);
    };
  }, [pipelines, state]);

  const model = pipelines.current;
  const now = Date.now() / 1000;
  const client = pipelines.client;
  const steps = model?.pipeline?.steps ?? [];
  const step = steps.find(({ name }) => name === state.step) ?? null;
  const tabs: [Tab, string][] = [
    ['graph', trans.__('Graph')],
    ['step', trans.__('Step')],
    ['runs', trans.__('Runs')],
    ['schedules', trans.__('Schedules')]
  ];
  const openCell = (cell: string): void => void commands.execute('steppe:show-cell', { cell });
  const openArtifact = (version: string, name: string): void => {
    if (commands.hasCommand('steppe:open-artifact')) {
      void commands.execute('steppe:open-artifact', { path: model?.path ?? '', version, name });
    }
  };
  const choose = (id: string | null): void => {
    const found = steps.find(({ name }) => stepId(name) === id);
    state.choose(found?.name ?? null, id);
    if (found !== undefined) {
      openCell(found.parts[0].cell);
    }
  };
  const open = (node: ShapeNode): void => {
    if (node.step !== null) {
      state.open(node.step.name);
    } else if (node.variable?.version) {
      openArtifact(node.variable.version, node.variable.name);
    } else if (node.kind === 'file') {
      void commands.execute('steppe:open-file', { path: model?.path ?? '', name: node.label });
    } else if (node.kind === 'parameter') {
      const cells = model?.panel.content.widgets ?? [];
      openCell(cells.find(({ model: cell }) => (cell.getMetadata('tags') as string[] | undefined)?.includes('parameters'))?.model.id ?? '');
    }
  };
  const toTab = (event: React.KeyboardEvent): void => {
    const at = tabs.findIndex(([tab]) => tab === state.tab);
    const next = event.key === 'ArrowRight' ? at + 1 : event.key === 'ArrowLeft' ? at - 1 : at;
    if (next !== at) {
      state.show(tabs[(next + tabs.length) % tabs.length][0]);
      (event.currentTarget.children[(next + tabs.length) % tabs.length] as HTMLElement).focus();
    }
  };
  return (
    <div className="steppe-Sidebar">
      <div className="steppe-Tabs" role="tablist" aria-label={trans.__('Steppe')} onKeyDown={toTab}>
        {tabs.map(([tab, title]) => (
          <button key={tab} type="button" role="tab" id={`steppe-tab-${tab}`} aria-selected={state.tab === tab} aria-controls="steppe-tabpanel" tabIndex={state.tab === tab ? 0 : -1} onClick={() => state.show(tab)}>
            {title}
          </button>
        ))}
      </div>
      {model !== null && model.error && model.pipeline !== null && (
        <div className="steppe-Lost" role="alert">
          <p>{model.error}</p>
          <button type="button" className="steppe-Button" onClick={() => void model.refresh()}>{trans.__('Try again')}</button>
        </div>
      )}
      <div className="steppe-Sidebar-body" role="tabpanel" id="steppe-tabpanel" aria-labelledby={`steppe-tab-${state.tab}`}>
        {state.tab === 'schedules' ? (
          <SchedulesView
            client={client}
            path={model?.path ?? ''}
            trans={trans}
            now={now}
            mark={state.runsMark}
            make={model === null ? null : () => void commands.execute('steppe:schedule-notebook', { front: true })}
            open={path => void commands.execute('docmanager:open', { path })}
          />
        ) : state.tab === 'runs' ? (
          <RunsView
            client={client}
            path={model?.path ?? ''}
            notebook={model?.pipeline?.notebook ?? ''}
            trans={trans}
            now={now}
            mark={state.runsMark}
            compare={(a, b) => void commands.execute('steppe:compare-runs', { path: model?.path ?? '', a, b })}
          />
        ) : model === null ? (
          <Empty title={trans.__('No notebook is in front')} text={trans.__('Open one: its steps show here as a graph.')} />
        ) : model.error && model.pipeline === null ? (
          <Empty title={trans.__('The pipeline can’t be shown')} text={model.error} error again={() => void model.refresh()} trans={trans} />
        ) : model.pipeline === null ? (
          <Empty title={trans.__('Planning…')} text={trans.__('What would become of each step is being looked up.')} />
        ) : steps.length === 0 ? (
          <Empty title={trans.__('This notebook has no steps')} text={model.pipeline.problems[0] ?? trans.__('Begin a cell with %1, or use the step button in its toolbar: it is then cached and traced.', '%%step NAME')} />
        ) : state.tab === 'step' ? (
          step === null ? (
            <Choose steps={steps} open={name => state.open(name)} trans={trans} />
          ) : (
            <StepView model={model} client={client} events={pipelines.events} trans={trans} step={step} now={now} openArtifact={openArtifact} openCell={openCell} />
          )
        ) : (
          <>
            <div className="steppe-Filters">
              <input className="steppe-Input" type="search" placeholder={trans.__('Find a step')} aria-label={trans.__('Find a step')} value={search} onChange={event => setSearch(event.target.value)} onKeyDown={event => event.key === 'Enter' && setEntered(entered + 1)} />
              <Toggle title={trans.__('values')} on={shown.variables} set={variables => setShown({ ...shown, variables })} />
              <Toggle title={trans.__('files')} on={shown.files} set={files => setShown({ ...shown, files })} />
              <Toggle title={trans.__('parameters')} on={shown.parameters} set={parameters => setShown({ ...shown, parameters })} />
            </div>
            <Graph model={model} trans={trans} chosen={state.node} shown={shown} search={search} entered={entered} choose={choose} open={open} now={now} />
            <Chosen model={model} trans={trans} id={state.node} shown={shown} now={now} open={open} />
          </>
        )}
      </div>
    </div>
  );
}

function Toggle({ title, on, set }: { title: string; on: boolean; set: (on: boolean) => void }): JSX.Element {
  return <button type="button" className="steppe-Toggle" aria-pressed={on} onClick={() => set(!on)}>{title}</button>;
}

function Empty({ title, text, error = false, again, trans }: { title: string; text: string; error?: boolean; again?: () => void; trans?: TranslationBundle }): JSX.Element {
  return (
    <div className="steppe-Empty" role={error ? 'alert' : 'status'}>
      <h2>{title}</h2>
      <p className={error ? 'steppe-Error' : undefined}>{text}</p>
      {again && trans && <button type="button" className="steppe-Button" onClick={again}>{trans.__('Try again')}</button>}
    </div>
  );
}

function Choose({ steps, open, trans }: { steps: Node[]; open: (name: string) => void; trans: TranslationBundle }): JSX.Element {
  return (
    <div className="steppe-Step">
      <p className="steppe-Quiet">{trans.__('Choose a step:')}</p>
      <ul className="steppe-List">
        {steps.map(({ name }) => <li key={name}><button type="button" className="steppe-Link" onClick={() => open(name)}>{name}</button></li>)}
      </ul>
    </div>
  );
}
