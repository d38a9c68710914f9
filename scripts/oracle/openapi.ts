/** What the oracle's HTTP answers, for programs that read OpenAPI. Formats of the bodies: docs/protocol.md; codes: docs/errors.md. A test asks every route and compares. */
import { MANIFEST } from "../../protocol/bundle/files.ts";
import { ESCROW_FILE, EVALUATION_FILES, ROUND_FILES } from "../../protocol/bundle/round-manifest.ts";
import { BUNDLE_STATES } from "../../protocol/handover/bundle-status.ts";
import { REFUSAL_STATUS, type RefusalCode } from "../service/refusal.ts";

const json = (description: string, schema: string) => ({ description, content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } } });
const parameter = (name: string, description: string, pattern: string) => ({ name, in: "path", required: true, description, schema: { type: "string", pattern } });

/** Refusals with their codes, by status. @param more Codes that do not come from a service: of the protocol library, 422. */
function refusals(codes: readonly RefusalCode[], more: readonly string[] = []) {
  const all = [...codes.map((code) => [REFUSAL_STATUS[code], code] as const), ...more.map((code) => [422, code] as const)];
  const byStatus = Map.groupBy(all, ([status]) => status);
  return Object.fromEntries([...byStatus].map(([status, found]) => [status, json(found.map(([, code]) => `\`${code}\``).join(", "), "Problem")]));
}

const EVERYBODY = ["host-refused", "origin-refused", "too-many-requests", "ledger-silent", "disk-full", "disk-failing"] as const;
const SIGNED_IN = [...EVERYBODY, "token-refused", "role-refused"] as const;
/** What a manifest, or a file that it lists, can be. */
const MALFORMED = ["json-invalid", "version-unknown", "manifest-invalid", "bundle-path", "spec-invalid", "out-of-range", "privacy-mode-unsupported", "unsupported"];

const federation = parameter("federation", "Number of the federation.", "^[1-9][0-9]*$");
const digest = parameter("digest", "Digest of the bundle's directory (UnixFS, docs/protocol.md).", "^0x[0-9a-f]{64}$");
/** As limits.ts lets them in. */
const FILE = `^(${[MANIFEST, ...Object.values(ROUND_FILES), ...Object.values(EVALUATION_FILES), ESCROW_FILE].map((name) => name.replace(".", "\\.")).join("|")}|updates/(0|[1-9][0-9]{0,9})\\.(bin|envelope))$`;
const hash = { type: ["string", "null"], pattern: "^0x[0-9a-f]{64}$" };
const bytes32 = { type: "string", pattern: "^0x[0-9a-f]{64}$" };
const number = { type: "integer", minimum: 0 };
const known = { type: ["integer", "null"], minimum: 0 };
const decimal = { type: "string", pattern: "^(0|[1-9][0-9]*)$" };
const account = { type: "string", pattern: "^0x[0-9a-fA-F]{40}$" };
const seconds = { type: "integer", description: "Seconds since 1970." };
const nobody: readonly never[] = [];

