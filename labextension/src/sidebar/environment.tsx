/** What a step ran in: commit and how files differed from it, machine, image, packages. Asked for when it is opened. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import type { Environment } from '../api/types';
import { useAsked } from './asking';
import { DifferenceView } from './difference';
import { Fact } from './fact';

export function EnvironmentView({ client, path, stepRun, trans }: { client: Client; path: string; stepRun: string; trans: TranslationBundle }): JSX.Element {
  const asked = useAsked<Environment>(client, `step-runs/${stepRun}/environment`, { path });
  const told = asked.data;
  if (told === null) {
    return <p className={asked.error ? 'steppe-Error' : 'steppe-Quiet'}>{asked.error || trans.__('Loading…')}</p>;
  }
  const dirty = told.commit.endsWith('+');
  const installed = Object.entries(told.installed);
  return (
    <>
      <dl className="steppe-Facts">
        <Fact name={trans.__('Python')} value={told.python} />
        <Fact name={trans.__('Commit')} value={dirty ? trans.__('%1, and files differed', told.commit.slice(0, 12)) : told.commit.slice(0, 12)} />
        <Fact name={trans.__('Image')} value={told.image} />
        <Fact name={trans.__('Machine')} value={[told.host, told.machine].filter(text => text).join(' · ')} />
      </dl>
      {told.difference && (
        <details className="steppe-More">
          <summary>{trans.__('How files differed')}</summary>
          <DifferenceView unified={told.difference} />
        </details>
      )}
      <h3>{trans.__('Packages in its key (%1)', Object.keys(told.packages).length)}</h3>
      <Packages found={Object.entries(told.packages)} trans={trans} />
      {installed.length > 0 && (
        <details className="steppe-More">
          <summary>{trans.__('All that was installed (%1)', installed.length)}</summary>
          <Packages found={installed} trans={trans} />
        </details>
      )}
    </>
  );
}

function Packages({ found, trans }: { found: [string, string][]; trans: TranslationBundle }): JSX.Element {
  if (found.length === 0) {
    return <p className="steppe-Quiet">{trans.__('None.')}</p>;
  }
  return <dl className="steppe-Facts">{found.map(([name, version]) => <Fact key={name} name={name} value={version} />)}</dl>;
}
