import type { ReactNode } from "react";
import { useText } from "../../i18n/text.tsx";
import { LanguageSwitch } from "./language-switch.tsx";

interface SiteHeaderProps {
  readonly navigation?: ReactNode;
  readonly status?: ReactNode;
  readonly tools?: ReactNode;
}

export function SiteHeader({ navigation, status, tools }: SiteHeaderProps) {
  const { header } = useText();
  const skip = (): void => document.getElementById("content")?.focus();
  return (
    <>
      {/* Not a link: the address after # is the page's own. */}
      <button type="button" className="skip" onClick={skip}>
        {header.skip}
      </button>
      <header className="site-header">
        <a className="brand" href="#/">
          <span className="seal" lang="zh-Hans">
            崇文
          </span>{" "}
          <span className="name" lang="en">
            Chongwen
          </span>
          <span className="tagline">{header.tagline}</span>
        </a>
        <div className="tools">
          <LanguageSwitch />
          {tools}
        </div>
        {navigation}
        {status}
      </header>
    </>
  );
}
