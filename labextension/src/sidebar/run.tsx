/** One run of the list, opened: its parameters and steps, and what people say of it: tags and notes. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Client } from '../api/client';
import { told } from '../api/told';
import type { Note, RunWhole } from '../api/types';
import { lasting } from '../cells/durations';
import { useAsked } from './asking';

export function RunDetails({ client, path, id, trans, changed }: { client: Client; path: string; id: string; trans: TranslationBundle; changed: () => void }): JSX.Element {
  const asked = useAsked<RunWhole>(client, `runs/${id}`, { path });
  const [error, setError] = React.useState('');
  const [tags, setTags] = React.useState<string | null>(null);
  const [note, setNote] = React.useState('');
  const send = async (method: 'PATCH' | 'POST' | 'DELETE', route: string, body: unknown): Promise<boolean> => {
    try {
      await client.send(method, route, body, { path });
      setError('');
      asked.again();
      changed();
      return true;
    } catch (refused) {
      setError(refused instanceof Error ? refused.message : String(refused));
      return false;
    }
  };
  const run = asked.data?.run;
  if (run === undefined) {
    return <p className="steppe-Quiet">{asked.error || trans.__('Loading…')}</p>;
  }
  const keep = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    const words = (tags ?? '').split(',').map(word => word.trim()).filter(word => word);
    if (await send('PATCH', `runs/${id}`, { tags: words })) {
      setTags(null);
    }
  };
  const write = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await send('POST', `runs/${id}/notes`, { text: note })) {
      setNote('');
    }
  };
  return (
    <div className="steppe-Run-details">
      {error && <p className="steppe-Error">{error}</p>}
      {Object.keys(run.parameters).length > 0 && (
        <dl className="steppe-Facts">
          {Object.entries(run.parameters).map(([name, value]) => <React.Fragment key={name}><dt>{name}</dt><dd>{JSON.stringify(value)}</dd></React.Fragment>)}
        </dl>
      )}
      <form onSubmit={event => void keep(event)}>
        <label>
          {trans.__('Tags')}{' '}
          <input className="steppe-Input" value={tags ?? run.tags.join(', ')} placeholder={trans.__('commas between them')} onChange={event => setTags(event.target.value)} />
        </label>
        {tags !== null && <button type="submit" className="steppe-Button">{trans.__('Keep')}</button>}
      </form>
      {run.notes.map(each => (
        <NoteView
          key={each.id}
          note={each}
          trans={trans}
          change={text => send('PATCH', `runs/${id}/notes/${each.id}`, { text })}
          remove={() => void send('DELETE', `runs/${id}/notes/${each.id}`, undefined)}
        />
      ))}
      <form onSubmit={event => void write(event)}>
        <textarea className="steppe-Input" rows={2} aria-label={trans.__('Note')} placeholder={trans.__('A note')} value={note} onChange={event => setNote(event.target.value)} />
        {note.trim() && <button type="submit" className="steppe-Button">{trans.__('Add note')}</button>}
      </form>
      <ul className="steppe-List">
        {asked.data?.steps.map(step => (
          <li key={step.id} data-state={step.state}>{step.name} <span className="steppe-Quiet">{[told(step.state, trans), step.seconds ? lasting(step.seconds) : '', step.error || step.why].filter(text => text).join(' · ')}</span></li>
        ))}
      </ul>
    </div>
  );
}

/** A note, as it is read, or in a field where it is being changed. */
function NoteView({ note, trans, change, remove }: { note: Note; trans: TranslationBundle; change: (text: string) => Promise<boolean>; remove: () => void }): JSX.Element {
  const [text, setText] = React.useState<string | null>(null);
  const keep = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (await change(text ?? '')) {
      setText(null);
    }
  };
  if (text !== null) {
    return (
      <form onSubmit={event => void keep(event)} onKeyDown={event => event.key === 'Escape' && setText(null)}>
        <textarea className="steppe-Input" rows={2} autoFocus aria-label={trans.__('Change this note')} value={text} onChange={event => setText(event.target.value)} />
        <button type="submit" className="steppe-Button" disabled={!text.trim()}>{trans.__('Keep')}</button>{' '}
        <button type="button" className="steppe-Button" onClick={() => setText(null)}>{trans.__('Leave it as it was')}</button>
      </form>
    );
  }
  return (
    <p className="steppe-Note">
      {note.text} <span className="steppe-Quiet">{note.author}</span>{' '}
      <button type="button" className="steppe-Link" aria-label={trans.__('Change this note')} title={trans.__('Change this note')} onClick={() => setText(note.text)}>✎</button>{' '}
      <button type="button" className="steppe-Link" aria-label={trans.__('Remove this note')} title={trans.__('Remove this note')} onClick={remove}>×</button>
    </p>
  );
}
