import { ClaimsSection } from "../../claims/claims-section.tsx";
import { useText } from "../../i18n/text.tsx";
import { useFederationNumber } from "../../state/use-federation.ts";
import { Page as Frame } from "../../ui/page.tsx";

export function Page() {
  const { app, claims } = useText();
  const [federation] = useFederationNumber();
  return (
    <Frame title={app.pages.card} lead={claims.lead}>
      <ClaimsSection key={federation} federation={federation} />
    </Frame>
  );
}
