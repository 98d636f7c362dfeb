"""What values tell pickle: what they leave out of it, and what comes back as something else."""

from __future__ import annotations

from tests.soundness.harness import hit, miss, table

S = "\n# %%\n%%step s\n"
KEPT = "class C:\n    def __init__(self):\n        self.seen = 1\n        self.kept = [1]\n        self.said = 1\n"
DROPS = KEPT + "    def __getstate__(self):\n        return {'said': self.said}\n"
REDUCES = KEPT + "    def __reduce__(self):\n        return C, ()\n"
LOSES = KEPT + "    def __setstate__(self, state):\n        self.said, self.kept = 0, []\n"
SOME = KEPT + "    def __setstate__(self, state):\n        self.said = 0 if state['said'] == 5 else state['said']\n"
COPYREG = KEPT + "import copyreg\ncopyreg.pickle(C, lambda c: (C, ()))\n"
LOCKED = (
    "import threading\nclass C:\n    def __init__(self):\n        self.v, self.lock = 1, threading.Lock()\n"
    "    def __getstate__(self):\n        return {'v': self.v}\n    def __setstate__(self, state):\n"
    "        self.v, self.lock = state['v'], threading.Lock()\n"
)
CLASSES = [
    ("__getstate__", DROPS, "seen"),
    ("__reduce__", REDUCES, "seen"),
    ("copyreg", COPYREG, "seen"),
    ("__setstate__", LOSES, "said"),
]
MAKE = "%%step r\nimport m\nc = m.C()\n# %%\nx = c.said, len(c.kept)"

ROWS = [
    *(
        miss(f"{name} of the notebook: an attribute that it leaves out", f"{code}c = C()\nc.{what} = 2{S}x = c.{what}", (" = 2\n#", " = 3\n#"))
        for name, code, what in CLASSES
    ),
    *(
        miss(f"{name} of a module: an attribute that it leaves out", f"import m\nc = m.C()\nc.{what} = 2{S}x = c.{what}", (" = 2\n#", " = 3\n#"), files={"m.py": code}, free=("m",))
        for name, code, what in CLASSES
    ),
    miss("a list that __getstate__ leaves out, changed by a step", f"{DROPS}c = C()\nn = 2{S}c.kept.append(n)\nx = list(c.kept)", ("n = 2", "n = 3")),
    *(
        miss(f"{name} of a module: it does not come back", MAKE, files={"m.py": code}, same=True, step="r", free=("m",))
        for name, code in (("__setstate__", LOSES), ("__getstate__", DROPS))
    ),
    *(
        miss(f"{name} of the notebook: it does not come back", f"{code}\n# %%\n%%step r\nc = C()\n# %%\nx = c.said, len(c.kept)", same=True, step="r")
        for name, code in (("__setstate__", LOSES), ("__getstate__", DROPS))
    ),
    miss("an instance that does not come back as others do", f"{SOME}# %%\n%%step r\na = C()\n# %%\n%%step s\nc = C()\nc.said = 5\n# %%\nx = c.said", same=True),
    miss("a change that does not come back", f"{LOSES}c = C()\n# %%\n%%step s\nc.said = 5\n# %%\nx = c.said, c.kept", same=True),
    miss("a change of what is left out", f"{DROPS}c = C()\n# %%\n%%step s\nc.seen = 5\n# %%\nx = c.seen", same=True),
    miss("a value that does not come back, put into an input", f"{LOSES}cs = []\n# %%\n%%step s\ncs.append(C())\n# %%\nx = cs[0].said", same=True),
    hit("a lock that __getstate__ leaves out", f"{LOCKED}c = C(){S}x = c.v\n# %%\n%%step t\nd = C()\n# %%\ny = d.v, d.lock.locked()"),
    hit("a drawn figure's axes", "import matplotlib\nmatplotlib.use('agg')\n# %%\n%%step r\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nfig.canvas.draw()\nplt.close(fig)\n# %%\n%%step s\nx = len(ax.lines)", free=("fig", "ax", "plt", "matplotlib")),
    miss("a drawn figure's axes, drawn on", "import matplotlib\nmatplotlib.use('agg')\n# %%\n%%step r\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nfig.canvas.draw()\nplt.close(fig)\n# %%\nax.plot([3, 4]);\n# %%\n%%step s\nx = ax.lines[-1].get_ydata().tolist()", ("[3, 4]", "[3, 5]"), free=("fig", "ax", "plt", "matplotlib")),
    hit("a parser of arguments", "%%step r\nimport argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int);\n# %%\n%%step s\nx = p.parse_args(['--n', '3']).n", free=("p", "argparse")),
    hit("a function that a library's function made", "%%step r\nimport pandas as pd\nst = pd.DataFrame({'a': [1, 2]}).style.highlight_max()\n# %%\n%%step s\nx = len(st.to_html(uuid='u'))", free=("st", "pd")),
    hit("a tree of elements", "%%step r\nimport xml.etree.ElementTree as ET\nt = ET.fromstring('<a><b c=\"1\"/>d</a>')\n# %%\n%%step s\nx = ET.tostring(t)", free=("t", "ET")),
    miss("an element's attribute", "import xml.etree.ElementTree as ET\nt = ET.fromstring('<a><b c=\"1\"/>d</a>')\n# %%\nt[0].set('c', '2')\n# %%\n%%step s\nx = ET.tostring(t)", ("'2'", "'3'"), free=("t", "ET")),
]  # fmt: skip

test_rows = table(ROWS)
