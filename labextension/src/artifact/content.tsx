/** What is drawn of values that are no table: figures, pictures, models, trees, texts. Nothing of it can run a script. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MimeModel } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import type { Content, Fact } from '../api/artifacts';
import { best } from './words';

const PLOTLY = 'application/vnd.plotly.v1+json';

interface Props {
  content: Content;
  view: string;
  name: string;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
}

export function Drawn({ content, view, name, rendermime, trans }: Props): JSX.Element {
  const draws = (type: string): boolean => rendermime.preferredMimeType({ [type]: {} } as never, 'any') === type;
  const type = best(Object.keys(content.data), draws);
  const facts = view === 'array' ? content.facts : [];
  return (
    <div className="steppe-artifact-drawn">
      {type !== null && <Bundle type={type} data={content.data} name={name} rendermime={rendermime} />}
      {PLOTLY in content.data && type !== PLOTLY && (
        <p className="steppe-artifact-note">
          {trans.__('To draw this figure here, install plotly where this Jupyter server runs, and load the page again.')}
        </p>
      )}
      {facts.length > 0 && <Facts title="" facts={facts} />}
      {view === 'model' && (
        <>
          <h3>{content.text}</h3>
          <Facts title={trans.__('Learned')} facts={content.facts} />
          <Facts title={trans.__('Parameters')} facts={content.parameters} />
          <Facts title={trans.__('Parts')} facts={content.parts} />
        </>
      )}
      {view === 'text' && <pre className="steppe-artifact-text">{linked(content.text)}</pre>}
      {content.tree !== null && content.tree !== undefined && (
        <ul className="steppe-tree" role="tree" aria-label={name}>
          <Branch name={name} node={content.tree as TreeNode} open={true} trans={trans} />
        </ul>
      )}
      {content.more && <p className="steppe-artifact-note">{trans.__('Only the beginning is shown.')}</p>}
    </div>
  );
}

function Bundle(props: { type: string; data: Content['data']; name: string; rendermime: IRenderMimeRegistry }): JSX.Element {
  const { type, data, name, rendermime } = props;
  const value = data[type];
  if (type === 'image/png' || type === 'image/jpeg') {
    return <img className="steppe-artifact-image" alt={name} src={`data:${type};base64,${String(value).replace(/\s/g, '')}`} />;
  }
  if (type === 'image/svg+xml') {
    return <img className="steppe-artifact-image" alt={name} src={`data:${type},${encodeURIComponent(String(value))}`} />;
  }
  if (type === 'text/html') {
    return <iframe className="steppe-artifact-frame" sandbox="" title={name} srcDoc={String(value)} />;
  }
  return <Rendered type={type} data={data} rendermime={rendermime} />;
}

/** What one of JupyterLab's own renderers draws. */
function Rendered(props: { type: string; data: Content['data']; rendermime: IRenderMimeRegistry }): JSX.Element {
  const { type, data, rendermime } = props;
  const node = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const host = node.current;
    if (host === null) {
      return;
    }
    const renderer = rendermime.createRenderer(type);
    MessageLoop.sendMessage(renderer, Widget.Msg.BeforeAttach);
    host.appendChild(renderer.node);
    MessageLoop.sendMessage(renderer, Widget.Msg.AfterAttach);
    void renderer.renderModel(new MimeModel({ data: { [type]: data[type] } as never, trusted: false }));
    return () => {
      if (renderer.node.parentNode === host) {
        MessageLoop.sendMessage(renderer, Widget.Msg.BeforeDetach);
        host.removeChild(renderer.node);
        MessageLoop.sendMessage(renderer, Widget.Msg.AfterDetach);
      }
      renderer.dispose();
    };
  }, [type, data, rendermime]);
  return <div ref={node} className="steppe-artifact-rendered" />;
}

function Facts({ title, facts }: { title: string; facts: Fact[] }): JSX.Element | null {
  if (facts.length === 0) {
    return null;
  }
  return (
    <section>
      {title && <h4>{title}</h4>}
      <dl className="steppe-facts">
        {facts.map((fact, at) => (
          <React.Fragment key={at}>
            <dt>{fact.name}</dt>
            <dd>{fact.value}</dd>
          </React.Fragment>
        ))}
      </dl>
    </section>
  );
}

type Leaf = [string, string];
interface Inner {
  type: string;
  items: [string, TreeNode][];
  more: number;
}
type TreeNode = Leaf | Inner;

function Branch(props: { name: string; node: TreeNode; open: boolean; trans: TranslationBundle }): JSX.Element {
  const { name, node, trans } = props;
  const [open, setOpen] = React.useState(props.open);
  if (Array.isArray(node)) {
    return (
      <li role="treeitem" aria-selected={false} className="steppe-tree-leaf">
        {name && <span className="steppe-tree-name">{name}</span>} {linked(node[1])}{' '}
        <span className="steppe-tree-type">{node[0]}</span>
      </li>
    );
  }
  const count = node.items.length + node.more;
  return (
    <li role="treeitem" aria-expanded={open} aria-selected={false}>
      <button className="steppe-tree-button" onClick={() => setOpen(!open)}>
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> <span className="steppe-tree-name">{name}</span>{' '}
        <span className="steppe-tree-type">{`${node.type} · ${count.toLocaleString()}`}</span>
      </button>
      {open && (
        <ul role="group">
          {node.items.map(([key, child], at) => (
            <Branch key={at} name={key} node={child} open={false} trans={trans} />
          ))}
          {node.more > 0 && <li className="steppe-tree-type">{trans.__('and %1 more', node.more.toLocaleString())}</li>}
        </ul>
      )}
    </li>
  );
}

/** Make web addresses in a text links. */
function linked(text: string): React.ReactNode[] {
  return text.split(/(https?:\/\/[^\s<>"']+)/).map((piece, at) =>
    at % 2 === 0 ? (
      piece
    ) : (
      <a key={at} href={piece} target="_blank" rel="noopener noreferrer">
        {piece}
      </a>
    )
  );
}
