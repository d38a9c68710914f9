import { Copyable } from "../ui/copyable.tsx";
import type { Call } from "./call.ts";
import { useTransactionText } from "./text.ts";

const asText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);

/** What the wallet will be asked to sign, decoded: nobody should sign what they cannot read. */
export function SignedDetails({ call }: { readonly call: Call }) {
  const text = useTransactionText();
  const inputs = call.abi.find((item) => item.type === "function" && item.name === call.functionName && item.inputs.length === call.args.length);
  const names = inputs?.type === "function" ? inputs.inputs.map(({ name }) => name) : [];
  return (
    <details className="signed-details">
      <summary>{text.whatIsSigned}</summary>
      <dl>
        <dt>{text.contract}</dt>
        <dd>
          <Copyable value={call.to} what={text.contract} />
        </dd>
        <dt>{text.function}</dt>
        <dd>
          <code>{call.functionName}</code>
        </dd>
        {call.args.map((argument, i) => (
          <div key={names[i] ?? i}>
            <dt>
              <code>{names[i] ?? i}</code>
            </dt>
            <dd>
              <code>{typeof argument === "string" ? argument : JSON.stringify(argument, asText)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
