"""What the hospital's operator reads and decides, on the command line."""

import json
import sqlite3

import pytest

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer import journal as journal_module
from chongwen_flower.signer.home import Home
from chongwen_flower.signer.journal import Event, Journal, Signed, Statement
from chongwen_flower.signer.policy import Dataset, Policy
from chongwen_flower.signer.policy_json import load_policy, save_policy
from chongwen_flower.signer.words import epsilon
from signer.hospital import ADDRESS, STRANGER, open_round


def failing(site, capsys, *arguments) -> str:
    capsys.readouterr()
    assert site.command(*arguments, "--json") == 1
    return json.loads(capsys.readouterr().out)["error"]["code"]


def save(site, opened) -> str:
    file = site.root / "round.json"
    file.write_bytes(opened.encode())
    return str(file)


def test_federation_is_explained_in_words_before_it_is_approved(site, capsys):
    opened = open_round(rule_id=3, rule_param=1, privacy_mode=1, rho_per_round=5_000_000)
    site.approve_federation(opened, "skin", "--budget", 10**8)
    told = capsys.readouterr().err
    for words in (
        "federation 1, round 7 is open",
        "on chain 31337",
        "seat      3, weight 10",
        "5000000 nano-ρ a round (ε 0.485 at δ 1e-5)",
        "B, escrowed: operators and named auditors can read",
        "trimmed mean, the 1 smallest and largest dropped",
        "Σq² is at most 1000000000000",
        "at least 3 a round, at most 16; 2 can take part now",
        "36 parameters: weight, bias",
        "1 h to force a contribution in, 2 h to report, 1 d to disprove",
        "1000 SHU, or points",
        "skin: 0 of 100000000 nano-ρ spent here",
    ):
        assert words in " ".join(told.split()) or words in told, words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rule_id": 2, "rule_param": 900}, "scaled down to an L2 norm of 900"),
        ({"rule_id": 4}, "median of each coordinate"),
        ({"rule_id": 9}, "9, unknown to this version: do not take part"),
        ({"privacy_mode": 0}, "A, published: after the seal everybody"),
        ({"privacy_mode": 2}, "C, masked: no version"),
        ({"norm_sq_bound": 0}, "none on the size"),
        ({"rho_per_round": 0}, "nothing: the federation adds no noise"),
        ({"exempt": True}, "nothing: the ledger has this dataset as public data"),
        ({"pool_per_round": 0}, "pay            none"),
        ({"finality": 0}, "when the time to disprove is over"),
    ],
)
def test_every_term_has_its_words(site, capsys, change, words):
    site.approve_federation(open_round(**change), "skin", "--budget", 10**8)
    assert words in capsys.readouterr().err


def test_epsilon_is_that_of_the_privacy_page():
    """A site with z = 2 over 30 rounds, ρ = 1/(2z²) each: ε 16.9 at δ 1e-5 (docs/privacy.md)."""
    assert round(epsilon(30 * 125_000_000), 1) == 16.9


def test_federation_is_not_approved_without_a_yes(site, capsys, monkeypatch):
    file = save(site, open_round())
    arguments = ("approve-federation", file, "--dataset", "skin", "--budget", "1000")
    assert failing(site, capsys, *arguments) == "not-confirmed"
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert failing(site, capsys, *arguments) == "not-confirmed"
    assert Home(site.home).read_policy().grants == ()
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert site.command(*arguments) == 0
    assert len(Home(site.home).read_policy().grants) == 1


def test_federation_that_cannot_be_approved(site, capsys):
    def approving(opened, *options):
        given = options or ("--dataset", "skin", "--budget", "1000")
        return failing(site, capsys, "approve-federation", save(site, opened), "--yes", *given)

    assert approving(open_round(chain_id=0)) == "rehearsal-round"
    assert approving(open_round(key=STRANGER)) == "seat-not-found"
    assert approving(open_round(), "--dataset", "skin") == "budget-missing"
    assert approving(open_round(), "--dataset", "skin", "--seat", "4") == "seat-not-found"
    assert approving(open_round(), "--dataset", "Bad name", "--budget", "1") == "name-invalid"
    (site.root / "round.json").write_text("{}")
    given = ("approve-federation", site.root / "round.json", "--dataset", "skin", "--yes")
    assert failing(site, capsys, *given) == "open-round-invalid"
    assert failing(site, capsys, "approve-federation", "/nowhere", *given[2:]) == "file-missing"
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    assert approving(open_round(federation=2, exempt=True)) == "exemption-wrong"
    # Another name would be another budget for the same data.
    assert approving(open_round(), "--dataset", "skin2", "--budget", "1000") == "dataset-other"