export const openApi = {
  openapi: "3.1.0",
  info: { title: "Chongwen oracle: intake", version: "1", description: "Aggregators hand over canonical round bundles; operators check, seal and report them. Routes of sessions are there where the operator lets accounts sign in." },
  security: [{ token: nobody }],
  paths: {
    "/v1/openapi.json": { get: { security: nobody, summary: "This document.", responses: { 200: { description: "OpenAPI 3.1.", content: { "application/json": {} } }, ...refusals(EVERYBODY) } } },
    "/v1/sessions/nonce": {
      get: { security: nobody, summary: "What to sign in with: a nonce, for five minutes, and how the message has to name this service.", responses: { 200: json("Fields of an EIP-4361 message.", "Invitation"), ...refusals(EVERYBODY) } },
    },
    "/v1/sessions": {
      post: {
        security: nobody, summary: "Opens a session for a signed EIP-4361 message.", requestBody: { required: true, content: { "application/json": { schema: { $ref: "#/components/schemas/SignIn" } } } },
        responses: { 201: json("The token is shown once.", "OpenedSession"), ...refusals([...EVERYBODY, "request-invalid", "request-too-large", "login-refused", "signature-refused", "role-refused"]) },
      },
      get: { summary: "What this session may, and until when.", responses: { 200: json("Of the token that was sent.", "Session"), ...refusals(SIGNED_IN) } },
      delete: { summary: "Ends this session.", responses: { 204: { description: "It is over." }, ...refusals(SIGNED_IN) } },
    },
    "/v1/federations/{federation}/round": {
      get: { summary: "The open round.", parameters: [federation], responses: { 200: json("Canonical JSON.", "OpenRound"), ...refusals([...SIGNED_IN, "federation-not-served", "round-not-open"]) } },
    },
    "/v1/federations/{federation}/rounds/{round}/model": {
      get: {
        summary: "The model that a round reported; of round 0, the one that the federation began with.",
        parameters: [federation, parameter("round", "Number of the round.", "^(0|[1-9][0-9]{0,7})$")],
        responses: { 200: { description: "int32 lanes, little-endian.", content: { "application/octet-stream": {} } }, ...refusals([...SIGNED_IN, "federation-not-served", "round-not-reported"]) },
      },
    },
    "/v1/bundles/{digest}/{file}": {
      put: {
        summary: "One file of a bundle. The same again changes nothing.",
        parameters: [digest, parameter("file", "Path as in the manifest, or manifest.json; slashes as they are.", FILE)],
        requestBody: { required: true, content: { "application/octet-stream": {} } },
        responses: { 200: json("Taken.", "BundleStatus"), ...refusals([...SIGNED_IN, "request-invalid", "file-refused", "file-too-large", "bundle-incomplete", "intake-full"]) },
      },
    },
    "/v1/bundles/{digest}": {
      post: {
        summary: "All files are there: check them, and record the round. The same again changes nothing.", parameters: [digest],
        responses: {
          202: json("Taken up.", "BundleStatus"),
          ...refusals([...SIGNED_IN, "request-invalid", "bundle-unknown", "bundle-incomplete", "bundle-digest-wrong", "bundle-foreign", "file-refused", "file-too-large", "intake-full"], MALFORMED),
        },
      },
      get: { summary: "What became of a bundle.", parameters: [digest], responses: { 200: json("Canonical JSON.", "BundleStatus"), ...refusals([...SIGNED_IN, "request-invalid", "bundle-unknown"]) } },
    },
  },
  components: {
    securitySchemes: { token: { type: "http", scheme: "bearer", description: "The oracle's token, or a session's." } },
    schemas: {
      OpenRound: {
        type: "object", required: ["format", "version", "chainId", "ledger", "federation", "round", "attempt", "parent", "config", "configHash", "modelSpec", "seats"],
        additionalProperties: false,
        properties: {
          format: { const: "chongwen-open-round" }, version: { const: 1 }, chainId: number, ledger: account, federation: number, round: number, attempt: number, configHash: bytes32,
          parent: { type: "object", required: ["round", "reportHash", "artefact", "modelRoot"], properties: { round: number, reportHash: bytes32, artefact: bytes32, modelRoot: bytes32 } },
          config: { type: "object", description: "docs/protocol.md" }, modelSpec: { type: "object", description: "docs/protocol.md" },
          seats: { type: "array", items: { type: "object", required: ["seat", "key", "weight", "rho", "exempt", "remaining"], properties: { seat: number, key: account, weight: number, rho: decimal, exempt: { type: "boolean" }, remaining: decimal } } },
        },
      },
      BundleStatus: {
        type: "object",
        required: ["format", "version", "bundle", "state", "federation", "round", "reportHash", "artefact", "asHanded", "problem"],
        additionalProperties: false,
        properties: {
          format: { const: "chongwen-bundle-status" }, version: { const: 1 }, bundle: bytes32, state: { enum: BUNDLE_STATES }, federation: known, round: known, reportHash: hash, artefact: hash, asHanded: { type: ["boolean", "null"] },
          problem: { type: ["object", "null"], required: ["code", "message", "fix"], properties: { code: { type: "string" }, message: { type: "string" }, fix: { type: "string" } } },
        },
      },
      Invitation: {
        type: "object", required: ["nonce", "domain", "uri", "chainId", "expiresAt"],
        properties: { nonce: { type: "string", pattern: "^[0-9a-f]{72}$" }, domain: { type: "string" }, uri: { type: "string" }, chainId: { type: "integer" }, expiresAt: seconds },
      },
      SignIn: { type: "object", required: ["message", "signature"], additionalProperties: false, properties: { message: { type: "string", maxLength: 4096 }, signature: { type: "string", maxLength: 200 } } },
      Session: {
        type: "object", required: ["account", "role", "federations", "expiresAt"],
        properties: { account, role: { enum: ["aggregator", "contributor"] }, federations: { type: ["array", "null"], items: { type: "integer" }, description: "That a contributor may read; null: all." }, expiresAt: seconds },
      },
      OpenedSession: { allOf: [{ $ref: "#/components/schemas/Session" }], type: "object", required: ["token"], properties: { token: { type: "string" } } },
      Problem: {
        type: "object", required: ["error"],
        properties: { error: { type: "object", required: ["code", "message", "fix", "retryable"], properties: { code: { type: "string" }, message: { type: "string" }, fix: { type: "string" }, retryable: { type: "boolean" } } } },
      },
    },
  },
};
