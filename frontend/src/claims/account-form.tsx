import { useId, useState } from "react";
import type { FormEvent } from "react";
import type { Address } from "viem";
import { isAddress } from "viem/utils";
import { shorten } from "../format/shorten.ts";
import { useText } from "../i18n/text.tsx";
import type { Leaf } from "./balances.ts";
import { sameAddress } from "./balances.ts";
import { seatsByPayee } from "./seats-by-payee.ts";

interface AccountFormProps {
  readonly account: Address | undefined;
  readonly connected: Address | undefined;
  readonly payees: readonly Leaf[];
  readonly onChoose: (account: string | null) => void;
}

/** Whose account to show: the wallet's, one of the federation's payees, or any address. */
export function AccountForm({ account, connected, payees, onChoose }: AccountFormProps) {
  const { claims } = useText();
  const [input, setInput] = useState<string>(account ?? "");
  const [refused, setRefused] = useState(false);
  const id = useId();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const address = input.trim();
    const usable = isAddress(address, { strict: false });
    setRefused(!usable);
    if (usable) onChoose(address);
  };
  const shown = account ?? connected;
  return (
    <div className="account-form">
      <form onSubmit={submit} noValidate>
        <label htmlFor={id}>{claims.lookUp}</label>
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
          <button type="submit">{claims.show}</button>
        </div>
        <p id={`${id}-help`} className={refused ? "refused" : "quiet"} role={refused ? "alert" : undefined}>
          {refused ? claims.badAddress : claims.lookUpHelp}
        </p>
      </form>
      {account !== undefined && connected !== undefined && !sameAddress(account, connected) && (
        <button type="button" className="plain" onClick={() => onChoose(null)}>
          {claims.own}
        </button>
      )}
      {payees.length > 0 && (
        <fieldset className="payees">
          <legend>{claims.members}</legend>
          {seatsByPayee(payees).map(({ payee, seats }) => (
            <button key={payee} type="button" aria-pressed={shown !== undefined && sameAddress(payee, shown)} onClick={() => onChoose(payee)}>
              <span>{claims.seats(seats)}</span> <code>{shorten(payee)}</code>
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}
