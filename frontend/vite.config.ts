import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { ledger, withoutPolicy } from "./development.ts";

export default defineConfig({
  // Relative addresses: the page also works below a path, or out of a content-addressed store.
  base: "./",
  plugins: [react(), withoutPolicy],
  build: {
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // The budget is 250 kB gzipped for the first load; one file arrives sooner than several.
    chunkSizeWarningLimit: 800,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/deployment.json": ledger, "/artefacts": ledger, "/feeds": ledger },
  },
});
