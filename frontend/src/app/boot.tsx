import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { App } from "./app.tsx";
import { DeploymentError, loadDeployment, restrictConnections } from "../chain/deployment.ts";
import { SiteHeader } from "./header/site-header.tsx";
import { useText } from "../i18n/text.tsx";
import { Notice } from "../ui/notice.tsx";
import { Waiting } from "../ui/waiting.tsx";

const queryClient = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false } } });

export function Boot() {
  return (
    <QueryClientProvider client={queryClient}>
      <WithDeployment />
    </QueryClientProvider>
  );
}

/** Finds the ledger before anything else is shown of it. */
function WithDeployment() {
  const { boot } = useText();
  const deployment = useQuery({
    queryKey: ["deployment"],
    queryFn: async () => {
      const loaded = await loadDeployment();
      restrictConnections(loaded);
      return loaded;
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (deployment.data !== undefined) return <App deployment={deployment.data} />;
  const { error } = deployment;
  return (
    <>
      <SiteHeader />
      <main id="content" tabIndex={-1}>
        {error === null ? (
          <Waiting>{boot.loading}</Waiting>
        ) : (
          <Notice tone="warning">
            <p>{error instanceof DeploymentError ? boot[error.kind] : boot.invalid}</p>
            <p className="detail">{error.message}</p>
            <button type="button" onClick={() => void deployment.refetch()}>
              {boot.retry}
            </button>
          </Notice>
        )}
      </main>
    </>
  );
}
