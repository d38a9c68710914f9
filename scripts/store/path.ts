import { ArtefactPathRefused } from "./errors.ts";
import type { ArtefactLimits } from "./limits.ts";
import { hasUnprintable } from "./quote.ts";

/**
 * Splits the path of a file inside an artefact into its names, or refuses it. Paths are relative, with `/` between
 * names; whatever a file system, a terminal or an encoder could read differently is refused.
 */
export function splitPath(path: string, limits: ArtefactLimits): string[] {
  if (typeof path !== "string" || path === "") throw new ArtefactPathRefused(String(path), "is empty");
  if (path.startsWith("/")) throw new ArtefactPathRefused(path, "is absolute");
  if (Buffer.byteLength(path) > limits.pathBytes) {
    throw new ArtefactPathRefused(path, `is longer than ${limits.pathBytes} bytes`);
  }
  const names = path.split("/");
  if (names.length > limits.depth) throw new ArtefactPathRefused(path, `is more than ${limits.depth} names deep`);
  for (const name of names) {
    const fault = nameFault(name, limits);
    if (fault !== undefined) throw new ArtefactPathRefused(path, fault);
  }
  return names;
}

/** Why a name may not stand in an artefact, or undefined if it may. */
export function nameFault(name: string, limits: ArtefactLimits): string | undefined {
  if (name === "") return "has an empty name";
  if (name === "." || name === "..") return `has the name "${name}"`;
  if (/[/\\]/.test(name)) return "has a slash or a backslash in a name";
  if (hasUnprintable(name)) return "has a control character";
  if (!name.isWellFormed()) return "is not well-formed Unicode";
  if (Buffer.byteLength(name) > limits.nameBytes) return `has a name longer than ${limits.nameBytes} bytes`;
  return undefined;
}
