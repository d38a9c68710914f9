import { memo } from "react";
import type { Atlas } from "../../../../protocol/flow/atlas.ts";
import { engraving, shareOf, surface } from "./layout.ts";
import type { Placed, PlacedLink } from "./layout.ts";

interface RibbonsProps {
  readonly placed: Placed;
  readonly followed: Atlas | undefined;
  readonly looked: Atlas | undefined;
  readonly turned: boolean;
  readonly name: (link: PlacedLink) => string;
}

const keyOf = ({ source, target }: { readonly source: string; readonly target: string }): string => `${source}>${target}`;

/** Ribbons as a graver cuts them: parallel hairlines on a breath of ink. What is looked at is inked again, what is followed is sealed red. */
export function Ribbons({ placed, followed, looked, turned, name }: RibbonsProps) {
  const quiet = followed !== undefined || looked !== undefined;
  return (
    <>
      <g className={quiet ? "ribbons quiet" : "ribbons"}>
        {placed.links.map((link) => (
          <Ribbon key={keyOf(link)} link={link} turned={turned} name={name(link)} />
        ))}
      </g>
      {looked !== undefined && <Overlay className="looked" placed={placed} part={looked} turned={turned} />}
      {followed !== undefined && <Overlay className="followed" placed={placed} part={followed} turned={turned} />}
    </>
  );
}

const Ribbon = memo(function Ribbon({ link, turned, name }: { readonly link: PlacedLink; readonly turned: boolean; readonly name: string }) {
  const kind = link.target === "rejected" ? "ribbon refused" : link.target === "rolled" ? "ribbon rolled" : "ribbon";
  return (
    <g className={kind} data-link={keyOf(link)} data-value={String(link.value)}>
      <title>{name}</title>
      <path className="wash" d={surface(link, turned)} />
      {/* Threads are cut more lightly than rivers, or a hundred of them would blacken the sheet. */}
      <path className="cut" strokeOpacity={Math.min(0.46, 0.1 + 0.09 * link.width).toFixed(2)} d={engraving(link, turned)} />
    </g>
  );
});

function Overlay({ className, placed, part, turned }: { readonly className: string; readonly placed: Placed; readonly part: Atlas; readonly turned: boolean }) {
  const values = new Map(part.links.map((link) => [keyOf(link), link.value]));
  return (
    <g className={className} aria-hidden="true">
      {placed.links.map((link) => {
        const share = shareOf(values.get(keyOf(link)) ?? 0n, link.value, link.width);
        return share === 0 ? null : <path key={keyOf(link)} d={surface(link, turned, share)} />;
      })}
    </g>
  );
}
