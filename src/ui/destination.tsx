/** Names where a client's URI leads, so that a person decides who knows it. */
export function Destination({ text, uri }: { readonly text: string; readonly uri: string }) {
  return (
    <p class="destination">
      {text} <code class="host">{destinationOf(uri)}</code>
    </p>
  );
}

// URL.host is ASCII: a look-alike name appears as xn--, and userinfo before an @ does not appear.
function destinationOf(uri: string): string {
  const url = URL.parse(uri);
  if (url === null) return uri;
  if (url.protocol === "https:") return url.host;
  return url.host === "" ? url.protocol : `${url.protocol}//${url.host}`;
}