def test_app_is_shown_with_its_files_and_needs_a_dataset(site, capsys):
    arguments = ("approve-app", site.app, "--as-is", "--yes")
    assert failing(site, capsys, *arguments) == "dataset-unknown"
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    assert failing(site, capsys, *arguments, "--dataset", "other") == "dataset-unknown"
    assert site.command(*arguments) == 0
    told = capsys.readouterr().err
    assert "pkg/client.py" in told
    assert "may use    skin" in told


def test_approval_and_revocation_work_while_it_serves(site, capsys):
    site.approve_federation(open_round(), "skin", "--budget", 10**6)
    site.start()
    with pytest.raises(ChongwenError) as caught:
        site.sign(open_round())
    assert caught.value.code == "app-not-approved"
    site.approve_app(site.app)
    assert site.sign(open_round())
    app = Home(site.home).read_policy().apps[0].hash
    assert site.command("revoke", app) == 0
    with pytest.raises(ChongwenError) as caught:
        site.sign(open_round())
    assert caught.value.code == "app-not-approved"
    site.approve_app(site.app)
    assert site.command("revoke", "0x" + open_round().config_hash.hex()) == 0
    with pytest.raises(ChongwenError) as caught:
        site.sign(open_round())
    assert caught.value.code == "config-not-approved"
    assert failing(site, capsys, "revoke", "0x" + "00" * 32) == "nothing-to-revoke"
    assert failing(site, capsys, "revoke", "skin") == "nothing-to-revoke"


def test_attack_unapproved_app_and_one_changed_byte_are_told_to_the_operator(serving, capsys):
    """The operator reads which file differs; the app does not, as it may not read that file."""
    changed = serving.make_app("changed", "print('trail')\n")
    (changed / "extra.py").write_text("")
    before = serving.make_app("unlike", "import os\n")
    for directory in (changed, before):
        with pytest.raises(ChongwenError) as caught:
            serving.sign(open_round(round=300), app_dir=directory)
        assert caught.value.code == "app-not-approved"
        assert "client.py" not in caught.value.message
    told = [entry for entry in serving.log(capsys) if entry.get("code") == "app-not-approved"]
    words = " ".join(str(entry["message"]) for entry in told)
    assert "extra.py is new" in words
    assert "pkg/client.py differs" in words


def test_attack_app_directory_that_is_a_link_is_refused_and_told(serving, capsys):
    (serving.root / "link").symlink_to(serving.app)
    with pytest.raises(ChongwenError) as caught:
        serving.sign(open_round(round=301), app_dir=serving.root / "link")
    assert caught.value.code == "app-unusual"
    assert any(entry.get("code") == "app-unusual" for entry in serving.log(capsys))


def test_log_tells_what_was_signed_refused_and_reported(serving, capsys):
    opened = open_round(round=310)
    serving.sign(opened)
    with pytest.raises(ChongwenError):
        serving.sign(opened, 2)
    serving.client.note(
        federation=1,
        round_number=310,
        code="update-withheld",
        message="Its payload never came.",
        fix="See that the node stays up.",
    )
    capsys.readouterr()
    assert serving.command("log", "--limit", "200") == 0
    told = capsys.readouterr().out
    assert "signed    federation 1 round 310 seat 3  1000 nano-ρ of skin" in told
    assert "refused   federation 1 round 310 seat 3  equivocation: " in told
    assert "reported  federation 1 round 310  update-withheld: Its payload never came." in told
    assert "what to do: See that the node stays up." in told


