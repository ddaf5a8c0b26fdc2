import type { Child } from "hono/jsx";
import { Button, type ButtonKind, HiddenFields } from "./components.tsx";
import { ButtonLink } from "./other_ways.tsx";

/** Rows of one kind, such as passkeys, sessions, applications or events. */
export function ItemList(props: {
  /** The id of the heading above it, or its own name. */
  labelledBy?: string;
  label?: string;
  /** `Item`s; with none, use `EmptyState`. */
  children: Child;
}) {
  return (
    <ul class="items" aria-labelledby={props.labelledBy} aria-label={props.label}>
      {props.children}
    </ul>
  );
}

export interface ItemProps {
  /** Wrap a name that a user or client chose in `Name`. */
  readonly title: Child;
  /** `Badge`s after the title. */
  readonly badge?: Child;
  /** Short lines below the title: the place, the start, the last use. */
  readonly meta?: readonly Child[];
  /** An `ItemAction` or an `ItemLink`: at the right, or below on a narrow screen. */
  readonly action?: Child;
  /** More content below, such as scopes or a form. */
  readonly children?: Child;
}

/** A row of an `ItemList`. */
export function Item(props: ItemProps) {
  return (
    <li class="item">
      <div class="item-text">
        <p class="item-title">
          {props.title} {props.badge}
        </p>
        {(props.meta ?? []).map((line, i) => <p class="hint" key={i}>{line}</p>)}
        {props.children}
      </div>
      {props.action && <div class="item-action">{props.action}</div>}
    </li>
  );
}

export interface ItemActionProps {
  /** The URL to which the form is posted. */
  readonly action: string;
  /** With the `form_token` and the id of the row's record. */
  readonly fields: Readonly<Record<string, string>>;
  /** The button's text: "Remove". */
  readonly label: string;
  /**
   * The row's title as text. Screen readers read it after the label, so that ten "Remove" buttons
   * differ.
   */
  readonly about: string;
  readonly kind?: ButtonKind;
  readonly id?: string;
}

/** A form with one button, in a row. */
export function ItemAction(props: ItemActionProps) {
  return (
    <form method="post" action={props.action}>
      <HiddenFields fields={props.fields} />
      <Button
        kind={props.kind ?? "secondary"}
        {...(props.id ? { id: props.id } : {})}
        accessibleName={nameInList(props)}
      >
        {props.label}
      </Button>
    </form>
  );
}

export interface ItemLinkProps extends Pick<ItemActionProps, "label" | "about"> {
  readonly href: string;
}

/** A link that looks like a button, in a row. */
export function ItemLink(props: ItemLinkProps) {
  return <ButtonLink href={props.href} accessibleName={nameInList(props)}>{props.label}
  </ButtonLink>;
}

/**
 * The accessible name begins with the visible text, for users who control the page by voice. @see WCAG
 * 2.2 section 2.5.3
 */
function nameInList({ label, about }: Pick<ItemActionProps, "label" | "about">): string {
  return `${label}: ${about}`;
}

export type BadgeKind = "plain" | "good" | "warning";

/** A word about a state: "This device", "Synced". The word carries the meaning, not the colour. */
export function Badge(props: { kind?: BadgeKind; children: Child }) {
  return <span class={`badge badge-${props.kind ?? "plain"}`}>{props.children}</span>;
}

/** The text in place of an empty list, which says what to do. */
export function EmptyState(props: { children: Child; action?: Child }) {
  return (
    <div class="empty">
      <p>{props.children}</p>
      {props.action}
    </div>
  );
}
