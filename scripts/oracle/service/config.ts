/** The configuration of an oracle that runs as a service: one JSON file. Every field says what it is; docs/runbooks/oracle.md shows them all, and a test compares the two. */
import { getAddress, isAddress, type Address, type Hex } from "viem";
import { z } from "zod";
import { retentionSchema } from "../../store/retention/policy.ts";
import { SIGNER_DIALECTS } from "./remote-signer.ts";

const file = z.string().min(1).max(4096);
const web = z.url({ protocol: /^https?$/, error: "expected an address that begins with http:// or https://" });
const account = z.custom<Address>((value) => typeof value === "string" && isAddress(value), "expected an address").transform((value) => getAddress(value));
const bytes32 = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value), "expected 32 bytes as lower-case 0x-hex");
const port = z.int().min(0).max(65_535);
const federation = z.int().min(0).max(2 ** 32 - 1);
const count = z.int().positive();

/** Whose key signs. Exactly one kind: all fields are in one object so that a wrong one can be named. */
const key = z
  .strictObject({
    keystore: file.optional().describe("Encrypted key file (Web3 Secret Storage, version 3)."),
    passwordFile: file.optional().describe("Its password. Nobody else on the machine may read it."),
    signer: web.optional().describe("Instead of a keystore: a remote signer that speaks Web3Signer's JSON-RPC (`eth_signTypedData`, `eth_signTransaction`)."),
    dialect: z.enum(SIGNER_DIALECTS).optional().describe("What the remote signer speaks: `web3signer`, which is the default, or `clef` (`account_signTypedData`, `account_signTransaction`)."),
    address: account.optional().describe("Of the remote signer's key. Every signature is compared with it."),
    tokenFile: file.optional().describe("What the remote signer wants as a bearer token, if it does."),
    account: z.string().regex(/^dev:\d{1,2}$/, "expected dev:N").optional().describe("Instead of both: a public development key, on a local chain only (31337)."),
  })
  .superRefine((value, context) => {
    const kinds = [value.keystore, value.signer, value.account].filter((kind) => kind !== undefined);
    const wrong = (message: string) => context.addIssue(message);
    if (kinds.length !== 1) wrong("expected exactly one of keystore, signer and account");
    if ((value.keystore === undefined) !== (value.passwordFile === undefined)) wrong("keystore and passwordFile go together");
    if ((value.signer === undefined) !== (value.address === undefined)) wrong("signer and address go together");
    if (value.dialect !== undefined && value.signer === undefined) wrong("dialect goes with signer");
    if (value.tokenFile !== undefined && value.signer === undefined) wrong("tokenFile goes with signer");
  });

const limits = z.strictObject({
  quotaBytes: count.default(16 * 2 ** 30).describe("Bytes of what is received and not recorded yet."),
  mostHeld: count.default(256).describe("Bundles of a federation that wait."),
  abandonAfterSeconds: count.default(86_400).describe("Seconds after which what nobody finishes to send is thrown away."),
  keepWaitingSeconds: count.default(30 * 86_400).describe("Seconds for which a whole bundle may wait for its parent."),
  pollMilliseconds: z.int().min(50).default(1_000).describe("Between two looks at the chain."),
  maxGasPriceGwei: z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, "expected a number of gwei, as text").default("200").describe("Most for a unit of gas. A transaction that would cost more waits."),
  confirmations: z.int().min(0).max(10_000).default(64).describe("Blocks behind the head that no reorganisation reaches."),
  graceSeconds: z.int().min(1).max(3_600).default(30).describe("How long a step that is under way may take after the service was told to stop."),
});

