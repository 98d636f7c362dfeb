/** The form of a step's options, in the property inspector. */
import type { INotebookTools } from '@jupyterlab/notebook';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { GivenOptions, OptionKind } from './given';

export class OptionsForm extends ReactWidget {
  constructor(
    private readonly options: GivenOptions,
    private readonly toggle: () => void,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('steppe-Options');
  }

  notebookTools!: INotebookTools;

  protected render(): JSX.Element {
    return <UseSignal signal={this.options.changed}>{() => <Options options={this.options} toggle={this.toggle} trans={this.trans} />}</UseSignal>;
  }
}

function Options(props: { options: GivenOptions; toggle: () => void; trans: TranslationBundle }): JSX.Element {
  const { options, toggle, trans } = props;
  if (options.cell === null || options.cell.isDisposed || options.cell.model.type !== 'code') {
    return <p className="steppe-Options-note">{trans.__('Only a cell of code can be a step.')}</p>;
  }
  if (!options.isStep) {
    return (
      <div>
        <p className="steppe-Options-note">{trans.__('This cell is no step.')}</p>
        <button type="button" className="jp-Button jp-mod-styled jp-mod-accept" onClick={toggle}>
          {trans.__('Make it a step')}
        </button>
      </div>
    );
  }
  if (options.found === null) {
    return <p className="steppe-Options-note">{options.error || trans.__('Reading the options…')}</p>;
  }
  const { found, kinds } = options;
  const values = new Map(found.settings.map(each => [each.name, each]));
  const unknown = found.settings.filter(each => !kinds.some(kind => kind.name === each.name));
  const shown = new Set(found.settings.map(each => each.problem).filter(Boolean));
  const name: OptionKind = {
    name: 'name',
    about: trans.__('what the step is called; without a name, the id of its cell'),
    wanted: '',
    example: '',
    kind: 'text',
    choices: []
  };
  return (
    <form className="steppe-Options-form" onSubmit={event => event.preventDefault()}>
      {found.problem && !shown.has(found.problem) && (
        <p className="steppe-Options-problem" role="alert">
          {found.problem}
        </p>
      )}
      {options.error && <p className="steppe-Options-problem">{options.error}</p>}
      {[name, ...kinds].map(kind => {
        const refused = options.refused.get(kind.name);
        const value = kind.name === 'name' ? found.name : values.get(kind.name)?.value ?? '';
        const problem = refused?.problem ?? values.get(kind.name)?.problem ?? '';
        const change = (text: string): void => void options.change(kind.name, text);
        return <Field key={`${options.cell?.model.id} ${kind.name}`} kind={kind} value={refused?.value ?? value} problem={problem} change={change} trans={trans} />;
      })}
      {unknown.map(each => (
        <p key={each.name} className="steppe-Options-problem">
          {each.problem || `${each.name}=${each.value}`}
        </p>
      ))}
    </form>
  );
}

interface FieldProps {
  kind: OptionKind;
  value: string;
  problem: string;
  change: (value: string) => void;
  trans: TranslationBundle;
}

function Field({ kind, value, problem, change, trans }: FieldProps): JSX.Element {
  const [text, setText] = React.useState(value);
  React.useEffect(() => setText(value), [value]);
  const id = `steppe-option-${kind.name}`;
  const described = problem ? `${id}-about ${id}-problem` : `${id}-about`;
  const known = { id, 'aria-describedby': described, 'aria-invalid': problem !== '', className: 'jp-mod-styled' };
  const commit = (): void => {
    if (text !== value) {
      change(text.trim());
    }
  };
  const custom = value !== '' && !kind.choices.includes(value);
  return (
    <div className="steppe-Options-field">
      <label htmlFor={id}>{kind.name}</label>
      {kind.kind === 'text' ? (
        <input
          {...known}
          type="text"
          value={text}
          spellCheck={false}
          autoComplete="off"
          list={kind.choices.length ? `${id}-choices` : undefined}
          placeholder={kind.example.replace(/^[^=]*=/, '')}
          onChange={event => setText(event.target.value)}
          onBlur={commit}
          onKeyDown={event => event.key === 'Enter' && commit()}
        />
      ) : (
        <select {...known} value={value} onChange={event => change(event.target.value)}>
          <option value="">{trans.__('(not given)')}</option>
          {[...kind.choices, ...(custom ? [value] : [])].map(choice => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      )}
      {kind.kind === 'text' && kind.choices.length > 0 && (
        <datalist id={`${id}-choices`}>
          {kind.choices.map(choice => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
      <p id={`${id}-about`} className="steppe-Options-about">
        {kind.about}
      </p>
      {problem && (
        <p id={`${id}-problem`} className="steppe-Options-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