def test_attack_note_that_moves_the_cursor_or_hides(serving, capsys):
    hostile = "\x1b[2J\x1b]0;owned\x07 \u202eevil\u2066 \r\n2026-01-01 signed everything \x00"
    serving.client.note(federation=1, round_number=311, code="x", message=hostile, fix=hostile)
    capsys.readouterr()
    assert serving.command("log", "--limit", "500") == 0
    told = capsys.readouterr().out
    assert not any(sign in told for sign in ("\x1b", "\x07", "\u202e", "\u2066", "\r", "\x00"))
    assert not any(line.startswith("2026-01-01 signed") for line in told.splitlines())


def test_attack_fills_the_journal(site, monkeypatch):
    """Repeated refusals are counted; different ones push out old ones, and no signature."""
    monkeypatch.setattr(journal_module, "MAX_EVENTS", 50)
    journal = Journal(site.home / "journal.sqlite", None)
    for _ in range(200):
        journal.tell(Event("refused", "app-not-approved", "the same", "fix", 1, 7, 3))
    for number in range(200):
        journal.tell(Event("refused", "request-invalid", f"another {number}", "fix"))
    journal.tell(Event("reported", "note", "kept apart", ""))
    journal.close()
    database = sqlite3.connect(site.home / "journal.sqlite")
    kinds = dict(database.execute("SELECT kind, count(*) FROM events GROUP BY kind"))
    database.close()
    assert kinds["refused"] <= 51
    assert kinds["reported"] == 1


def test_attack_fills_the_disk_with_signatures(site, monkeypatch):
    """At the file's limit nothing more is signed, and what was signed stays."""
    monkeypatch.setattr(journal_module, "MAX_PAGES", 40)
    journal = Journal(site.home / "journal.sqlite", None)

    def signed(number: int) -> Signed:
        statement = Statement(1, STRANGER, 1, 3, number, bytes(32), bytes(32))
        return Signed(statement, bytes(32), 5, bytes(32), 0, "skin", "0x", bytes(64))

    written: list[int] = []

    def fill():
        for number in range(10_000):
            with journal.transaction():
                journal.add(signed(number))
            written.append(number)

    with pytest.raises(ChongwenError) as caught:
        fill()
    assert caught.value.code == "journal-failed"
    assert 10 < len(written) < 2000
    assert all(journal.find(signed(number).statement) for number in written)
    assert journal.find(signed(len(written)).statement) is None
    journal.close()
    assert (site.home / "journal.sqlite").stat().st_size <= 40 * 4096


@pytest.mark.parametrize(
    "change",
    [
        {"format": "x"},
        {"version": 2},
        {"extra": 1},
        {"datasets": [{"name": "a", "exempt": False, "budget": 5}]},
        {"datasets": [{"name": "A!", "exempt": False, "budget": "5"}]},
        {"datasets": [{"name": "a", "exempt": False, "budget": "5"}] * 2},
        {"apps": [{"hash": "0x00", "name": "", "version": "", "datasets": [], "files": {}}]},
        {"seats": {}},
    ],
)
def test_policy_that_is_malformed_is_no_policy(site, change):
    path = site.home / "policy.json"
    save_policy(path, Policy("00", (Dataset("skin", False, 5),)))
    value = json.loads(path.read_text())
    path.write_text(json.dumps({**value, **change}))
    with pytest.raises(ChongwenError) as caught:
        load_policy(path)
    assert caught.value.code == "policy-invalid"


def test_policy_reads_as_it_was_written(site):
    site.approve_federation(open_round(), "skin", "--budget", 1000)
    site.approve_app(site.app)
    path = site.home / "policy.json"
    policy = load_policy(path)
    save_policy(path, policy)
    assert load_policy(path) == policy
    assert policy.grants[0].ledger == open_round().ledger
    assert ADDRESS not in path.read_text()


def test_status_tells_what_is_allowed_and_left(site, capsys):
    assert failing(site, capsys, "status") == "nothing-approved"
    site.approve_federation(open_round(), "skin", "--budget", 5000)
    site.approve_app(site.app)
    site.start().sign(open_round())
    capsys.readouterr()
    assert site.command("status") == 0
    told = capsys.readouterr().out
    assert "dataset skin: 1000 of 5000 nano-ρ spent, 4000 left" in told
    assert "1 signatures" in told
    assert f"configuration 0x{open_round().config_hash.hex()}" in told
    assert "app app  for skin" in told
