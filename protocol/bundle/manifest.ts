import { z } from "zod";
import { protocolError } from "../errors.ts";
import { firstIssue } from "../schema.ts";
import { decodeJson } from "./canonical-json.ts";
import { MANIFEST, MANIFEST_LIMIT } from "./files.ts";
import { readFile, type BundleReader } from "./reader.ts";

const headSchema = z.looseObject({ format: z.string(), version: z.int() });

/**
 * Reads `manifest.json`. The format and its version are looked at first, so that a newer file is told from a broken one.
 * @throws bundle-unreadable, json-invalid, manifest-invalid, version-unknown
 */
export async function readManifest<Manifest>(reader: BundleReader, format: string, schema: z.ZodType<Manifest>): Promise<Manifest> {
  const json = decodeJson(await readFile(reader, MANIFEST, MANIFEST_LIMIT + 1), MANIFEST, MANIFEST_LIMIT);
  const head = headSchema.safeParse(json);
  if (!head.success) throw protocolError("manifest-invalid", `${MANIFEST} is malformed: ${firstIssue(head.error)}.`, head.error);
  if (head.data.format !== format) {
    throw protocolError("manifest-invalid", `${MANIFEST} has the format “${head.data.format.slice(0, 64)}” instead of “${format}”.`);
  }
  if (head.data.version !== 1) {
    throw protocolError("version-unknown", `${MANIFEST} has version ${head.data.version} of “${format}”; this software knows version 1.`);
  }
  const manifest = schema.safeParse(json);
  if (!manifest.success) {
    const issue = firstIssue(manifest.error);
    const code = issue.includes("no such file") ? "bundle-path" : "manifest-invalid";
    throw protocolError(code, `${MANIFEST} is malformed: ${issue}.`, manifest.error);
  }
  return manifest.data;
}
