import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { ChongwenError } from "../../../protocol/errors.ts";

/** A Python that can run the package. */
export interface Interpreter {
  readonly executable: string;
  /** For example "3.12.1". */
  readonly version: string;
  /** Of the platform's compiled packages, for example "linux-x86_64". */
  readonly platform: string;
  /** Whether it brings `venv` and `ensurepip`; Debian packs them apart. */
  readonly venv: boolean;
}

/** The oldest version that Flower and our package support. */
export const OLDEST = [3, 11] as const;

/** Newest first: what a maintained machine has is preferred over what its system came with. */
const NAMES = ["python3.13", "python3.12", "python3.11", "python3", "python"] as const;

const PROBE = `import json, sys, sysconfig
try:
    import ensurepip, venv
    complete = True
except ImportError:
    complete = False
print(json.dumps({"executable": sys.executable, "version": list(sys.version_info[:3]), "platform": sysconfig.get_platform(), "venv": complete}))`;

const answer = z.object({ executable: z.string().min(1), version: z.tuple([z.int(), z.int(), z.int()]), platform: z.string(), venv: z.boolean() });
type Answer = z.infer<typeof answer>;

const run = promisify(execFile);

/** Asks a command what it is. Null: it does not run, as a version manager's placeholder for a version that is not installed. */
async function probe(command: string): Promise<Answer | null> {
  try {
    const { stdout } = await run(command, ["-I", "-c", PROBE], { timeout: 20_000 });
    return answer.parse(JSON.parse(stdout));
  } catch {
    return null;
  }
}

const isNewEnough = ({ version: [major, minor] }: Answer): boolean => major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);

/**
 * Finds a Python: the one that `CHONGWEN_PYTHON` names and no other, else the first that will do.
 * @param canMakeVenv Whether something else, like uv, can make an environment where Python itself cannot.
 * @throws python-missing, python-too-old, python-without-venv
 */
export async function findPython(env: Readonly<Record<string, string | undefined>>, canMakeVenv = false): Promise<Interpreter> {
  const named = env["CHONGWEN_PYTHON"];
  const names = named === undefined || named === "" ? NAMES : [named];
  const found: { readonly name: string; readonly answer: Answer }[] = [];
  for (const name of names) {
    const answer = await probe(name);
    if (answer === null) continue;
    if (isNewEnough(answer) && (answer.venv || canMakeVenv)) return { ...answer, version: answer.version.join(".") };
    found.push({ name, answer });
  }
  const looked = `Looked for ${names.join(", ")}`;
  const [first] = found;
  if (first === undefined) {
    throw new ChongwenError({
      code: "python-missing",
      message: names === NAMES ? `There is no Python on this machine. ${looked}.` : `CHONGWEN_PYTHON names ${names.join("")}, which does not run as a Python.`,
      fix: `Install Python ${OLDEST.join(".")} or newer, or name one with CHONGWEN_PYTHON.`,
    });
  }
  const bare = found.find(({ answer }) => isNewEnough(answer));
  if (bare !== undefined) {
    throw new ChongwenError({
      code: "python-without-venv",
      message: `${bare.name} (${bare.answer.version.join(".")}) has no \`venv\`, so it cannot make an environment of its own.`,
      fix: "Install it (on Debian and Ubuntu: `apt install python3-venv`), or install uv, or name another Python with CHONGWEN_PYTHON.",
    });
  }
  throw new ChongwenError({
    code: "python-too-old",
    message: `Python ${first.answer.version.join(".")} (${first.name}) is too old: Flower needs ${OLDEST.join(".")} or newer. ${looked}.`,
    fix: `Install Python ${OLDEST.join(".")} or newer, or name one with CHONGWEN_PYTHON.`,
  });
}
