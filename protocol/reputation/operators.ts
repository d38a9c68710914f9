/** Operators' standing, as `Operators` keeps it on chain. Mirrors `contracts/libraries/Standing.sol`. */
import { PPM, type Observation } from "./beta.ts";

/** A settlement that the operator signed became final. */
export const UPHELD: Observation = { weight: PPM, success: PPM };

/** A statement that it signed was proven wrong, and its stake slashed. */
export const OVERTURNED: Observation = { weight: PPM, success: 0 };

/** `Operators.STANDING_FLOOR`: nobody with a lower R + u can be in a new epoch. */
export const STANDING_FLOOR = PPM / 2;
