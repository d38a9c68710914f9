// What a participant can do to be paid for nothing, or for harm. Each is applied to one seat of an honest federation.
import { Random } from "../../scripts/data/index.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Act, Client } from "./client.ts";

/** Changes the client of a seat, or adds seats behind it. */
export type Attack = (clients: readonly Client[], seat: number, context: { readonly dataset: Dataset; readonly seed: number }) => Client[];

const withClient = (clients: readonly Client[], seat: number, change: (client: Client) => Client): Client[] =>
  clients.map((client, i) => (i === seat ? change(client) : client));

const acting = (act: Act): Attack => (clients, seat) => withClient(clients, seat, (client) => ({ ...client, act }));

const clamp16 = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));

/** Classes that endanger life, and the harmless one they are passed off as: moles for melanoma, basal cell carcinoma and actinic keratosis. */
const CANCERS: ReadonlySet<number> = new Set([0, 1, 4]);
const BENIGN = 5;

type Lie = (dataset: Dataset, truth: number, random: Random) => number;

/** Another class, each as likely. An amount is mirrored in 1 kWh, so that what is high is said to be low. */
const anyOther: Lie = ({ classes }, truth, random) => (classes === 0 ? mirrored(truth) : (truth + 1 + random.below(classes - 1)) % classes);

/** Cancers are called moles, and moles melanoma; elsewhere each class is called the next. */
const targeted: Lie = ({ name, classes }, truth) => {
  if (classes === 0) return Math.floor(truth / 2);
  if (name !== "skin") return (truth + 1) % classes;
  return CANCERS.has(truth) ? BENIGN : 4;
};

const mirrored = (truth: number): number => 2 ** 13 - truth;

const lying = (rate: number, lie: Lie): Attack => (clients, seat, { dataset, seed }) =>
  withClient(clients, seat, (client) => {
    const random = new Random(seed, "lie", seat);
    // Which records are lied about: those of a lower rate are among those of a higher one, so that rates can be compared.
    const order = random.shuffle([...client.truth.keys()]).slice(0, Math.round(rate * client.truth.length));
    const truth = client.truth.slice();
    for (const i of order) truth[i] = lie(dataset, truth[i] as number, random);
    return { ...client, truth };
  });

export const flipLabels = (rate: number): Attack => lying(rate, anyOther);
export const flipTargeted = (rate: number): Attack => lying(rate, targeted);

export const sendZero = acting(({ lastGlobal }) => new Int16Array(lastGlobal.length));
export const replayGlobal = acting(({ lastGlobal }) => lastGlobal);
export const replayOwn = acting(({ last, seat }) => last(seat));
export const replayOther = acting(({ last, seat, seats }) => last((seat + 1) % seats));
export const flipSign = acting(({ honest }) => honest().map((lane) => clamp16(-lane)));
export const scale = (factor: number): Attack => acting(({ honest }) => honest().map((lane) => clamp16(factor * lane)));

/** The mean of what two others sent last: less alike to the last global move than that of all. */
export const averageOfOthers = acting(({ last, seat, seats }) => {
  const [a, b] = [last((seat + 1) % seats), last((seat + 2) % seats)] as const;
  return a.map((lane, i) => clamp16((lane + (b[i] as number)) / 2));
});

/** As long as an honest update, in a random direction. */
export const sendNoise = acting(({ honest, random }) => noise(honest(), random));
export const honestThenNoise = acting(({ honest, random, round }) => (round === 0 ? honest() : noise(honest(), random)));

export function noise(like: Int16Array, random: Random, part = 1): Int16Array {
  const deviation = part * Math.sqrt(like.reduce((sum, lane) => sum + lane * lane, 0) / like.length);
  return like.map(() => clamp16(deviation * gaussian(random)));
}

/** Box and Muller 1958. */
function gaussian(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log((random.uint32() + 1) / 2 ** 32));
  return radius * Math.cos((2 * Math.PI * random.uint32()) / 2 ** 32);
}

const adding = (organisation: (client: Client) => string, act: (seat: number) => Act): Attack => (clients, seat) => {
  const client = clients[seat] as Client;
  return [...clients, { ...client, name: `copy of ${client.name}`, organisation: organisation(client), act: act(seat) }];
};

/** A second account that claims as many records, and sends the same. */
export const copy = adding(({ name }) => `shadow of ${name}`, (seat) => ({ now }) => now(seat));

/** The same with a little noise, so that the roots differ. */
export const noisyCopy = adding(
  ({ name }) => `shadow of ${name}`,
  (seat) => ({ now, random }) => {
    const original = now(seat);
    const little = noise(original, random, 0.05);
    return original.map((lane, i) => clamp16(lane + (little[i] as number)));
  },
);

/** One site's records in two accounts, half each. */
export const split = (organisations: "one" | "two"): Attack => (clients, seat) => {
  const whole = clients[seat] as Client;
  const half = (part: 0 | 1): Client => ({
    ...whole,
    name: `${whole.name}, ${part === 0 ? "first" : "second"} half`,
    organisation: organisations === "one" ? whole.organisation : `${whole.organisation}, ${part}`,
    rows: whole.rows.filter((_, i) => i % 2 === part),
    truth: whole.truth.filter((_, i) => i % 2 === part),
  });
  return [...clients.map((client, i) => (i === seat ? half(0) : client)), half(1)];
};
