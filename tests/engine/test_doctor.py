"""Every layer of the sandbox is proved by trying; namespaces and Landlock are each enough without the other."""

import os
import signal

import pytest

from backprop_autograder.workers import sandbox, warm
from backprop_autograder.workers.doctor import probe_layers
from backprop_autograder.workers.sandbox import LAYERS, lacking
from backprop_autograder.workers.warm import NoSandboxError, WarmLauncher

pytestmark = pytest.mark.skipif(not warm.can_fork(), reason="the sandbox needs Linux")
NAMESPACES = ("pid namespace", "network namespace", "ipc namespace", "root folder", "own user", "thread limit")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    course = tmp_path_factory.mktemp("course")
    (course / "judge.secret").write_text("secret")
    return probe_layers((course,))


def have(diagnosis):
    return {name for name, obstacle in diagnosis.layers.items() if not obstacle}


def test_this_host_isolates_submissions(whole):
    assert whole.isolated, whole.report()
    assert "Submissions are isolated." in whole.report()


def test_every_layer_is_reported(whole):
    assert tuple(whole.layers) == LAYERS


@pytest.mark.slow
@pytest.mark.parametrize("without", [NAMESPACES, ("Landlock",)])
def test_one_half_of_the_layers_isolates_where_the_other_is_not_to_be_had(whole, without, tmp_path):
    if not have(whole) >= set(LAYERS):
        pytest.skip("this host does not have both halves")
    (tmp_path / "secret").touch()
    diagnosis = probe_layers((tmp_path,), without)
    assert diagnosis.isolated, diagnosis.report()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("without", "unguarded"),
    [
        ((*NAMESPACES, "Landlock"), "files"),
        ((*NAMESPACES, "seccomp"), "network"),
        (("seccomp",), "calls"),
        (("limits",), "limits"),
    ],
)
def test_what_nothing_guards_is_named_and_refused(without, unguarded):
    diagnosis = probe_layers(without=without)
    assert not diagnosis.isolated
    assert f"nothing guards {unguarded}" in diagnosis.report()
    with WarmLauncher(without=without) as launcher, pytest.raises(NoSandboxError, match=unguarded):
        launcher.check_isolation()


def test_an_open_worker_fails_the_proofs(monkeypatch):
    # What the proofs are worth: the same attempts succeed where there is no sandbox.
    from backprop_autograder.workers import doctor

    monkeypatch.setattr(doctor, "_RESOURCES", [])
    with WarmLauncher(sandbox=False) as launcher:
        proofs = doctor._prove(launcher, ())
    broken = {proof.what for proof in proofs if not proof.held}
    assert {"read a file of the grader", "connect to a listener on 127.0.0.1", "kill a process of the grader"} <= broken


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a fork beside threads: the child only writes
def test_a_survey_whose_process_is_killed_is_made_again(tmp_path, monkeypatch):
    def killed_once(*_):
        if not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return {"Landlock": ""}

    monkeypatch.setattr(sandbox, "_try_layers", killed_once)
    assert sandbox.survey(sandbox.Policy(), str(tmp_path), True) == {"Landlock": ""}


def test_a_survey_names_what_is_missing():
    assert lacking(dict.fromkeys(LAYERS, "")) == []
    assert lacking({}) == ["files", "network", "limits", "calls"]
