// A Chromium out of an npm package: no system package, no download.
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import chromium, { inflate } from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";
import type { Browser } from "playwright-core";

/** Arguments for serverless machines that switch off what is tested here, and one with which closing a page ends the browser. */
const UNWANTED = new Set(["--disable-web-security", "--allow-running-insecure-content", "--single-process"]);

/** Why no browser can run on this machine, or undefined. The package holds one build. */
export function missingBrowser(): string | undefined {
  const machine = `${process.platform}-${process.arch}`;
  return machine === "linux-x64" ? undefined : `@sparticuz/chromium holds a browser for linux-x64 only, and this is ${machine}`;
}

/** The libraries (NSS, NSPR, expat) that a slim system lacks: packed beside the browser. @returns Their folder */
async function unpackLibraries(): Promise<string> {
  const packed = new URL("../bin/al2023.tar.br", import.meta.resolve("@sparticuz/chromium"));
  await inflate(fileURLToPath(packed));
  return path.join(tmpdir(), "al2023", "lib");
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath();
  const options = { executablePath, args: chromium.args.filter((argument) => !UNWANTED.has(argument)), headless: true };
  try {
    return await playwright.launch(options);
  } catch (error) {
    if (!String(error).includes("shared libraries")) throw error;
    const env = { ...process.env, LD_LIBRARY_PATH: await unpackLibraries() } as Record<string, string>;
    return playwright.launch({ ...options, env });
  }
}
