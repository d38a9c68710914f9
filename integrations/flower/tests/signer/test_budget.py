"""What is charged, and that no crash and no crowd changes it."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer import SignerClient
from chongwen_flower.signer.home import Home
from signer.hospital import ADDRESS, SRC, open_round


def outcome(call) -> str:
    try:
        call()
    except ChongwenError as error:
        return error.code
    return "signed"


def rounds(*numbers: int):
    return [open_round(round=number) for number in numbers]


def test_attack_asks_for_more_than_is_left(site, capsys):
    site.approve_federation(open_round(), "skin", "--budget", 2500)
    site.approve_app(site.app)
    site.start()
    first, second, third = rounds(7, 8, 9)
    assert site.sign(first)
    assert site.sign(second)
    assert outcome(lambda: site.sign(third)) == "budget-exhausted"
    assert outcome(lambda: site.client.seat(third.to_json(), app_dir=site.app)) == (
        "budget-exhausted"
    )
    assert site.sign(second), "what is paid for can be asked for again"
    assert site.client.seat(second.to_json(), app_dir=site.app).seat == 3
    assert site.status(capsys)["skin"]["left"] == "500"
    # The operator allows more, while it runs.
    site.approve_federation(third, "skin", "--budget", 3000)
    assert site.sign(third)
    assert outcome(lambda: site.sign(open_round(round=10))) == "budget-exhausted"


def test_attack_spends_in_many_federations_at_once(site, capsys):
    """The budget is the data's, over all federations; eight apps ask at the same moment."""
    opened = [open_round(federation=number) for number in range(1, 9)]
    for one in opened:
        site.approve_federation(one, "skin", "--budget", 3999)
    site.approve_app(site.app)
    site.start()
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda one: outcome(lambda: site.sign(one)), opened))
    assert sorted(outcomes) == ["budget-exhausted"] * 5 + ["signed"] * 3
    assert site.status(capsys)["skin"]["spent"] == "3000"


def test_attack_two_updates_for_one_round_at_once(serving):
    opened = open_round(round=100)
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(
            pool.map(lambda root: outcome(lambda: serving.sign(opened, root)), range(1, 9))
        )
    assert sorted(outcomes) == ["equivocation"] * 7 + ["signed"]


def test_budget_outlasts_a_restart(site):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.approve_app(site.app)
    signature = site.start().sign(open_round())
    site.stop()
    site.start()
    assert site.sign(open_round()) == signature
    assert outcome(lambda: site.sign(open_round(round=8))) == "budget-exhausted"


KILLED = """
    import os, signal, sys
    from chongwen_flower.signer import {module}
    from chongwen_flower.signer.cli import main

    original = {module}.{name}

    def die(*arguments):
        result = original(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    {module}.{name} = die
    main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("module", "name", "spent"),
    [
        ("decide", "Journal.add", 0),  # Written, and not committed.
        ("decide", "Decider._sign", 1000),  # Committed, and not answered.
    ],
)
def test_signer_killed_between_journal_and_answer_charges_once(site, capsys, module, name, spent):
    opened = open_round()
    site.approve_federation(opened, "skin", "--budget", 1000)
    site.approve_app(site.app)
    code = textwrap.dedent(KILLED.format(module=module, name=name))
    command = [sys.executable, "-c", code, "serve", "--home", str(site.home)]
    process = subprocess.Popen(
        [*command, "--password-file", str(site.password_file)],
        env={"PYTHONPATH": str(SRC)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert ADDRESS in process.stdout.readline()
    impatient = SignerClient(site.socket, timeout=1)
    assert outcome(
        lambda: impatient.sign(
            opened.to_json(),
            app_dir=site.app,
            seat=3,
            update_root=(1).to_bytes(32, "big"),
            norm_sq=5,
            norm_trace_root=(9).to_bytes(32, "big"),
            rho=1000,
        )
    ) == ("signer-unreachable")
    assert process.wait(10) == -signal.SIGKILL
    process.stdout.close()
    assert site.status(capsys)["skin"]["spent"] == str(spent)
    site.start()
    assert site.sign(opened)
    assert site.status(capsys)["skin"]["spent"] == "1000"
    assert outcome(lambda: site.sign(opened, 2)) == "equivocation"


@pytest.mark.slow
def test_signer_killed_at_any_moment_loses_nothing(site, capsys):
    """Whatever was answered before a kill is answered again, and all is charged once."""
    site.approve_federation(open_round(round=1), "skin", "--budget", 10**6)
    site.approve_app(site.app)
    generator = random.Random(6)
    promised: dict[int, bytes] = {}
    asked: set[int] = set()
    newest = 1
    for _ in range(8):
        site.start()
        assert all(site.sign(open_round(round=r)) == given for r, given in promised.items())
        with ThreadPoolExecutor(1) as pool:
            killer = pool.submit(_kill_after, site.process.pid, generator.uniform(0.0, 0.15))
            client = SignerClient(site.socket, timeout=0.2)
            while not killer.done():
                opened = open_round(round=newest)
                asked.add(newest)
                site_sign = {
                    **{"app_dir": site.app, "seat": 3, "update_root": (1).to_bytes(32, "big")},
                    **{"norm_sq": 5, "norm_trace_root": (9).to_bytes(32, "big"), "rho": 1000},
                }
                try:
                    promised[newest] = client.sign(opened.to_json(), **site_sign).signature
                except ChongwenError:
                    break
                newest += 1
        site.process.wait(10)
        site.process.communicate()
    site.start()
    assert all(site.sign(open_round(round=r)) == given for r, given in promised.items())
    spent = int(site.status(capsys)["skin"]["spent"])
    assert len(promised) * 1000 <= spent <= len(asked) * 1000
    assert len(promised) > 8


def _kill_after(pid: int, seconds: float) -> None:
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)


def test_journal_that_is_gone_or_foreign_signs_nothing(site, capsys):
    def serving() -> str:
        capsys.readouterr()
        assert site.command("serve", "--password-file", site.password_file, "--json") == 1
        return json.loads(capsys.readouterr().out)["error"]["code"]

    site.approve_federation(open_round(), "skin", "--budget", 1000)
    journal = Home(site.home).journal
    kept = journal.read_bytes()
    journal.unlink()
    assert serving() == "journal-missing"
    # A new one under an old policy would begin with a full budget.
    site.home.joinpath("policy.json").rename(site.root / "policy.json")
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.root.joinpath("policy.json").rename(site.home / "policy.json")
    assert serving() == "journal-foreign"
    journal.write_bytes(bytes(4096))
    assert serving() == "journal-failed"
    journal.write_bytes(kept)
    site.start()


def test_policy_begun_anew_keeps_what_was_spent(site, capsys):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.approve_app(site.app)
    site.start().sign(open_round())
    site.stop()
    Home(site.home).policy.unlink()
    site.approve_federation(open_round(), "skin", "--budget", 1500)
    assert site.status(capsys)["skin"]["left"] == "500"
