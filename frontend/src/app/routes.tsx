import { lazy } from "react";
import type { ComponentType } from "react";
import { Page as Overview } from "../pages/overview/index.tsx";

type PageName = "overview" | "card" | "datasets" | "governance" | "rounds" | "flow" | "annotate" | "operators" | "join";

interface RouteOfPage {
  readonly name: PageName;
  readonly path: string;
  readonly Page: ComponentType;
  /** Left out of the navigation: reached by a link. */
  readonly unlisted?: true;
}

const page = (load: () => Promise<{ readonly Page: ComponentType }>): ComponentType => lazy(async () => ({ default: (await load()).Page }));

/** Every page but the first arrives when it is asked for. What follows a page's path is the page's own. */
export const routes: readonly RouteOfPage[] = [
  { name: "overview", path: "/", Page: Overview },
  { name: "card", path: "/card", Page: page(() => import("../pages/card/index.tsx")) },
  { name: "datasets", path: "/datasets", Page: page(() => import("../pages/datasets/index.tsx")) },
  { name: "governance", path: "/governance", Page: page(() => import("../pages/governance/index.tsx")) },
  { name: "rounds", path: "/rounds", Page: page(() => import("../pages/rounds/index.tsx")) },
  { name: "flow", path: "/flow", Page: page(() => import("../pages/flow/index.tsx")) },
  { name: "annotate", path: "/annotate", Page: page(() => import("../pages/annotate/index.tsx")) },
  { name: "operators", path: "/operators", Page: page(() => import("../pages/operators/index.tsx")) },
  { name: "join", path: "/join", Page: page(() => import("../pages/join/index.tsx")) },
];
