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

/** The name of a client in a sentence, and its logo before it if it has one. */
export function ClientName(props: { name: string; logoUrl?: string }) {
  if (props.logoUrl === undefined) return <Name>{props.name}</Name>;
  return (
    <>
      <ClientLogo url={props.logoUrl} /> <Name>{props.name}</Name>
    </>
  );
}

/** A client's logo, from our own origin alone, as large as the text around it says. */
export function ClientLogo(props: { url: string }) {
  // The name stands beside it, so it says nothing more to who can't see it.
  return <img class="client-logo" src={props.url} alt="" width="24" height="24" />;
}

const place = /\{(\w+)\}/g;
