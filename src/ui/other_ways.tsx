import type { Child } from "hono/jsx";
import type { ButtonKind } from "./components.tsx";

/** A line with a word ("or") between the first choice and the others below it. */
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
  /** Another site does not learn from which page the user came. */
  readonly foreign?: boolean;
  /** As for a `Button`. */
  readonly accessibleName?: string;
  readonly children: Child;
}

/** A link that looks like a button. It opens a page and changes nothing. */
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
