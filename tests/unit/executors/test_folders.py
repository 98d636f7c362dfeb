"""The folders of attempts."""

import os
import threading

from steppe.executors.process.folders import AttemptFolder, ProcessId


def test_a_folder_is_removed_while_a_process_that_ends_still_writes_there(tmp_path):
    here = ProcessId.of(os.getpid())
    for number in range(20):
        folder = AttemptFolder(str(tmp_path / str(number)))
        folder.make(here)
        done = threading.Event()

        def write(folder=folder, done=done):
            while not done.is_set():
                try:
                    folder.write("worker", here)
                except FileNotFoundError:
                    return

        writer = threading.Thread(target=write)
        writer.start()
        folder.remove()
        done.set()
        writer.join()
        folder.remove()
        assert not folder.there
