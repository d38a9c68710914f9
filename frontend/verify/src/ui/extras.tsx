import { formatShu } from "../format-shu.ts";
import { subjectText, type Subject } from "../subject.ts";
import type { Text } from "../text.ts";
import type { Found } from "../worker/find.ts";
import type { HashedFile } from "../worker/messages.ts";
import type { Outcome } from "../worker/question.ts";

export function Reward({ text: { reward: words }, outcome: { reward } }: { readonly text: Text; readonly outcome: Outcome }) {
  return (
    <section aria-labelledby="reward">
      <h2 id="reward">{words.title}</h2>
      {reward === null ? (
        <p>{words.none}</p>
      ) : (
        <dl class="facts">
          <dt>{words.payee}</dt>
          <dd class="hash">{reward.payee}</dd>
          <dt>{words.earned}</dt>
          <dd data-figure="earned">{formatShu(reward.cumulative)} {words.unit}</dd>
          <dt>{words.claimed}</dt>
          <dd>{formatShu(reward.claimed)} {words.unit}</dd>
          <dt>{words.proof(reward.proof.length)}</dt>
          <dd class="hash">{reward.proof.join(" ")}</dd>
        </dl>
      )}
    </section>
  );
}

function subjectOf({ entry, number }: Found): Subject | null {
  return entry === "round" || entry === "settlement" ? { kind: entry, number } : null;
}

export function Places({ text: { found: words }, found, onVerify }: { readonly text: Text; readonly found: readonly Found[]; onVerify(subject: Subject): void }) {
  return (
    <ul class="places">
      {found.map((place) => {
        const subject = subjectOf(place);
        return (
          <li key={`${place.entry} ${place.number} ${place.what} ${place.path}`}>
            {words.entry[place.entry]} {place.number}: {place.what}{place.path !== null && <> · <code>{place.path}</code></>}{" "}
            {subject !== null && <button type="button" class="plain" data-open={subjectText(subject)} onClick={() => onVerify(subject)}>{words.open}</button>}
          </li>
        );
      })}
    </ul>
  );
}

export function Hashes({ text, files, onVerify }: { readonly text: Text; readonly files: readonly HashedFile[]; onVerify(subject: Subject): void }) {
  const { hashes: words, found: places } = text;
  return (
    <section aria-labelledby="hashes">
      <h2 id="hashes">{words.title}</h2>
      {files.map(({ path, hashes, found }) => (
        <div key={path} class="file" data-file={path}>
          <h3>{path}</h3>
          <dl class="facts">
            {(["bytes", "keccak256", "sha256", "modelRoot", "updateRoot", "cid", "artefact"] as const).map((name) =>
              name === "updateRoot" && hashes.updateRoot === hashes.modelRoot ? null : (
                <>
                  <dt>{words[name]}</dt>
                  <dd class="hash" data-hash={name}>{hashes[name]}</dd>
                </>
              ),
            )}
          </dl>
          {found === null ? <p class="quiet">{places.notAsked}</p> : found.length === 0 ? <p class="quiet">{places.none}</p> : <Places text={text} found={found} onVerify={onVerify} />}
        </div>
      ))}
    </section>
  );
}
