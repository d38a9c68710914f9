import type { Hex } from "viem";
import type { z } from "zod";
import {
  aboutSchema, bookSchema, entrySchema, nonceSchema, refusalSchema, setSchema, standingSchema, submittedSchema, toWire, workSchema,
  type About, type Book, type Delegation, type Entry, type Standing, type Submission, type Submitted, type TaskSet, type Work,
} from "../../../../protocol/annotation/index.ts";

/** `code`: the server's own, `unreachable`, `unreadable`, or `wrongPicture`. */
export class CustodianError extends Error {
  override readonly name = "CustodianError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Worth trying again without the reader: what was sent is the same, and the server tells it by its hash. */
export const isPassing = (error: unknown): boolean => error instanceof CustodianError && ["unreachable", "too-many-requests", "ledger-silent"].includes(error.code);

async function ask(service: string, path: string, { token, body }: { token?: string | undefined; body?: unknown } = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, service.endsWith("/") ? service : `${service}/`), {
      ...(body === undefined ? {} : { method: "POST", body: toWire(body) }),
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch (cause) {
    throw new CustodianError("unreachable", String(cause));
  }
  if (response.ok) return response;
  const refusal = refusalSchema.safeParse(await response.json().catch(() => null));
  throw refusal.success ? new CustodianError(refusal.data.code, refusal.data.message) : new CustodianError("unreadable", `HTTP ${response.status}`);
}

async function read<Schema extends z.ZodType>(response: Promise<Response>, schema: Schema): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await (await response).json().catch(() => null));
  if (!parsed.success) throw new CustodianError("unreadable", parsed.error.issues[0]?.message ?? "");
  return parsed.data;
}

export const readAbout = (service: string): Promise<About> => read(ask(service, "about"), aboutSchema);
export const readNonce = async (service: string): Promise<string> => (await read(ask(service, "login/nonce", { body: {} }), nonceSchema)).nonce;
export const enter = (service: string, message: string, signature: Hex): Promise<Entry> => read(ask(service, "login", { body: { message, signature } }), entrySchema);

/** What a reader who is logged in can ask about one task set. */
export interface Desk {
  delegate(delegation: Delegation): Promise<void>;
  set(): Promise<{ set: TaskSet; closed: boolean }>;
  work(tier: number): Promise<Work>;
  /** The picture's bytes, compared with its hash before anything is shown. */
  picture(task: number, tier: number, hash: Hex): Promise<Blob>;
  submit(submission: Submission): Promise<Submitted>;
  book(): Promise<Book>;
  standing(): Promise<Standing>;
  leave(): Promise<void>;
}

export function openDesk(service: string, token: string, root: Hex): Desk {
  const get = (path: string): Promise<Response> => ask(service, `sets/${root}${path}`, { token });
  const post = (path: string, body: unknown): Promise<Response> => ask(service, `sets/${root}${path}`, { token, body });
  return {
    delegate: async (delegation) => void (await post("/sessions", delegation)),
    set: () => read(get(""), setSchema),
    work: (tier) => read(get(`/work?tier=${tier}`), workSchema),
    async picture(task, tier, hash) {
      const response = await get(`/tasks/${task}/picture?tier=${tier}`);
      const bytes = await response.arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      const found = `0x${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
      if (found !== hash) throw new CustodianError("wrongPicture", `The picture's hash is ${found}.`);
      // Only these two are pictures here; anything else the server may call it is not shown as such.
      const type = response.headers.get("content-type") === "image/jpeg" ? "image/jpeg" : "image/png";
      return new Blob([bytes], { type });
    },
    submit: (submission) => read(post("/answers", submission), submittedSchema),
    book: () => read(get("/receipts"), bookSchema),
    standing: () => read(get("/standing"), standingSchema),
    leave: async () => void (await ask(service, "logout", { token, body: {} })),
  };
}
