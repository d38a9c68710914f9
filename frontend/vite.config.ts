import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { ledger, withoutPolicy } from "./build/development.ts";
import { groups, preloadShell } from "./build/shell-chunk.ts";

export default defineConfig({
  // Relative addresses: the page also works below a path, or out of a content-addressed store.
  base: "./",
  plugins: [react(), withoutPolicy, preloadShell],
  build: {
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // The budget is 250 kB gzipped for the first load.
    chunkSizeWarningLimit: 800,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/deployment.json": ledger, "/artefacts": ledger, "/feeds": ledger },
  },
});
