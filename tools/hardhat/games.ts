// How the games against the fault proofs are compiled: hardly optimised, and all in one run of the compiler.
import type { HardhatPlugin } from "hardhat/types/plugins";

/** Two thousand lines of Solidity are inside each of their eight contracts; optimising those took longer than optimising all that is deployed. */
const GAMES = ["GameCourse.t.sol", "GameExhaustive.t.sol", "GameRandom.t.sol", "GameRed.t.sol", "DisputesInvariant.t.sol"];
const PLAIN = { peephole: true, inliner: true, jumpdestRemover: true, deduplicate: true, orderLiterals: false, cse: false, constantOptimizer: false, yul: false };

interface Compiler {
  readonly version: string;
  readonly path: string;
  readonly settings: { readonly optimizer: object };
}

/** What they play against is compiled like everything else: the library `Made` deploys the artifacts, and is linked. */
export function gamesCompiler<C extends Compiler>(compiler: C): Record<string, C> {
  const plain = { ...compiler, settings: { ...compiler.settings, optimizer: { ...compiler.settings.optimizer, details: PLAIN } } };
  return Object.fromEntries(GAMES.map((file) => [`test/solidity/disputes/${file}`, plain]));
}

/** Hardhat copies the settings of every file, and gives each copy a run of its own, over the same fifty files; one settings object shared by all is one run. */
export const gamesTogether: HardhatPlugin = {
  id: "games-together",
  hookHandlers: {
    config: async () => ({
      default: async () => ({
        resolveUserConfig: async (user, variable, next) => {
          const config = await next(user, variable);
          const profile = config.solidity.profiles["default"];
          const [shared] = Object.values(profile?.overrides ?? {});
          if (profile !== undefined && shared !== undefined) for (const file of Object.keys(profile.overrides)) profile.overrides[file] = shared;
          return config;
        },
      }),
    }),
  },
};
