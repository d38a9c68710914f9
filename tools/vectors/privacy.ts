// Clips, costs and noise of privacy mode A. The noise comes from the numbers of `createRandom`, four bytes each, little-endian: never from them outside of a test.
import { discreteGaussian } from "../../protocol/privacy/discrete-gaussian.ts";
import { clipWithin, privatise, PRIVACY_UNITS, rhoOf, varianceFor } from "../../protocol/privacy/privatise.ts";
import { createRandomBits, type FillRandom } from "../../protocol/privacy/random-bits.ts";
import { createRandom, int16s } from "./random.ts";

function streamOf(seed: number): FillRandom {
  const random = createRandom(seed);
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += 4) view.setUint32(at, random(), true);
  };
}

export function privacyVectors() {
  const update = int16s(40, 100);
  const variances: readonly (readonly [bigint, bigint])[] = [[1n, 7n], [1n, 1n], [9n, 2n], [1_000_000n, 1n], [2n ** 40n, 1n], [12_345_678_901_234_567n, 987_654_321n]];
  return {
    clips: [1n, 40_000n, 90_000n, 2n ** 31n - 1n].map((clip) => ({ update: [...update], clip, clipped: [...clipWithin(update, clip)] })),
    costs: PRIVACY_UNITS.flatMap((unit) =>
      [[1n, 1n, 1n], [1000n, 9n, 2n], [2n ** 31n - 1n, 2n ** 40n, 1n]].map(([clip = 1n, numerator = 1n, denominator = 1n]) => ({
        unit, clip, numerator, denominator, nanoRho: rhoOf({ clip, sigmaSquared: { numerator, denominator }, unit }),
      })),
    ),
    variances: PRIVACY_UNITS.flatMap((unit) => [[5_000_000n, 1000n], [1_000_000_007n, 77n]].map(([nanoRho = 1n, clip = 1n]) => ({ unit, nanoRho, clip, variance: varianceFor(nanoRho, clip, unit).numerator }))),
    samples: variances.map(([numerator, denominator], i) => {
      const [sample, bits] = [discreteGaussian({ numerator, denominator }), createRandomBits(streamOf(200 + i))];
      return { numerator, denominator, seed: 200 + i, samples: Array.from({ length: 60 }, () => sample(bits)) };
    }),
    noised: [[2_000n, 250_000n], [90_000n, 2n ** 30n]].map(([clip = 1n, numerator = 1n], i) => {
      const setting = { clip, sigmaSquared: { numerator, denominator: 1n }, unit: "site" } as const;
      const { update: lanes, rho, saturated, zeroed } = privatise(update, setting, streamOf(300 + i));
      return { update: [...update], clip, numerator, denominator: 1n, unit: "site", seed: 300 + i, lanes: [...lanes], nanoRho: rho, saturated, zeroed };
    }),
  };
}
