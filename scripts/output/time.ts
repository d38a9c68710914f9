/** A time of the chain as people and programs read it. */
export const iso = (seconds: number | bigint): string => new Date(1000 * Number(seconds)).toISOString();
