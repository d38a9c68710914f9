/** What must never be written anywhere: read from files that only their owner reads, and taken out of everything that is written. */
import { readFile, stat } from "node:fs/promises";
import { ChongwenError } from "../../../protocol/errors.ts";

export interface Secrets {
  /** A file with a secret, without the end of its line. From now on its content is not written. @throws secret-unreadable, secret-exposed */
  read(file: string): Promise<string>;
  /** From now on it is not written. */
  add(secret: string): void;
  /** User, password, path and query of an address: any of them may be a key. */
  addUrl(url: string): void;
  /** A text without any of them. */
  scrub(text: string): string;
}

/** Shorter ones are found in innocent words. */
const LEAST = 6;
const KEY = 12;
const OTHERS = 0o007;
const GROUP = 0o070;

/** @param warn Of a file that a group reads: often meant, as with systemd's credentials. */
export function createSecrets(warn: (message: string) => void): Secrets {
  const known = new Set<string>();
  let longestFirst: readonly string[] = [];
  const add = (secret: string): void => {
    if (secret.length < LEAST) return;
    // As it stands in JSON, too.
    for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) known.add(form);
    longestFirst = [...known].sort((a, b) => b.length - a.length);
  };
  return {
    add,
    addUrl(url) {
      const { username, password, pathname, search, searchParams } = new URL(url);
      // Alone, too, if it is long enough for a key.
      const parts = [...pathname.split("/"), ...searchParams.values()].filter(({ length }) => length >= KEY);
      for (const part of [password, `${pathname}${search}`, pathname, search, username, ...parts]) {
        add(part);
        add(decodeURIComponentOr(part));
      }
    },
    async read(file) {
      const [text, { mode }] = await Promise.all([readFile(file, "utf8"), stat(file)]).catch((cause: unknown) => {
        throw new ChongwenError({ code: "secret-unreadable", message: `${file} cannot be read.`, fix: "Check the path, and that the service's user may read it.", cause });
      });
      // Windows has no such modes.
      if (process.platform !== "win32") {
        if ((mode & OTHERS) !== 0) throw new ChongwenError({ code: "secret-exposed", message: `Everybody on this machine may read ${file}.`, fix: `Close it with \`chmod 600 ${file}\`, and replace the secret if others had accounts here.` });
        if ((mode & GROUP) !== 0) warn(`A group of users may read ${file}.`);
      }
      const secret = text.replace(/\r?\n$/, "");
      add(secret);
      return secret;
    },
    scrub: (text) => longestFirst.reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text),
  };
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
