// Every relative link of every Markdown file leads to a file, and to a heading where it names one.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";

const root = path.resolve(import.meta.dirname, "..", "..", "..");
const GENERATED = new Set(["node_modules", "artifacts", "cache", "coverage", "types", "dist", ".chongwen", ".git"]);
const files = globSync("**/*.md", { cwd: root, exclude: (name) => GENERATED.has(path.basename(name)) || path.basename(name).startsWith(".install") });

/** Without code, which may hold brackets that are no links. */
function proseOf(file: string): string {
  return readFileSync(file, "utf8")
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "")
    .replaceAll(/`[^`\n]*`/g, "code");
}

function targetsOf(file: string): string[] {
  const prose = proseOf(file);
  const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)];
  const references = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  const html = [...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)];
  return [...inline, ...references, ...html].map((match) => match[1] ?? "");
}

/** Anchors as GitHub makes them: lower case, spaces to hyphens, other punctuation gone, a number behind repeated ones. */
function anchorsOf(file: string): Set<string> {
  const seen = new Map<string, number>();
  const text = readFileSync(file, "utf8").replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "");
  const slugs = [...text.matchAll(/^#{1,6}\s+(.+?)\s*$/gm)].map((match) => {
    const heading = (match[1] ?? "").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set(slugs);
}

function problemOf(file: string, target: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return null;
  const [place = "", anchor] = target.split("#");
  const found = place === "" ? file : path.resolve(path.dirname(file), decodeURIComponent(place));
  if (!existsSync(found)) return `${target} does not exist`;
  if (path.relative(root, found).startsWith("..")) return `${target} lies outside of the repository`;
  if (anchor === undefined || !found.endsWith(".md")) return null;
  return anchorsOf(found).has(decodeURIComponent(anchor)) ? null : `${target}: no such heading`;
}

describe("links in Markdown", () => {
  it("are looked at", () => assert.ok(files.includes("README.md") && files.length > 10));

  for (const file of files.sort()) {
    it(`of ${file} resolve`, () => {
      const full = path.join(root, file);
      assert.deepEqual(targetsOf(full).map((target) => problemOf(full, target)).filter((problem) => problem !== null), []);
    });
  }
});
