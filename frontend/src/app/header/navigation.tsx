import { Link, useLocation } from "wouter";
import { useText } from "../../i18n/text.tsx";
import { routes } from "../routes.tsx";

/** The rooms of the library. */
export function Navigation() {
  const { app } = useText();
  const [location] = useLocation();
  const isOpen = (path: string): boolean => (path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`));
  return (
    <nav className="navigation" aria-label={app.navigation}>
      <ul>
        {routes
          .filter(({ unlisted }) => unlisted !== true)
          .map(({ name, path }) => (
            <li key={name}>
              <Link href={path} aria-current={isOpen(path) ? "page" : undefined}>
                {app.pages[name]}
              </Link>
            </li>
          ))}
        <li>
          <a href="verify/">{app.pages.verify}</a>
        </li>
      </ul>
    </nav>
  );
}
