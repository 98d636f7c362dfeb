/** A name and what it stands for, in a list of facts; nothing where that is not known. */
import React from 'react';

export function Fact({ name, value }: { name: string; value: string }): JSX.Element | null {
  return value ? (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  ) : null;
}
