/**
 * A card's description. Markdown of strangers: no HTML, no image, no link but to the web, and where each leads is written beside it. Written without JSX,
 * so that hostile descriptions are tested in Node.
 */
import { createElement } from "react";
import type { ReactNode } from "react";
import Markdown from "react-markdown";
import type { Components, Options } from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import { LONGEST_DESCRIPTION } from "../../datasets/read-card.ts";
import { visibleText, webHost } from "../../format/visible-text.ts";

/** Marks that open one level each. A description for people never stacks so many; one that does is meant for the parser. */
const STACKED = /(?:[>*+\-_~`[(!#]\s*){24}|^(?:\s{4}|\t){12}/m;

const TAGS = ["p", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "a", "br", "hr"];
const SCHEMA = { tagNames: TAGS, attributes: { a: ["href"] }, protocols: { href: ["https", "http"] }, strip: ["script", "style"] };

const heading = ({ children }: { readonly children?: ReactNode }): ReactNode => createElement("h3", null, children);

/** @param imageText Said where an image would be. */
function componentsFor(imageText: (alt: string) => string): Components {
  return {
    a({ href, children }) {
      const host = href === undefined ? undefined : webHost(href);
      if (href === undefined || host === undefined) return createElement("span", null, children);
      const link = createElement("a", { href, rel: "noopener noreferrer nofollow", target: "_blank", className: "link" }, children);
      return createElement("span", { className: "card-link" }, link, " ", createElement("span", { className: "quiet" }, `(${host})`));
    },
    img: ({ alt }) => createElement("span", { className: "quiet" }, imageText(alt ?? "")),
    h1: heading,
    h2: heading,
    h4: heading,
    h5: heading,
    h6: heading,
  };
}

/** An image becomes its alternative text before anything is filtered, so that its address is nowhere in the page. */
const imagesAway: NonNullable<Options["rehypePlugins"]>[number] = () => (tree: { children?: unknown[] }) => {
  const walk = (node: { tagName?: string; properties?: Record<string, unknown>; children?: unknown[] }): void => {
    if (node.tagName === "img") node.properties = { alt: node.properties?.["alt"] };
    for (const child of node.children ?? []) walk(child as typeof node);
  };
  walk(tree as Parameters<typeof walk>[0]);
};

export interface CardMarkdownProps {
  readonly source: string;
  readonly imageText: (alt: string) => string;
}

export function CardMarkdown({ source, imageText }: CardMarkdownProps): ReactNode {
  const shown = visibleText(source, LONGEST_DESCRIPTION);
  if (STACKED.test(shown)) return createElement("p", { className: "card-plain" }, shown);
  const options: Options = {
    children: shown,
    skipHtml: true,
    rehypePlugins: [imagesAway, [rehypeSanitize, { ...SCHEMA, tagNames: [...TAGS, "img"], attributes: { ...SCHEMA.attributes, img: ["alt"] } }]],
    urlTransform: (url) => (webHost(url) === undefined ? null : url),
    components: componentsFor(imageText),
  };
  return createElement("div", { className: "card-markdown" }, createElement(Markdown, options));
}
