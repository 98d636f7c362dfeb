"""Runs calls of `steppe`, given as JSON on standard input, each in a fork; prints how each ended, as JSON."""

import json
import os
import sys
import tempfile

from steppe.cli.main import COMMANDS, main


def run(words):
    with tempfile.TemporaryFile() as written:
        child = os.fork()
        if not child:
            try:
                for stream in (1, 2):
                    os.dup2(written.fileno(), stream)
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                sys.argv = ["steppe", *words]
                main()
                code = 0
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            except BaseException as error:
                print(repr(error), file=sys.stderr)
                code = 70
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        written.seek(0)
        return code, written.read().decode()


for module, _ in COMMANDS.values():
    __import__(module)
results = [run(words) for words in json.load(sys.stdin)]
json.dump(results, sys.stdout)
