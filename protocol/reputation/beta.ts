/**
 * Reputation as a beta distribution with decay, in integers: evidence for and against, older evidence worth a tenth less with each new observation.
 * Source: A. Jøsang and R. Ismail, "The Beta Reputation System", 15th Bled Electronic Commerce Conference, 2002 (forgetting factor 0.9); the uncertainty is
 * that of A. Jøsang, "Subjective Logic", 2016. `contracts/libraries/Standing.sol` does the same for operators, to the last unit.
 *
 *     α ← ⌊0.9·α⌋ + good      β ← ⌊0.9·β⌋ + bad      good = ⌊w·s⌋, bad = w − good
 *     R = (α + 1) / (α + β + 2)      u = 2 / (α + β + 2)
 */
import { protocolError } from "../errors.ts";

/** One, in parts per million. All figures here are integers in this unit. */
export const PPM = 1_000_000;

/** What is left of older evidence when there is new one. */
export const DECAY = 900_000;

/** Most that one observation may weigh. Evidence then never exceeds ten times this, which fits 32 bits. */
export const MAX_WEIGHT = 100 * PPM;

const MAX_EVIDENCE = 2 ** 32 - 1;

/** @param alpha What spoke for it. @param beta What spoke against it. ppm, 0..2^32 − 1. */
export interface Evidence {
  readonly alpha: number;
  readonly beta: number;
}

/** @param weight How much it counts, 0..100 units; 1 unit is one ordinary observation. @param success Share that went well, 0..1. Both in ppm. */
export interface Observation {
  readonly weight: number;
  readonly success: number;
}

/**
 * All in ppm, rounded down, so that the figures that people are shown add up.
 * @param mean R, never quite 0 or 1. @param uncertainty u: one without any evidence. @param lower R − u: what can be relied on; below zero for a newcomer.
 * @param upper R + u: what is still possible; above one for a newcomer.
 */
export interface Reputation {
  readonly mean: number;
  readonly uncertainty: number;
  readonly lower: number;
  readonly upper: number;
}

/** Nothing is known of a newcomer. */
export const UNKNOWN: Evidence = { alpha: 0, beta: 0 };

function requireWithin(name: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > most) throw protocolError("out-of-range", `${name} is ${value}, not an integer from 0 to ${most}.`);
}

function requireEvidence({ alpha, beta }: Evidence): void {
  requireWithin("alpha", alpha, MAX_EVIDENCE);
  requireWithin("beta", beta, MAX_EVIDENCE);
}

/** Rounds down; exact, because evidence times a million stays below 2^53. */
const perMillion = (value: number, share: number): number => Math.floor((value * share) / PPM);

/** Evidence after one more observation. One of weight 0 is none: nothing decays. @throws out-of-range */
export function updateReputation(evidence: Evidence, { weight, success }: Observation): Evidence {
  requireEvidence(evidence);
  requireWithin("weight", weight, MAX_WEIGHT);
  requireWithin("success", success, PPM);
  if (weight === 0) return evidence;
  const good = perMillion(weight, success);
  // Fits: nine tenths of 32 bits and the largest weight stay within 32 bits.
  return { alpha: perMillion(evidence.alpha, DECAY) + good, beta: perMillion(evidence.beta, DECAY) + weight - good };
}

/** @throws out-of-range */
export function reputationOf(evidence: Evidence): Reputation {
  requireEvidence(evidence);
  const sum = evidence.alpha + evidence.beta + 2 * PPM;
  const mean = Math.floor(((evidence.alpha + PPM) * PPM) / sum);
  const uncertainty = Math.floor((2 * PPM * PPM) / sum);
  return { mean, uncertainty, lower: mean - uncertainty, upper: mean + uncertainty };
}
