import { useText } from "../../i18n/text.tsx";
import { RoundsSection } from "../../rounds/rounds-section.tsx";
import { useFederationNumber } from "../../state/use-federation.ts";
import { Page as Frame } from "../../ui/page.tsx";

export function Page() {
  const { app } = useText();
  const [federation, choose] = useFederationNumber();
  return (
    <Frame title={app.pages.rounds}>
      <RoundsSection key={federation} federation={federation} onChoose={choose} />
    </Frame>
  );
}
