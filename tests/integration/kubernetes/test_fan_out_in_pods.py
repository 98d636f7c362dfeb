"""Fan-outs in pods: several elements in one, each with the files that it reads."""

from tests.integration.kubernetes.test_kubernetes_steps import kernel, project

__all__ = ["kernel", "project"]


def elements(shell):
    found = shell.last.elements
    return found["hits"], found["ran"], found["failed"]


def test_elements_run_in_pods_with_their_files_and_are_hits_here(kernel, project):
    for name in "abc":
        (project / f"{name}.txt").write_text(name * 2)
    shell = kernel()
    shell.run("files = ['a.txt', 'b.txt', 'c.txt']")
    body = "y = open(f).read()\nprint('at', f)\nopen(f + '.out', 'w').write(y)"
    assert shell.run(f'%%step read on=kubernetes map="f in files"\n{body}').success, shell.out + shell.err
    assert shell["y"] == ["aa", "bb", "cc"]
    assert shell.out == "at a.txt\nat b.txt\nat c.txt\n"
    assert (project / "b.txt.out").read_text() == "bb"
    assert elements(shell) == (0, 3, 0)
    (project / "b.txt").write_text("new")
    other = kernel()
    other.run("files = ['c.txt', 'b.txt', 'a.txt']")
    assert other.run(f'%%step read map="f in files"\n{body}').success
    assert other["y"] == ["cc", "new", "aa"]
    assert elements(other) == (2, 1, 0)


def test_a_file_that_nobody_could_foresee_goes_along_in_the_next_try(kernel, project):
    for name in "ab":
        (project / f"{name}.txt").write_text(name)
    shell = kernel()
    shell.run("names = ['a', 'b']")
    body = "y = open(n + '.tx' + 't').read()"
    assert shell.run(f'%%step read on=kubernetes map="n in names"\n{body}').success, shell.out + shell.err
    assert shell["y"] == ["a", "b"]
