import { useLedger } from "../../chain/use-ledger.tsx";
import { KindsLegend } from "../../rounds/kinds-legend.tsx";
import { Page as Frame } from "../../ui/page.tsx";
import { useOverviewText } from "./text.ts";

export function Page() {
  const text = useOverviewText();
  const { deployment } = useLedger();
  return (
    <Frame title={text.title} lead={text.lead}>
      {deployment.demonstration !== undefined && <p className="demo">{text.demo}</p>}
      <KindsLegend />
    </Frame>
  );
}
