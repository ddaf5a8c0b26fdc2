import { ButtonLink } from "./other_ways.tsx";

/** A link that leads on from a page on which there is nothing left to do. */
export interface WayOn {
  readonly label: string;
  readonly href: string;
  /** On somebody else's site. */
  readonly foreign?: boolean;
}

/** What leads on: no page is the end. */
export function WaysOn(props: { ways: readonly WayOn[] }) {
  return (
    <>
      {props.ways.map(({ label, href, foreign }) => (
        <ButtonLink href={href} foreign={foreign ?? false}>{label}</ButtonLink>
      ))}
    </>
  );
}
