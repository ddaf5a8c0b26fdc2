import type { Child } from "hono/jsx";

/** Replaces the `{places}` of a text with values: for attributes and titles. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(place, (whole, name: string) => values[name] ?? whole);
}

/** Replaces the `{places}` of a text with elements: "Allow {client}?" with a client in bold. */
export function Filled(props: { text: string; values: Record<string, Child> }) {
  // split() with one group gives texts at even indexes and the names of places at odd ones.
  const parts = props.text.split(place);
  return <>{parts.map((part, i) => i % 2 === 0 ? part : props.values[part])}</>;
}

/**
 * A name that another party chose (a client, a user). Without `bdi`, a name with right-to-left marks
 * could rearrange the sentence around it, and so change the meaning of a consent.
 */
export function Name(props: { children: Child }) {
  return (
    <b class="name">
      <bdi>{props.children}</bdi>
    </b>
  );
}

/** The name of a client in a sentence, after its logo if it has one. */
export function ClientName(props: { name: string; logoUrl?: string }) {
  if (props.logoUrl === undefined) return <Name>{props.name}</Name>;
  return (
    <>
      <ClientLogo url={props.logoUrl} /> <Name>{props.name}</Name>
    </>
  );
}

/** A client's logo, always from our own origin, in the size of the text around it. */
export function ClientLogo(props: { url: string }) {
  // The alternative text is empty, because the name follows it.
  return <img class="client-logo" src={props.url} alt="" width="24" height="24" />;
}

const place = /\{(\w+)\}/g;
