import { ButtonLink } from "./other_ways.tsx";

/** A link for a page on which there is nothing left to do. */
export interface WayOn {
  readonly label: string;
  readonly href: string;
  /** The link leads to another site. */
  readonly foreign?: boolean;
}

/** The links that lead on. Every page has at least one. */
export function WaysOn(props: { ways: readonly WayOn[] }) {
  return (
    <>
      {props.ways.map(({ label, href, foreign }) => (
        <ButtonLink href={href} foreign={foreign ?? false}>{label}</ButtonLink>
      ))}
    </>
  );
}
