import path from "node:path";
import { defineConfig } from "vite";
import { ledger, withoutPolicy } from "../build/development.ts";
import { contractCode } from "./build/contract-code.ts";
import { slim } from "./build/slim.ts";
import { singleFile } from "./build/single-file.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const dist = path.join(root, "frontend", "dist");

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [contractCode(root), withoutPolicy, singleFile(path.join(dist, "chongwen-verify.html"))],
  // One file, because it runs from a blob, which knows no folder to load more from.
  worker: { format: "iife", plugins: () => [contractCode(root), slim()], rolldownOptions: { output: { codeSplitting: false } } },
  build: {
    outDir: path.join(dist, "verify"),
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: false } },
  },
  server: { host: "127.0.0.1", proxy: { "/deployment.json": ledger, "/artefacts": ledger } },
});
