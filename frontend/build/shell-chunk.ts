import type { HtmlTagDescriptor, Plugin } from "vite";

const SHELL = "shell";

/** Two files for the first visit: a small one that knows the reader's language, and the shell with all it needs, which is packed better as one. */
export const groups = [
  { name: "first", test: /\/src\/app\/main\.ts$/, priority: 2 },
  { name: SHELL, test: /\/src\/app\/start\.tsx$/, priority: 1 },
];

/** The browser fetches the shell from the start, not only when the first script asks for it. */
export const preloadShell: Plugin = {
  name: "preload-shell",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle = {} }) =>
      Object.values(bundle).flatMap((file): HtmlTagDescriptor[] => {
        if (file.type !== "chunk" || file.name !== SHELL) return [];
        const script = { tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `./${file.fileName}` } };
        const styles = [...(file.viteMetadata?.importedCss ?? [])].map((href) => ({ tag: "link", attrs: { rel: "stylesheet", crossorigin: true, href: `./${href}` } }));
        return [script, ...styles];
      }),
  },
};
