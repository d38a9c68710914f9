/** Text of strangers, as it really is, and where their links lead. Pure. */
export { visibleText } from "../../../protocol/cards/visible-text.ts";

/** Where a link leads, if it leads to the web; a host in another script is shown in the ASCII that the network uses. */
export function webHost(href: string): string | undefined {
  try {
    const { protocol, host, username, password } = new URL(href);
    return (protocol === "https:" || protocol === "http:") && username === "" && password === "" ? host : undefined;
  } catch {
    return undefined;
  }
}
