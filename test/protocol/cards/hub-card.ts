// A dataset card as the Hub's own template makes it, with people in it, and ways to change it.
import { readFileSync } from "node:fs";
import path from "node:path";

export const README = readFileSync(path.join(import.meta.dirname, "hub-card.md"), "utf8");
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** A card with this front matter and body. */
export const readme = (front: string, body = "# A dataset\n\nText.\n"): Uint8Array => bytesOf(`---\n${front}\n---\n${body}`);

/** All that a custodian can be asked for. */
export const SAID = {
  institution: "Example Hospital", legalBasis: "GDPR article 9(2)(j)", ethicsApproval: "EK 123/2026", ethicsExpiry: "2031-05-01", consentVersion: 2, privacyCap: 5_000_000,
  unit: "patient", jurisdictions: ["AT"], recipients: ["members"], labelLevels: [0, 15, 10_000], source: "https://huggingface.co/datasets/example/ham",
} as const;
