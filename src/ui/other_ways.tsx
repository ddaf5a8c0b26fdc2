import type { Child } from "hono/jsx";
import type { ButtonKind } from "./components.tsx";

/** A line with a word ("or") between the first way to go on and the others below it. */
export function Divider(props: { children: Child }) {
  return (
    <p class="divider">
      <span>{props.children}</span>
    </p>
  );
}

export interface ButtonLinkProps {
  readonly href: string;
  readonly kind?: ButtonKind;
  readonly id?: string;
  /** A foreign site doesn't learn from which page somebody came. */
  readonly foreign?: boolean;
  /** As a `Button`'s. */
  readonly accessibleName?: string;
  readonly children: Child;
}

/** A link that looks like a button: it goes somewhere and changes nothing. */
export function ButtonLink(props: ButtonLinkProps) {
  return (
    <a
      class={`button button-${props.kind ?? "secondary"}`}
      href={props.href}
      id={props.id}
      rel={props.foreign ? "noreferrer" : undefined}
      aria-label={props.accessibleName}
    >
      {props.children}
    </a>
  );
}
