import { useState } from "preact/hooks";
import type { Address } from "../subject.ts";
import { formatAddress } from "../subject.ts";
import type { Text } from "../text.ts";

const lines = (text: string): string[] => text.split(/\s+/).filter((line) => URL.canParse(line));

/** Who is asked. Kept in the address, so that a link carries it; and the page starts again, because its policy cannot be widened. */
export function SourcesForm({ text: { form }, address }: { readonly text: Text; readonly address: Address }) {
  const [endpoints, setEndpoints] = useState(address.endpoints.join("\n"));
  const [needed, setNeeded] = useState(address.needed === null ? "" : String(address.needed));
  const [own, setOwn] = useState(address.own);
  const [sources, setSources] = useState(address.sources.join("\n"));
  const [federation, setFederation] = useState(String(address.federation));

  const apply = (event: Event): void => {
    event.preventDefault();
    const next = { ...address, endpoints: lines(endpoints), needed: /^\d+$/.test(needed) ? Number(needed) : null, own, sources: lines(sources), federation: Number(federation) || 1 };
    history.replaceState(null, "", formatAddress(next));
    location.reload();
  };

  return (
    <details class="sources">
      <summary>{form.sources}</summary>
      <form onSubmit={apply}>
        <label for="endpoints">{form.endpoints}</label>
        <textarea id="endpoints" rows={3} value={endpoints} onInput={({ currentTarget }) => setEndpoints(currentTarget.value)} aria-describedby="endpoints-hint" spellcheck={false} />
        <p id="endpoints-hint" class="quiet">{form.endpointsHint}</p>
        <div class="row fields">
          <label>
            {form.needed}
            <input type="number" min="1" max="9" value={needed} onInput={({ currentTarget }) => setNeeded(currentTarget.value)} />
          </label>
          <label>
            {form.federation}
            <input type="number" min="1" value={federation} onInput={({ currentTarget }) => setFederation(currentTarget.value)} />
          </label>
        </div>
        <label class="check">
          <input type="checkbox" checked={own} onChange={({ currentTarget }) => setOwn(currentTarget.checked)} /> {form.own}
        </label>
        <label for="from">{form.from}</label>
        <textarea id="from" rows={2} value={sources} onInput={({ currentTarget }) => setSources(currentTarget.value)} aria-describedby="from-hint" spellcheck={false} />
        <p id="from-hint" class="quiet">{form.fromHint}</p>
        <p class="quiet">{form.light}</p>
        <button type="submit">{form.apply}</button>
      </form>
    </details>
  );
}
