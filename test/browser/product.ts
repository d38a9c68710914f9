// The product that browser tests look at: one that runs already, or one of their own.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

export interface StartedProduct {
  readonly url: string;
  stop(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, "..", "..");
const PATIENCE = 240_000;

export async function productUnderTest(): Promise<StartedProduct> {
  const running = process.env["CHONGWEN_PAGE"];
  return running === undefined ? startProduct() : { url: running, stop: () => Promise.resolve() };
}

/** As `npm start`, in a folder and on ports of its own. */
async function startProduct(): Promise<StartedProduct> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "chongwen-browser-"));
  const args = [path.join(root, "scripts", "cli.ts"), "up", "--dir", dir, "--rpc-port", "0", "--port", "0", "--rounds", "6"];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGINT");
    await ended;
    await rm(dir, { recursive: true, force: true });
  };
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`The product ${why}:\n${said.slice(-4000)}`));
    const timer = setTimeout(() => fail("did not serve its page in time"), PATIENCE);
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /open\s+(http:\/\/\S+)/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
    void ended.then(() => fail("ended before it served its page"));
  });
  return { url, stop };
}
