import { useState } from "preact/hooks";
import { commandOf, reportOf } from "../report.ts";
import type { Address } from "../subject.ts";
import type { Text } from "../text.ts";
import type { Contact } from "../worker/egress.ts";
import type { LoadedFile, Outcome } from "../worker/question.ts";

interface TamperProps {
  readonly text: Text;
  readonly outcome: Outcome;
  onFlip(file: LoadedFile, offset: number): void;
  onUndo(): void;
}

/** Whoever doubts that this page would notice can try it. */
export function Tamper({ text: { tamper }, outcome, onFlip, onUndo }: TamperProps) {
  const files = outcome.loaded.filter(({ bytes }) => bytes > 0);
  const [chosen, setChosen] = useState(0);
  const file = files[chosen] ?? files[0];
  if (file === undefined) return null;
  return (
    <section aria-labelledby="tamper">
      <h2 id="tamper">{tamper.title}</h2>
      <p class="quiet">{tamper.lead}</p>
      <div class="row">
        <label>
          {tamper.file}
          <select value={chosen} onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}>
            {files.map(({ artefact, path, bytes }, i) => (
              <option key={`${artefact}${path}`} value={i}>{`${path} (${bytes}) · ${artefact.slice(0, 10)}…`}</option>
            ))}
          </select>
        </label>
        <button type="button" data-action="flip" onClick={() => onFlip(file, Math.floor(file.bytes / 2))}>{tamper.flip}</button>
        <button type="button" data-action="undo" disabled={outcome.tampered === null} onClick={onUndo}>{tamper.undo}</button>
      </div>
      {outcome.tampered !== null && <p class="tampered hash" role="alert">{tamper.done(outcome.tampered)}</p>}
    </section>
  );
}

export function Egress({ text: { egress }, contacts, allowed }: { readonly text: Text; readonly contacts: readonly Contact[]; readonly allowed: readonly string[] | null }) {
  const hosts = allowed?.map((origin) => new URL(origin).host) ?? [];
  return (
    <section aria-labelledby="egress">
      <h2 id="egress">{egress.title}</h2>
      <p class="quiet">{egress.lead}</p>
      {allowed === null ? (
        <p class="quiet">{egress.notNarrowed}</p>
      ) : (
        <p>{egress.allowed}: <span data-figure="allowed">{[...(location.protocol === "file:" ? [] : [egress.self]), ...hosts].join(", ") || egress.nobody}</span></p>
      )}
      {contacts.length === 0 ? (
        <p data-figure="nobody">{egress.none}</p>
      ) : (
        <table>
          <thead>
            <tr><th scope="col">{egress.host}</th><th scope="col" class="number">{egress.requests}</th><th scope="col" class="number">{egress.bytes}</th></tr>
          </thead>
          <tbody>
            {contacts.map(({ host, requests, bytes }) => (
              <tr key={host} data-host={host}>
                <td>{host}{host === location.host && ` (${egress.self})`}</td>
                <td class="number">{requests}</td>
                <td class="number">{bytes}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function save(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function CopyButton({ label, done, content }: { readonly label: string; readonly done: string; content(): string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(content()).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return <button type="button" onClick={copy} aria-live="polite">{copied ? done : label}</button>;
}

export function Output({ text: { output }, outcome, address, contacts }: { readonly text: Text; readonly outcome: Outcome; readonly address: Address; readonly contacts: readonly Contact[] }) {
  const report = (): string => `${JSON.stringify(reportOf(outcome, address, contacts, new Date()), null, 2)}\n`;
  const command = commandOf(outcome, address);
  return (
    <section aria-labelledby="output">
      <h2 id="output">{output.title}</h2>
      <p>{output.command}:</p>
      <p class="row command"><code data-figure="command">{command}</code> <CopyButton label={output.copy} done={output.copied} content={() => command} /></p>
      <p class="quiet">{output.commandHint}</p>
      <p class="row">
        <button type="button" data-action="report" onClick={() => save("chongwen-verification.json", report())}>{output.json}</button>
        <CopyButton label={output.copyJson} done={output.copied} content={report} />
      </p>
    </section>
  );
}
