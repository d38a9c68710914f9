import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Plugin } from "vite";

const hashOf = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;

/** Written in the source where the worker's hash belongs: the served page runs no worker but this one. */
const PLACE = "worker-integrity-goes-here";

/** A script element ends at these letters wherever they stand, so they must not stand in a script. */
function embeddable(script: string): string {
  if (script.includes("<!--")) throw new Error("The script holds <!--, which HTML would read as a comment.");
  return script.replaceAll(/<\/(script)/gi, "<\\/$1").trim();
}

interface Parts {
  readonly html: string;
  readonly script: string;
  readonly style: string;
  readonly worker: string;
}

/**
 * The page as one HTML file. Script and style stand in it, and the content policy allows exactly these two, by their hashes; the worker's source is a block
 * of data, which the hashed script turns into a worker.
 */
export function inlined({ html, script, style, worker }: Parts): string {
  const [code, css] = [embeddable(script), style.trim()];
  const policy =
    `default-src 'none'; script-src '${hashOf(code)}' 'wasm-unsafe-eval'; style-src '${hashOf(css)}'; worker-src blob:; img-src data:; ` +
    "connect-src http: https:; base-uri 'none'; form-action 'none'";
  return html
    .replace(/<script type="module"[^>]*><\/script>\s*/, "")
    .replace(/<link rel="stylesheet"[^>]*>\s*/, "")
    .replace(/(<meta\s+http-equiv="Content-Security-Policy"\s+content=")[^"]*/, (_, start: string) => start + policy)
    .replace("</head>", () => `<style>${css}</style>\n  </head>`)
    .replace("</body>", () => `<script type="text/plain" id="worker">${embeddable(worker)}</script>\n    <script type="module">${code}</script>\n  </body>`);
}

/** Pins the worker in the page, and writes the page as one file beside the folder of the served one. */
export function singleFile(target: string): Plugin {
  return {
    name: "single-file",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const worker = Object.values(bundle).find(({ type, fileName }) => type === "asset" && fileName.endsWith(".js"));
      const pages = Object.values(bundle).filter(({ type }) => type === "chunk");
      const [page] = pages;
      if (worker?.type !== "asset" || page?.type !== "chunk" || pages.length !== 1) return this.error("The page must be one script and one worker.");
      if (!page.code.includes(PLACE)) return this.error("The page's script has no place for the worker's hash.");
      page.code = page.code.replace(PLACE, hashOf(String(worker.source)));
    },
    async writeBundle(_, bundle) {
      const outputs = Object.values(bundle);
      const asset = (extension: string): string => outputs.filter(({ type, fileName }) => type === "asset" && fileName.endsWith(extension)).map((output) => (output.type === "asset" ? String(output.source) : "")).join("\n");
      const script = outputs.map((output) => (output.type === "chunk" ? output.code : "")).join("");
      await writeFile(target, inlined({ html: asset(".html"), script, style: asset(".css"), worker: asset(".js") }));
    },
  };
}
