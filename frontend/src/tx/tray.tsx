import { useId, useState } from "react";
import { useLanguage } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { useTransactionText } from "./text.ts";
import { useTransactions } from "./use-transactions.tsx";

/** What was sent from this browser, and where it stands; it survives a reload. */
export function TransactionTray() {
  const { tray, problems } = useTransactionText();
  const { language } = useLanguage();
  const { all } = useTransactions();
  const [open, setOpen] = useState(false);
  const heading = useId();
  const pending = all.filter(({ state }) => state === "pending").length;
  if (all.length === 0) return null;
  return (
    <>
      <button type="button" className="tray-button" data-pending={pending} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {tray.button(pending)}
      </button>
      {open && (
        <Dialog labelledBy={heading} onClose={() => setOpen(false)}>
          <h2 id={heading}>{tray.heading}</h2>
          <ul className="tray">
            {all.map(({ hash, label, state, problem, sentAt }) => (
              <li key={hash} data-state={state}>
                <p>
                  {label} <span className={`tray-state tray-${state}`}>{tray.states[state]}</span>
                </p>
                {problem !== undefined && <p className="quiet">{problems[problem]}</p>}
                <p className="quiet">
                  <time dateTime={new Date(sentAt).toISOString()}>{new Date(sentAt).toLocaleString(language)}</time> · <Copyable value={hash} what={label} />
                </p>
              </li>
            ))}
          </ul>
          <p className="quiet">{tray.note}</p>
          <button type="button" className="plain" onClick={() => setOpen(false)}>
            {tray.close}
          </button>
        </Dialog>
      )}
    </>
  );
}
