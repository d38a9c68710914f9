// One Python process that answers protocol questions, a line of JSON each: integrations/flower/tests/protocol/answer_lines.py.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

const FOLDER = path.resolve(import.meta.dirname, "..", "..", "..", "integrations", "flower");
const env = { ...process.env, PYTHONPATH: path.join(FOLDER, "src"), PYTHONDONTWRITEBYTECODE: "1" };

const candidates = [process.env["CHONGWEN_PYTHON"] ?? "", "python3", "python"].filter((command) => command !== "");
const python = candidates.find((command) => spawnSync(command, ["-c", "import chongwen_flower.protocol.privacy, chongwen_flower.protocol.signature"], { env }).status === 0);

/** Why nothing can be compared here, or false: for `describe` and `it`. */
export const skip: string | false = python === undefined ? "no Python with the package's dependencies; name one with CHONGWEN_PYTHON" : false;
if (skip !== false) console.warn(`Not compared with the Python package: ${skip}.`);

export interface Answerer {
  /** What Python answers: `{code}` where it raised a ChongwenError. */
  ask<Answer>(question: Readonly<Record<string, unknown>>): Promise<Answer & { readonly code?: string }>;
  close(): Promise<void>;
}

export function startPython(): Answerer {
  const child = spawn(python ?? "", [path.join(FOLDER, "tests", "protocol", "answer_lines.py")], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`Python ended while it was asked to ${String(question["op"])}.`);
      return JSON.parse(value);
    },
    async close() {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
/** A copy that is aligned for lanes of any width. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64"));
