import { useHeartbeat } from "../../chain/heartbeat.ts";
import { useLedger } from "../../chain/use-ledger.tsx";
import { useText } from "../../i18n/text.tsx";
import { Notice } from "../../ui/notice.tsx";

/** Which chain the page reads, how far, and what to do when it does not answer. */
export function ChainStatus() {
  const { chain } = useText();
  const { deployment } = useLedger();
  const { blockNumber, reachable, chainId } = useHeartbeat();
  const { host } = new URL(deployment.rpcUrl);
  const wrong = chainId !== undefined && chainId !== deployment.chainId;
  const light = reachable === false || wrong ? "bad" : reachable === true ? "good" : "waiting";
  return (
    <>
      <p className="chain-status">
        <span className={`light light-${light}`} aria-hidden="true" />
        <span className="visually-hidden">{chain.label}: </span>
        <span className="block-number">
          {reachable === false ? chain.unreachable : blockNumber === undefined ? chain.connecting : chain.block(blockNumber.toLocaleString("en"))}
        </span>{" "}
        <span className="endpoint">{reachable === false ? host : chain.endpoint(host)}</span>
      </p>
      {reachable === false && (
        <Notice tone="warning">
          <p>{chain.unreachableHelp(deployment.rpcUrl)}</p>
          {blockNumber !== undefined && <p>{chain.stale(blockNumber.toLocaleString("en"))}</p>}
        </Notice>
      )}
      {wrong && (
        <Notice tone="warning">
          <p>{chain.otherChain(String(deployment.chainId), String(chainId))}</p>
        </Notice>
      )}
    </>
  );
}
