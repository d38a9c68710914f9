import { ChongwenError } from "../../protocol/errors.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Looks at one thing: what it says when all is well, or what it throws and what to do about that. */
export async function check(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await look() };
  } catch (error) {
    const fix = error instanceof ChongwenError ? ` ${error.fix}` : "";
    return { what, ok: false, detail: `${error instanceof Error ? error.message : String(error)}${fix}` };
  }
}
