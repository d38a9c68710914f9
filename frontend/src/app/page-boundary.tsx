import { Component } from "react";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { useText } from "../i18n/text.tsx";
import { Notice } from "../ui/notice.tsx";

interface BoundaryProps {
  readonly onError: (error: Error, retry: () => void) => ReactNode;
  readonly children: ReactNode;
}

/** React offers this only as a class. */
class Boundary extends Component<BoundaryProps, { readonly error: Error | undefined }> {
  override state = { error: undefined };

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === undefined ? this.props.children : this.props.onError(error, () => this.setState({ error: undefined }));
  }
}

/** A page that fails takes nothing else with it: the rest of the dapp, and transactions under way, go on. */
export function PageBoundary({ children }: { readonly children: ReactNode }) {
  const { app } = useText();
  const [location] = useLocation();
  const room = location.split("/")[1] ?? "";
  const showFailure = (error: Error, retry: () => void): ReactNode => (
    <Notice tone="warning">
      <p>{app.failed}</p>
      <p className="detail">{error.message}</p>
      <button type="button" onClick={retry}>
        {app.retry}
      </button>
    </Notice>
  );
  return (
    <Boundary key={room} onError={showFailure}>
      {children}
    </Boundary>
  );
}
