import { useRef, useState } from "preact/hooks";
import type { Text } from "../text.ts";
import { readSubject, subjectText, type Subject } from "../subject.ts";
import type { SentFile } from "../worker/messages.ts";
import { filesOfDrop, filesOfList } from "./dropped.ts";

interface Props {
  readonly text: Text;
  readonly subject: Subject;
  readonly busy: boolean;
  onVerify(subject: Subject): void;
  onFiles(files: readonly SentFile[]): void;
}

/** One field for everything that can be typed, and a place for everything that can be dropped. */
export function QuestionForm({ text: { form }, subject, busy, onVerify, onFiles }: Props) {
  const [typed, setTyped] = useState(subjectText(subject).replace("/", " "));
  const [refused, setRefused] = useState(false);
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const submit = (event: Event): void => {
    event.preventDefault();
    const read = readSubject(typed);
    setRefused(read === null);
    if (read !== null) onVerify(read);
  };
  const take = (list: readonly SentFile[]): void => {
    if (list.length > 0) onFiles(list);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer !== null) void filesOfDrop(event.dataTransfer).then(take);
  };
  const chosen = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    take(filesOfList(input.files));
    input.value = "";
  };

  return (
    <section class="question" aria-labelledby="question">
      <h2 id="question">{form.legend}</h2>
      <form onSubmit={submit}>
        <label for="subject">{form.input}</label>
        <div class="row">
          <input
            id="subject"
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            aria-describedby="subject-hint"
            aria-invalid={refused}
            spellcheck={false}
            autocomplete="off"
          />
          <button type="submit" class="primary" disabled={busy}>{form.verify}</button>
        </div>
        <p id="subject-hint" class={refused ? "refused" : "quiet"} role={refused ? "alert" : undefined}>{refused ? form.unreadable : form.hint}</p>
      </form>
      <div
        class={over ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p>{form.drop}</p>
        <p class="row">
          <button type="button" disabled={busy} onClick={() => files.current?.click()}>{form.chooseFiles}</button>
          <button type="button" disabled={busy} onClick={() => folder.current?.click()}>{form.chooseFolder}</button>
        </p>
        <input ref={files} type="file" multiple hidden data-choose="files" aria-label={form.chooseFiles} onChange={chosen} />
        <input ref={folder} type="file" multiple hidden data-choose="folder" aria-label={form.chooseFolder} {...{ webkitdirectory: true }} onChange={chosen} />
        <p class="quiet">{form.dropHint}</p>
      </div>
    </section>
  );
}
