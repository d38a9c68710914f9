import { CID } from "multiformats/cid";
import { z } from "zod";
import { cidToDigest, DAG_PB, type Digest, isSha256 } from "./cid.ts";
import { StoreUnavailable } from "./errors.ts";
import { describe, type KuboConnection } from "./kubo-blocks.ts";

/**
 * What a pin of ours says: whose it is, of which artefact, and since when. Others pin on the same node, and what has another name, or none, is theirs.
 * @param part One block of an artefact that lost a file: the whole can be pinned no more.
 */
export interface PinName {
  readonly owner: string;
  /** Seconds since 1970. */
  readonly since: number;
  readonly digest: Digest;
  readonly part: boolean;
}

export interface KuboPin {
  readonly cid: CID;
  readonly recursive: boolean;
  /** Null: somebody else's. */
  readonly name: PinName | null;
}

/** Whoever keeps artefacts by hand; a service has its ledger in the name. */
export const BY_HAND = "chongwen";

export const pinNameOf = ({ owner, since, digest, part }: PinName): string => `${owner} ${part ? "part" : "whole"} ${digest} ${Math.floor(since)}`;

function parsePinName(text: string): PinName | null {
  const found = /^(chongwen\S*) (part|whole) (0x[0-9a-f]{64}) (\d{1,12})$/.exec(text);
  return found === null ? null : { owner: found[1] ?? "", part: found[2] === "part", digest: found[3] as Digest, since: Number(found[4]) };
}

const pinLine = z.object({ Cid: z.string().max(200), Type: z.enum(["recursive", "direct"]), Name: z.string().max(1_000).optional() });
const pinAnswer = z.object({ Keys: z.record(z.string(), z.object({ Name: z.string().optional() })) });
const ANSWER_LIMIT = 64 * 2 ** 20;

/** Pins and blocks of a Kubo node, over its RPC. */
export class KuboPins {
  readonly #connection: KuboConnection;

  constructor(connection: KuboConnection) {
    this.#connection = connection;
  }

  /** Every pin that somebody asked for; not what hangs on them. */
  async list(): Promise<readonly KuboPin[]> {
    const [recursive, direct] = await Promise.all(["recursive", "direct"].map((type) => this.#ask("pin/ls", { type, names: "true", stream: "true" })));
    return this.#understood(() =>
      [...lines(recursive), ...lines(direct)].map((line) => {
        const { Cid, Type, Name = "" } = pinLine.parse(line);
        return { cid: CID.parse(Cid), recursive: Type === "recursive", name: parsePinName(Name) };
      }),
    );
  }

  /** The pin that holds an artefact whole. */
  async find(cid: CID): Promise<KuboPin | null> {
    const answer = await this.#ask("pin/ls", { arg: String(cid), type: "recursive", names: "true" }, /is not pinned/);
    if (answer === null) return null;
    const { Keys } = this.#understood(() => pinAnswer.parse(JSON.parse(answer)));
    const [found] = Object.values(Keys);
    return found === undefined ? null : { cid, recursive: true, name: parsePinName(found.Name ?? "") };
  }

  /** Pins what the node holds; nothing is fetched from the network. @returns False when something is missing, or when a part is held as a whole already. */
  async add(cid: CID, name: PinName): Promise<boolean> {
    return (await this.#ask("pin/add", { arg: String(cid), recursive: String(!name.part), name: pinNameOf(name), offline: "true" }, /not found|could not find|already pinned recursively/i)) !== null;
  }

  async remove({ cid, recursive }: Pick<KuboPin, "cid" | "recursive">): Promise<void> {
    await this.#ask("pin/rm", { arg: String(cid), recursive: String(recursive) }, /not pinned/);
  }

  /** @returns False when a pin holds it. */
  async removeBlock(cid: CID): Promise<boolean> {
    const answer = await this.#ask("block/rm", { arg: String(cid), force: "true" });
    return !/"Error":\s*"pinned/.test(answer ?? "");
  }

  /** What was answered, if it is an answer: a proxy may say anything. */
  #understood<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      throw new StoreUnavailable(new URL(this.#connection.url).origin, "gave an answer that says nothing about pins", "Check that it is a Kubo node of version 0.35 or later.", error);
    }
  }

  /** The answer as text; null when it is an error of the kind that is expected. */
  async #ask(method: string, parameters: Record<string, string>, expected?: RegExp): Promise<string | null> {
    const { url: base, headers = {}, timeoutMs = 30_000 } = this.#connection;
    const url = new URL(`/api/v0/${method}`, base);
    url.search = new URLSearchParams(parameters).toString();
    const unavailable = (what: string, cause?: unknown): StoreUnavailable => new StoreUnavailable(url.origin, what, "Check that the Kubo node runs and can be reached, then try again.", cause);
    let text = "";
    let ok: boolean;
    try {
      const answer = await fetch(url, { method: "POST", headers, signal: AbortSignal.timeout(timeoutMs) });
      const decoder = new TextDecoder();
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        if (text.length > ANSWER_LIMIT) throw new RangeError(`The answer is longer than ${ANSWER_LIMIT} bytes.`);
      }
      ok = answer.ok;
    } catch (error) {
      throw unavailable(describe(error), error);
    }
    // An error in the middle of a streamed answer comes as its last line, after a 200.
    const failed = !ok || /"Message":.*"Type":\s*"error"/.test(text.slice(-2_000));
    if (!failed) return text;
    if (expected?.test(text) === true) return null;
    throw unavailable(`answered to ${method}: ${text.trim().slice(0, 200)}`);
  }
}

function lines(text: string | null | undefined): unknown[] {
  return (text ?? "").split("\n").filter((line) => line.trim() !== "").map((line): unknown => JSON.parse(line));
}

/** The digest that a pinned root stands for; null when it is no artefact of ours. */
export function digestOfPin({ cid, name }: KuboPin): Digest | null {
  if (name?.part === true) return name.digest;
  return cid.code === DAG_PB && isSha256(cid) ? cidToDigest(cid) : null;
}
