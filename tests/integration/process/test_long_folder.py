"""A folder with a long name, such as a deep temporary one: a socket's name has 108 bytes at most."""


def test_a_step_runs_and_is_cancelled_where_the_machine_s_folder_has_a_long_name(kernel, tmp_path, monkeypatch):
    folder = tmp_path / ("long" * 20) / ("longer" * 10)
    folder.mkdir(parents=True)
    monkeypatch.setenv("STEPPE_MACHINE", str(folder))
    shell = kernel()
    assert shell.step("first", "x = 1").success
    assert shell["x"] == 1
    shell.step("second", "import time\ntime.sleep(60)\ny = 1", "on=process wait=false")
    assert shell.run("%steppe cancel second").success
    shell.run("%steppe wait second")
    assert str(shell.last.state) == "cancelled"
