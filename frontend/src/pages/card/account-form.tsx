import { useId, useState } from "react";
import type { FormEvent } from "react";
import type { Address } from "viem";
import { isAddress } from "viem/utils";
import type { Names } from "../../chain/names.ts";
import { useNames } from "../../chain/use-names.ts";
import { sameAddress } from "../../claims/balances.ts";
import { shorten } from "../../format/shorten.ts";
import type { PayeeSeats } from "./payees.ts";
import { useCardText } from "./text.ts";

interface AccountFormProps {
  readonly lookedUp: Address | undefined;
  readonly connected: Address | undefined;
  readonly payees: readonly PayeeSeats[];
  readonly onChoose: (account: string | null) => void;
}

/** Whose card to show: the signer's, one of the ledger's payees, or any address. */
export function AccountForm({ lookedUp, connected, payees, onChoose }: AccountFormProps) {
  const { account: text } = useCardText();
  const names = useNames();
  const [input, setInput] = useState<string>(lookedUp ?? "");
  const [refused, setRefused] = useState(false);
  const id = useId();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const address = input.trim();
    const usable = isAddress(address, { strict: false });
    setRefused(!usable);
    if (usable) onChoose(address);
  };
  const shown = lookedUp ?? connected;
  return (
    <div className="account-form">
      <form onSubmit={submit} noValidate>
        <label htmlFor={id}>{text.lookUp}</label>
        <div className="field">
          <input
            id={id}
            value={input}
            onChange={(event) => setInput(event.target.value)}
            placeholder="0x…"
            spellCheck={false}
            autoComplete="off"
            aria-invalid={refused}
            aria-describedby={`${id}-help`}
          />
          <button type="submit">{text.show}</button>
        </div>
        <p id={`${id}-help`} className={refused ? "refused" : "quiet"} role={refused ? "alert" : undefined}>
          {refused ? text.badAddress : text.lookUpHelp}
        </p>
      </form>
      {lookedUp !== undefined && connected !== undefined && !sameAddress(lookedUp, connected) && (
        <button type="button" className="plain" onClick={() => onChoose(null)}>
          {text.own}
        </button>
      )}
      {payees.length > 0 && (
        <fieldset className="payees">
          <legend>{text.payees}</legend>
          {payees.map(({ payee, seats }) => (
            <button key={payee} type="button" aria-pressed={shown !== undefined && sameAddress(payee, shown)} onClick={() => onChoose(payee)}>
              <span>{nameOf(names, payee) ?? text.seats(seats)}</span> <code>{shorten(payee)}</code>
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

function nameOf(names: Names, payee: Address): string | undefined {
  const bearer = names.bearer(payee);
  return bearer === undefined || bearer.kind === "contract" ? undefined : bearer.name;
}
