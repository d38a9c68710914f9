import { useEffect, useState } from "preact/hooks";
import { served, type Ground } from "./boot.ts";
import { languageNames, texts, type Language } from "./text.ts";
import { Hashes, Places, Reward } from "./ui/extras.tsx";
import { Ladder } from "./ui/ladder.tsx";
import { Egress as EgressPanel, Output, Tamper } from "./ui/panels.tsx";
import { QuestionForm } from "./ui/question-form.tsx";
import { SourcesForm } from "./ui/sources-form.tsx";
import { Verdict } from "./ui/verdict.tsx";
import type { Laboratory } from "./laboratory.ts";

interface Props {
  readonly ground: Ground;
  readonly laboratory: Laboratory;
  readonly language: Language;
}

function remember(language: Language): void {
  try {
    localStorage.setItem("chongwen.language", language);
  } catch {
    // Private mode: the choice lasts until the page is closed.
  }
}

export function App({ ground, laboratory, language: first }: Props) {
  const [language, setLanguage] = useState(first);
  const text = texts[language];
  const [{ address, work, contacts, allowed }, setView] = useState(laboratory.view);
  const { verify, give, flip, undo } = laboratory;
  useEffect(() => laboratory.subscribe(() => setView(laboratory.view())), [laboratory]);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = `${text.title} · ${text.brand}`;
  }, [language, text]);

  const outcome = work.state === "done" ? work.outcome : null;
  const files = work.state === "done" ? work.files : [];
  const hashedOnly = files.length > 0 && outcome !== null && outcome.comparisons.length === 0;
  const mode = outcome?.privacyMode ?? null;
  const busy = work.state === "busy";

  return (
    <>
      <header>
        <p class="brand">{served ? <a href="../" title={text.toLedger}>崇文 <span lang="en">Chongwen</span></a> : "崇文 Chongwen"}</p>
        <fieldset class="language">
          <legend class="visually-hidden">{text.language}</legend>
          {(Object.keys(texts) as Language[]).map((tag) => (
            <button key={tag} type="button" class="plain" lang={tag} aria-pressed={tag === language} onClick={() => {
              setLanguage(tag);
              remember(tag);
            }}>{languageNames[tag]}</button>
          ))}
        </fieldset>
      </header>
      <main>
        <h1>{text.title}</h1>
        <p class="lead">{text.lead}</p>
        {served && ground.described === null && <p class="notice">{text.notReachable}</p>}
        <QuestionForm key={JSON.stringify(address.subject)} text={text} subject={address.subject} busy={busy} onVerify={verify} onFiles={give} />
        <SourcesForm text={text} address={address} />
        <div aria-live="polite" class="work">
          {busy && <p class="working">{work.progress === null ? text.working : text.hashing(work.progress.path, String(work.progress.percent))}</p>}
          {busy && work.progress !== null && <progress max={100} value={work.progress.percent} aria-label={work.progress.path} />}
        </div>
        {work.state === "failed" && <p class="notice" role="alert">{text.failed} {work.message} {work.fix}</p>}
        {outcome !== null && (
          <>
            <Verdict text={text} outcome={outcome} hashedOnly={hashedOnly} />
            {files.length > 0 && <Hashes text={text} files={files} onVerify={verify} />}
            {!hashedOnly && <Ladder text={text} outcome={outcome} />}
            {outcome.found.length > 0 && (
              <section aria-labelledby="places">
                <h2 id="places">{text.found.title}</h2>
                <Places text={text} found={outcome.found} onVerify={verify} />
              </section>
            )}
            {outcome.subject.kind === "seat" && <Reward text={text} outcome={outcome} />}
            {!hashedOnly && <Tamper text={text} outcome={outcome} onFlip={({ artefact, path }, offset) => flip(artefact, path, offset)} onUndo={undo} />}
            <section aria-labelledby="privacy">
              <h2 id="privacy">{text.privacy.title}</h2>
              <p>{(mode === null ? undefined : text.privacy.modes[mode]) ?? text.privacy.unknown}</p>
            </section>
            {!hashedOnly && <Output text={text} outcome={outcome} address={address} contacts={contacts} />}
          </>
        )}
        <EgressPanel text={text} contacts={contacts} allowed={allowed} />
        <section aria-labelledby="not-proven">
          <h2 id="not-proven">{text.notProven.title}</h2>
          <ul class="prose">{text.notProven.list.map((item) => <li key={item}>{item}</li>)}</ul>
        </section>
      </main>
      {served && <footer><a href="../chongwen-verify.html" download>{text.download}</a></footer>}
    </>
  );
}
