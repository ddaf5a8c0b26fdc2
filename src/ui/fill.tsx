import type { Child } from "hono/jsx";

/** Puts values into the `{places}` of a text: for attributes and titles. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(place, (whole, name: string) => values[name] ?? whole);
}

/** Puts elements into the `{places}` of a text: "Allow {client}?" with a client in bold. */
export function Filled(props: { text: string; values: Record<string, Child> }) {
  // split() with one group gives texts at even indexes and the names of places at odd ones.
  const parts = props.text.split(place);
  return <>{parts.map((part, i) => i % 2 === 0 ? part : props.values[part])}</>;
}

/**
 * A name that somebody else chose (a client, a person). `bdi` keeps a name with right-to-left
 * marks from rearranging the sentence around it, and with that the meaning of a consent.
 */
export function Name(props: { children: Child }) {
  return (
    <b class="name">
      <bdi>{props.children}</bdi>
    </b>
  );
}

/** The name of a client, and its logo before it if it has one: from our own origin alone. */
export function ClientName(props: { name: string; logoUrl?: string }) {
  if (props.logoUrl === undefined) return <Name>{props.name}</Name>;
  return (
    <>
      <img class="client-logo" src={props.logoUrl} alt="" width="24" height="24" />
      {"\u00a0"}
      <Name>{props.name}</Name>
    </>
  );
}

const place = /\{(\w+)\}/g;
