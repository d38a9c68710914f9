import { readContract } from "viem/actions";
import { Link } from "wouter";
import { freezesAbi, roundsAbi } from "../../../protocol/abi/index.ts";
import { useAtBlock } from "../chain/at-block.ts";
import { useEvents } from "../chain/use-history.ts";
import { useLedger } from "../chain/use-ledger.tsx";
import { useText } from "../i18n/text.tsx";
import { Copyable } from "../ui/copyable.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { Notice } from "../ui/notice.tsx";
import { Time } from "../ui/time.tsx";
import { useNow } from "../ui/use-now.ts";

/** End of the federation's last freeze, past or to come; 0 when there was none, undefined until it was read. */
export function useFrozenUntil(federation: number): number | undefined {
  const { client, deployment } = useLedger();
  const rounds = { address: deployment.contracts.rounds, abi: roundsAbi } as const;
  return useAtBlock(["frozen", federation], (blockNumber) => readContract(client, { ...rounds, functionName: "frozenUntil", args: [federation], blockNumber })).data;
}

/** Says, while it is so, that the ethics council has stopped a federation, until when, and what that means. */
export function FreezeBanner({ federation }: { readonly federation: number }) {
  const until = useFrozenUntil(federation) ?? 0;
  const now = useNow();
  return now < until ? <Frozen federation={federation} until={until} /> : null;
}

function Frozen({ federation, until }: { readonly federation: number; readonly until: number }) {
  const text = useText().rounds.freeze;
  const { freezes } = useLedger().deployment.contracts;
  const decided = useEvents({ address: freezes, abi: freezesAbi, eventName: "FreezeDecided" });
  const reason = decided?.findLast(({ args }) => args.federation === federation && args.until === BigInt(until))?.args.reasonHash;
  return (
    <div data-frozen={federation}>
      <Notice tone="warning">
        <p>
          <strong>
            {text.until} <Time at={until} />
          </strong>{" "}
          <Countdown until={until} left={text.left} over="" />
        </p>
        <p>{text.meaning}</p>
        <p className="quiet">
          {reason !== undefined && (
            <>
              {text.reason} <Copyable value={reason} what={text.reason} /> ·{" "}
            </>
          )}
          <Link href="~/governance/council">{text.council}</Link>
        </p>
      </Notice>
    </div>
  );
}