export const configSchema = z.strictObject({
  format: z.literal("chongwen-oracle-config").describe("Always `chongwen-oracle-config`."),
  version: z.literal(1).describe("Always 1."),
  comment: z.string().optional().describe("For people."),
  deployment: file.describe("The ledger's deployment file. Paths are relative to the folder of the configuration."),
  endpoints: z
    .strictObject({
      urls: z.array(web).min(1).max(16).describe("JSON-RPC endpoints of the chain, of different owners, one's own node among them."),
      agree: count.optional().describe("How many must say the same: more than half. Default: just that."),
      timeoutSeconds: z.number().positive().max(120).default(10).describe("For one answer."),
      requestsPerMinute: count.default(6_000).describe("Budget of each endpoint."),
    })
    .optional()
    .describe("Default: the one endpoint in the deployment file."),
  proofs: z.enum(["offered", "required"]).default("offered").describe("Whether endpoints must prove (`eth_getProof`) the rounds that are signed on: `offered` checks proofs where there are some, `required` believes nothing without."),
  checkpoint: z
    .strictObject({
      block: z.strictObject({ number: z.int().min(0).describe("Its height."), hash: bytes32.describe("Its hash.") }).optional().describe("A block that the chain must have."),
      round: z.strictObject({ federation: federation.describe("Which federation."), round: count.describe("Which round."), reportHash: bytes32.describe("Of its report.") }).optional().describe("A final round that the ledger must have."),
    })
    .optional()
    .describe("What is known of the chain from elsewhere. The service writes down checkpoints of its own besides."),
  federations: z.array(federation).min(1).max(256).describe("Which federations are served."),
  quality: z
    .array(
      z.strictObject({
        federation: federation.describe("Which federation."),
        terms: file.describe("Its terms, as governance chose them."),
        points: file.optional().describe("Folder of files that issuers signed (`points-….json`). Without it nobody's points count."),
        holdouts: file.optional().describe("Folder of holdouts that custodians handed over, each in a folder of its own with its `salt.json`. Secret until a settlement opens them."),
      }),
    )
    .max(256)
    .default([])
    .describe("Federations that are paid by quality: what their settlements rest on. One that is not named is recorded and not settled by this service."),
  escrow: z
    .array(
      z.strictObject({
        federation: federation.describe("Which federation."),
        keystore: file.describe("The operator's escrow key, as `npx chongwen escrow key --new` writes it. It signs nothing."),
        passwordFile: file.describe("Its password. Nobody else on the machine may read it."),
        slips: file.describe("Folder of key slips: a file for each envelope, as sites write them."),
      }),
    )
    .max(256)
    .default([])
    .describe("Federations whose updates are escrowed (privacy mode B): how this operator reads them. One that is not named is left to the others."),
  operators: z.array(key).min(1).max(32).describe("Keys of the operators that this service signs for: one, but for a test network in one process."),
  peers: z
    .strictObject({
      others: z.array(z.strictObject({ address: account.describe("Its operator key, as registered on chain."), url: web.describe("Where its service is reached from here.") })).min(1).max(31).describe("The other operators' services."),
      turnSeconds: z.number().positive().max(3_600).default(10).describe("How long an operator waits for each one before it: longer than a round takes to be recomputed and sealed."),
      withinSeconds: z.number().positive().max(3_600).default(120).describe("How long signatures are waited for."),
      lookSeconds: z.number().positive().max(3_600).default(10).describe("Between two looks at what the others have."),
    })
    .optional()
    .describe("A quorum of several services: each signs for one operator. Without it every operator's key is here."),
  payer: key.optional().describe("Who pays the gas of seals and reports. Nobody else may send from it. Default: the first operator."),
  dir: file.describe("The service's own folder: what it receives, its journals, its checkpoint. One service a folder."),
  store: z
    .strictObject({
      dir: file.optional().describe("Artefacts in this folder."),
      kubo: web.optional().describe("Or in this Kubo node: address of its RPC."),
    })
    .refine((value) => (value.dir === undefined) !== (value.kubo === undefined), "expected exactly one of dir and kubo")
    .describe("Where artefacts are kept."),
  retention: retentionSchema.prefault({}).describe("How long artefacts are kept that the ledger no longer needs: storage.md."),
  listen: z
    .strictObject({
      host: z.literal("127.0.0.1").default("127.0.0.1").describe("Only the loopback interface: put a proxy with TLS in front."),
      port: port.default(8_091).describe("Where aggregators hand over. 0: any free one."),
      names: z.array(z.string().min(1).max(253)).default([]).describe("Names under which the proxy reaches it, besides localhost."),
    })
    .prefault({})
    .describe("The intake."),
  monitor: z
    .strictObject({ port: port.default(8_092).describe("Of `/health`, `/ready` and `/metrics`, on the loopback interface. 0: any free one.") })
    .prefault({})
    .describe("What supervisors and Prometheus ask."),
  tokenFile: file.optional().describe("What aggregators show, at least 32 characters. Default: `token` in `dir`, made at the first start."),
  sessions: z
    .strictObject({
      aggregators: z.array(account).max(1_000).default([]).describe("Accounts that may hand over bundles after signing in. Contributors with a seat may always read."),
      origin: web.optional().describe("Where the service is reached, as messages to sign in name it: `https://oracle.example`. Default: where it listens."),
      seconds: z.int().min(60).max(86_400).default(3_600).describe("How long a session lasts."),
    })
    .optional()
    .describe("Lets accounts sign in with their keys, beside the token. Without it nobody can."),
  drop: file.optional().describe("A folder for aggregators without HTTP."),
  limits: limits.prefault({}).describe("Bounds; all have defaults."),
  log: z
    .strictObject({ level: z.enum(["trace", "debug", "info", "warn", "error"]).default("info").describe("The least that is written.") })
    .prefault({})
    .describe("Logs, on standard error: JSON lines, or text on a terminal."),
});

export type OracleConfig = z.output<typeof configSchema>;
export type OracleConfigInput = z.input<typeof configSchema>;
export type KeyConfig = OracleConfig["operators"][number];
