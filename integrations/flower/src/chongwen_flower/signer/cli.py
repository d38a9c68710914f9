"""``chongwen-signer``: the site signer's command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chongwen_flower.errors import ChongwenError
from chongwen_flower.signer.home import Home
from chongwen_flower.signer.text import clean


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it was done, 1 on an error, 2 on wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except ChongwenError as error:
        if options.json:
            problem = {"code": error.code, "message": error.message, "fix": error.fix}
            print(json.dumps({"error": problem}, ensure_ascii=False))
        print(f"{error.code}: {clean(error.message)}\n{error.fix}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--home",
        type=Path,
        default=Path.home() / ".chongwen-signer",
        help="the signer's own directory: keystore, policy, journal (default: %(default)s)",
    )
    common.add_argument("--json", action="store_true", help="machine-readable output")
    parser = argparse.ArgumentParser(
        prog="chongwen-signer",
        description="Holds a site's key, and signs only what its operator approved.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(
        name: str, run: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = commands.add_parser(
            name, help=text, description=text, parents=[common], allow_abbrev=False
        )
        command.set_defaults(run=run)
        return command

    serve = add("serve", _serve, "answer apps on a Unix socket")
    serve.add_argument("--socket", type=Path, help="where (default: signer.sock in the home)")
    serve.add_argument("--peer", action="append", default=[], help="user whose apps may ask")
    _add_password(serve)

    app = add("approve-app", _approve_app, "let an app ask for signatures")
    app.add_argument("directory", type=Path, help="its source, or where Flower installed it")
    app.add_argument("--dataset", action="append", default=[], help="data that it may use")
    app.add_argument("--as-is", action="store_true", help="hash it as it stands, not as Flower")
    app.add_argument("--yes", action="store_true", help="do not ask")

    federation = add("approve-federation", _approve_federation, "take part in a federation")
    federation.add_argument("file", type=Path, help="its open round, as the oracle hands it out")
    federation.add_argument("--dataset", required=True, help="what you call the data of this seat")
    federation.add_argument("--seat", type=int, help="which seat, when the key has several")
    federation.add_argument("--budget", type=_amount, help="nano-rho the data may spend in all")
    federation.add_argument("--yes", action="store_true", help="do not ask")

    revoke = add("revoke", _revoke, "take back an app or a configuration")
    revoke.add_argument("hash", help="as status shows it")

    _add_password(add("new-key", _new_key, "make a key in a new keystore"))

    proof = add("prove-key", _prove_key, "sign that this key agrees to be registered")
    proof.add_argument("--chain-id", type=_amount, required=True, help="of the ledger")
    proof.add_argument("--contract", required=True, help="address of Contributors")
    proof.add_argument("--organisation", type=_amount, help="that registers it, with --payee")
    proof.add_argument("--payee", help="who is paid; the zero address: nobody")
    proof.add_argument("--contributor", type=_amount, help="whose new key it becomes instead")
    _add_password(proof)

    log = add("log", _log, "what was signed, refused, and reported back")
    log.add_argument("--limit", type=_amount, default=50, help="newest entries (default 50)")
    add("status", _status, "what is approved, spent and left")
    return parser


def _add_password(command: argparse.ArgumentParser) -> None:
    command.add_argument("--password-file", type=Path, help="the keystore's password (or be asked)")


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise argparse.ArgumentTypeError("a whole number is needed")
    return int(text)


def _tell(options: argparse.Namespace, value: dict[str, Any], lines: Sequence[str]) -> int:
    if options.json:
        print(json.dumps(value, ensure_ascii=False), flush=True)
    else:
        print("\n".join(lines), flush=True)
    return 0


def _serve(options: argparse.Namespace) -> int:
    from chongwen_flower.signer.serve import serve

    serve(
        Home(options.home),
        options.socket,
        peers=options.peer,
        password_file=options.password_file,
        ready=lambda value, line: _tell(options, value, [line]),
    )
    return 0


def _approve_app(options: argparse.Namespace) -> int:
    from chongwen_flower.signer.approve import approve_app

    value = approve_app(
        Home(options.home),
        options.directory,
        options.dataset,
        as_is=options.as_is,
        yes=options.yes,
    )
    return _tell(options, value, [f"Approved {value['app']} for {', '.join(value['datasets'])}."])


def _approve_federation(options: argparse.Namespace) -> int:
    from chongwen_flower.signer.approve import approve_federation

    value = approve_federation(
        Home(options.home),
        options.file,
        options.dataset,
        seat=options.seat,
        budget=options.budget,
        yes=options.yes,
    )
    line = f"Approved seat {value['seat']} of federation {value['federation']}, {value['dataset']}."
    return _tell(options, value, [line])


def _revoke(options: argparse.Namespace) -> int:
    from chongwen_flower.signer.approve import revoke

    return _tell(options, revoke(Home(options.home), options.hash), [f"Revoked {options.hash}."])


def _new_key(options: argparse.Namespace) -> int:
    from chongwen_flower.signer.keys import new_key

    value = new_key(Home(options.home), options.password_file)
    lines = [
        f"{value['address']} in {value['keystore']}",
        "Copy the keystore and the password to two safe places. To have the key registered, sign",
        "for it with: chongwen-signer prove-key.",
    ]
    return _tell(options, value, lines)


def _prove_key(options: argparse.Namespace) -> int:
    from chongwen_flower.signer.keys import prove_key

    value = prove_key(
        Home(options.home),
        options.password_file,
        chain_id=options.chain_id,
        contract=options.contract,
        organisation=options.organisation,
        payee=options.payee,
        contributor=options.contributor,
    )
    return _tell(options, value, [f"{name}: {item}" for name, item in value.items()])


def _log(options: argparse.Namespace) -> int:
    from chongwen_flower.signer.show import log_lines, read_log

    entries = read_log(Home(options.home), options.limit)
    return _tell(options, {"entries": entries}, log_lines(entries))


def _status(options: argparse.Namespace) -> int:
    from chongwen_flower.signer.show import read_status, status_lines

    status = read_status(Home(options.home))
    return _tell(options, status, status_lines(status))


if __name__ == "__main__":
    sys.exit(main())
