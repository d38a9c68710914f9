/// <reference lib="webworker" />
/** Holds the table of contributions, so that a million of them never stand in the way of the page. */
import { ChongwenError } from "../../../protocol/errors.ts";
import { answer, describe, forgetView } from "./answer.ts";
import type { Ask, Reply } from "./messages.ts";
import { openFlow, type Flow } from "./open.ts";

let flow: Flow | undefined;

async function handle({ ask }: Ask): Promise<unknown> {
  if (ask.kind === "open") {
    const opened = await openFlow(ask);
    flow = opened;
    forgetView();
    return describe(opened);
  }
  if (flow === undefined) throw new Error("Nothing is open.");
  return answer(flow, ask);
}

addEventListener("message", ({ data }: MessageEvent<Ask>) => {
  const { id } = data;
  handle(data).then(
    (result) => postMessage({ id, ok: true, answer: result } as Reply),
    (error: unknown) => {
      const known = error instanceof ChongwenError;
      postMessage({ id, ok: false, code: known ? error.code : "unexpected", message: error instanceof Error ? error.message : String(error) } satisfies Reply);
    },
  );
});
