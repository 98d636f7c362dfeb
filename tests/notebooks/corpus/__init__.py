"""A corpus of real notebooks: fetched, split into cells, run plainly and with every cell as a step, and compared.

None of the notebooks' code is kept here: `sources.toml` names the source distributions by version and digest, and
`manifest.json` names the chosen files. `sdist.py` and `fetch.py` bring them, `split.py` cuts them into cells,
`choose.py` writes the manifest, `run.py` compares. Nothing here may use Steppe's own code: it is an oracle of its own.
"""
