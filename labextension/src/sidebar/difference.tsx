/** Code beside earlier code, as lines with what went and what came. */
import React from 'react';

export function DifferenceView({ unified }: { unified: string }): JSX.Element {
  return (
    <pre className="steppe-Code" tabIndex={0}>
      {unified.split('\n').map((line, number) => (
        <span key={number} data-sign={line.startsWith('@@') ? '@' : line[0] === '+' || line[0] === '-' ? line[0] : undefined}>
          {line + '\n'}
        </span>
      ))}
    </pre>
  );
}
