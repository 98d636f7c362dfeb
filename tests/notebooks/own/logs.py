# %%
import logging
import sys

# %%
logging.warning("before any configuration")

# %%
logger = logging.getLogger("corpus")
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
logger.addHandler(handler)
logger.propagate = False
logger.setLevel(logging.INFO)

# %%
logger.debug("hidden")
logger.info("shown")

# %%
logger.setLevel(logging.DEBUG)

# %%
logger.debug("now shown")


# %%
class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record.getMessage())


kept = Kept()
logger.addHandler(kept)
logger.error("kept, too: %s", 3)

# %%
kept.records

# %%
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("with its traceback")

# %%
logging.getLogger("corpus.child").warning("by its parent's handlers")

# %%
logger.removeHandler(handler)
logger.warning("only kept")

# %%
kept.records[-1], len(logger.handlers)

# %%
logging.disable(logging.ERROR)

# %%
logger.error("not even kept")
kept.records[-1]

# %%
logging.disable(logging.NOTSET)
