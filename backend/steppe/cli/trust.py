"""`steppe trust`: from whom pickles and code are taken."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click

from steppe.cli.asking import as_json
from steppe.errors import UsageError


@click.command("trust")
@click.argument("who", required=False)
@click.option("--name", default="", help="What you call them.")
@click.option("--remove", is_flag=True, help="Trust them no more; what was imported stays.")
@as_json
def command(who: str | None, name: str, remove: bool, json_only: bool) -> None:
    """Trust the maker WHO: a bundle of theirs, or their key. Without WHO, list your own key and whom you trust.

    Compare the key with them first, on another way than the one on which the bundle came.
    """
    from steppe.sharing.container import Bundle
    from steppe.sharing.makers import Maker, Signer, folder, trusted, write_trusted

    where = folder(os.environ)
    known = trusted(where)
    if who is not None:
        if re.fullmatch(r"[0-9a-f]{64}", who):
            maker = next((each for each in known if each.key == who), Maker(key=who))
        elif os.path.exists(who):
            with Bundle(Path(who)) as bundle:
                maker = bundle.manifest.maker
        else:
            raise UsageError(f"`{who}` is neither a bundle nor a key of 64 hexadecimal digits.")
        maker = Maker(key=maker.key, name=name or maker.name)
        known = [each for each in known if each.key != maker.key] + ([] if remove else [maker])
        write_trusted(where, known)
    own = Signer(where).maker()
    if json_only:
        told = [{"key": each.key, "name": each.name} for each in known]
        click.echo(json.dumps({"own": own.key, "trusted": told}))
        return
    click.echo(f"your own key: {own.key}")
    for each in known:
        click.echo(f"trusted: {each.key}  {each.name}")
