import type { ReactNode } from "react";
import { useText } from "../i18n/text.tsx";
import { LanguageSwitch } from "./language-switch.tsx";

interface SiteHeaderProps {
  readonly status?: ReactNode;
  readonly wallet?: ReactNode;
}

export function SiteHeader({ status, wallet }: SiteHeaderProps) {
  const { header } = useText();
  return (
    <>
      <a className="skip" href="#content">
        {header.skip}
      </a>
      <header className="site-header">
        <div className="brand">
          <h1>
            <span className="seal" lang="zh-Hans">
              崇文
            </span>{" "}
            <span className="name" lang="en">
              Chongwen
            </span>
          </h1>
          <p className="tagline">{header.tagline}</p>
        </div>
        <div className="tools">
          <LanguageSwitch />
          {wallet}
        </div>
        {status}
      </header>
    </>
  );
}
