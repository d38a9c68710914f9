"""Commands by which the operator allows something: reading first, then a yes."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.protocol.open_round import MAX_BYTES, OpenRound, Seat
from chongwen_flower.protocol.outside import hex_of
from chongwen_flower.signer.app_source import App, read_app
from chongwen_flower.signer.files import read_private
from chongwen_flower.signer.home import Home
from chongwen_flower.signer.journal import Journal
from chongwen_flower.signer.policy import ApprovedApp, Dataset, Grant, Policy, require_name
from chongwen_flower.signer.policy_json import save_policy
from chongwen_flower.signer.text import clean
from chongwen_flower.signer.words import describe_round


def approve_app(
    home: Home, directory: Path, datasets: list[str], *, as_is: bool, yes: bool
) -> dict[str, Any]:
    """Show what is in an app, and let it sign for datasets.

    Raises
    ------
    ChongwenError
        ``dataset-unknown``, ``not-confirmed``, and what `read_app` raises.
    """
    app = read_app(directory, as_is=as_is)
    with home.editing() as (policy, _):
        known = [item.name for item in policy.datasets]
        chosen = datasets or (known if len(known) == 1 else [])
        if not chosen or not set(chosen) <= set(known):
            raise ChongwenError(
                "dataset-unknown",
                f"The app may use {', '.join(map(clean, chosen)) or 'no data yet'}; here are: "
                f"{', '.join(known) or 'none'}.",
                "Approve the federation first, which names the dataset; then name it here with "
                "--dataset.",
            )
        _show_app(app, chosen)
        _confirm("Let this app sign?", yes=yes)
        files = {file.path: file.sha256 for file in app.identity.files}
        approved = ApprovedApp(app.identity.hash, app.name, app.version, frozenset(chosen), files)
        save_policy(home.policy, policy.with_app(approved))
    return {"app": app.identity.hash, "datasets": sorted(chosen), "files": files}


def approve_federation(
    home: Home, file: Path, dataset: str, *, seat: int | None, budget: int | None, yes: bool
) -> dict[str, Any]:
    """Show what an open round means, and pin its ledger, its configuration and our seat.

    Raises
    ------
    ChongwenError
        ``rehearsal-round``, ``seat-not-found``, ``budget-missing``, ``exemption-wrong``,
        ``dataset-other``, ``not-confirmed``, and what `OpenRound.decode` raises.
    """
    opened = _read_round(file)
    ours = _our_seat(opened, _own_address(home), seat)
    with home.editing() as (policy, journal):
        data = _dataset(policy, require_name(dataset), ours, budget, opened.config.rho_per_round)
        grant = _grant(policy, opened, ours, data.name, journal)
        lines = describe_round(opened, ours)
        spent = journal.spent(data.name)
        lines.append(("dataset", f"{data.name}: {spent} of {data.budget} nano-ρ spent here"))
        _print_table(lines)
        _confirm("Take part on these terms?", yes=yes)
        save_policy(home.policy, policy.with_dataset(data).with_grant(grant))
    return {
        "federation": opened.federation,
        "configHash": hex_of(opened.config_hash),
        "seat": ours.seat,
        "dataset": data.name,
        "budget": str(data.budget),
    }


def revoke(home: Home, digest: str) -> dict[str, Any]:
    """Take back an app, or a configuration, by its hash; at once, also from a signer that runs.

    Raises
    ------
    ChongwenError
        ``nothing-to-revoke``
    """
    with home.editing() as (policy, _):
        try:
            changed = policy.without(digest)
        except ValueError:
            changed = policy
        if changed == policy:
            raise ChongwenError(
                "nothing-to-revoke",
                f"No app and no configuration has the hash {clean(digest, 80)}.",
                "chongwen-signer status lists the hashes.",
            )
        save_policy(home.policy, changed)
    return {"revoked": digest}


def _read_round(file: Path) -> OpenRound:
    try:
        content = file.read_bytes()[: MAX_BYTES + 1]
    except OSError as cause:
        raise ChongwenError(
            "file-missing", f"{file} cannot be read: {cause.strerror}.", "Check the path."
        ) from cause
    opened = OpenRound.decode(content.removesuffix(b"\n"))
    if opened.chain_id == 0:
        raise ChongwenError(
            "rehearsal-round",
            "This round is of a rehearsal, which no chain records.",
            "A rehearsal needs no signer. Save the open round of a real ledger.",
        )
    return opened


def _own_address(home: Home) -> str:
    """Read the key's address from the keystore, where it stands beside the encrypted key.

    It decides nothing: what is signed is checked against the key itself.
    """
    content = read_private(home.keystore, "keystore", 1 << 16)
    try:
        address = json.loads(content)["address"]
    except (ValueError, KeyError, TypeError):
        address = None
    if not isinstance(address, str):
        raise ChongwenError(
            "keystore-invalid",
            f"{home.keystore} does not say its address.",
            'Add it: "address": the 40 hex digits.',
        )
    return "0x" + address.lower().removeprefix("0x")


def _our_seat(opened: OpenRound, address: str, number: int | None) -> Seat:
    ours = [seat for seat in opened.seats if seat.key == address and number in (None, seat.seat)]
    if len(ours) == 1:
        return ours[0]
    found = ", ".join(str(seat.seat) for seat in ours) or "none"
    raise ChongwenError(
        "seat-not-found",
        f"Of the seats that can take part in round {opened.round}, {found} has the key {address}.",
        "With several, choose one with --seat. With none, see that governance granted a seat for "
        "this key, and that the open round is a fresh one.",
    )


def _dataset(policy: Policy, name: str, seat: Seat, budget: int | None, price: int) -> Dataset:
    known = policy.dataset(name)
    if known is not None and known.exempt != seat.exempt:
        raise ChongwenError(
            "exemption-wrong",
            f"Dataset {name} is {'exempt' if known.exempt else 'charged'} here, and the opposite "
            "in this round.",
            "It is another dataset, or the round is not the ledger's. Take another name.",
        )
    if budget is None and known is None and not seat.exempt and price:
        raise ChongwenError(
            "budget-missing",
            f"Rounds charge {price} nano-ρ to dataset {name}, and nobody said how much it may "
            "spend.",
            "Say it with --budget, in nano-ρ, over all federations; what the custodian allowed.",
        )
    if known is not None:
        return known if budget is None else replace(known, budget=budget)
    return Dataset(name, seat.exempt, budget or 0)


def _grant(policy: Policy, opened: OpenRound, seat: Seat, dataset: str, journal: Journal) -> Grant:
    same = [item for item in policy.grants_for(opened) if item.seat == seat.seat]
    configs = same[0].configs if same else frozenset()
    if same and same[0].dataset != dataset:
        raise ChongwenError(
            "dataset-other",
            f"Seat {seat.seat} stands for {same[0].dataset} here, and a seat keeps its dataset.",
            f"Approve it with --dataset {same[0].dataset}, whose budget goes on.",
        )
    return Grant(
        chain_id=opened.chain_id,
        ledger=opened.ledger,
        federation=opened.federation,
        seat=seat.seat,
        dataset=dataset,
        configs=configs | {opened.config_hash},
        from_round=opened.round,
        since=journal.last_entry(),
    )


def _show_app(app: App, datasets: list[str]) -> None:
    _print_table(
        [
            ("app", f"{clean(app.name)} {clean(app.version)}"),
            ("ClientApp", clean(app.client) or "not named"),
            ("hash", app.identity.hash),
            ("may use", ", ".join(datasets)),
        ]
    )
    for file in app.identity.files:
        print(f"  {file.sha256[:16]}…  {file.size:>9}  {clean(file.path, 200)}", file=sys.stderr)


def _print_table(lines: list[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        print(f"{name:<{width}}  {text}", file=sys.stderr)


def _confirm(question: str, *, yes: bool) -> None:
    if yes:
        return
    if sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes"):
        return
    raise ChongwenError(
        "not-confirmed", "Nothing was approved.", "Read it, and say y; or pass --yes in a script."
    )
