import type { Plugin } from "vite";

/** While developing, data comes from a running `npm start`. */
export const ledger = "http://127.0.0.1:8080";

/** Hot reloading needs inline scripts and styles; the page that ships allows none. */
export const withoutPolicy: Plugin = {
  name: "without-content-policy",
  apply: "serve",
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ""),
};
