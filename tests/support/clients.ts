/** A client as an operator would write it in the bootstrap file. */
export type ClientEntry = { readonly client_id: string; readonly client_secret?: string } & {
  readonly [member: string]: unknown;
};

/** A confidential client that can do all there is, and whose people are asked for consent. */
export function aClient(client_id: string, members: Record<string, unknown> = {}): ClientEntry {
  return {
    client_id,
    client_secret: `the secret of ${client_id}`,
    client_name: `The ${client_id}`,
    redirect_uris: [`https://${client_id}.example/callback`],
    post_logout_redirect_uris: [`https://${client_id}.example/bye`],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "client_secret_post",
    refresh_token_grace_period: 0, // tests of replays would have to wait
    ...members,
  };
}

/** A client without a secret: an application in a browser or on a phone. */
export function aPublicClient(
  client_id: string,
  members: Record<string, unknown> = {},
): ClientEntry {
  const { client_secret: _, ...entry } = aClient(client_id, members);
  return { ...entry, token_endpoint_auth_method: "none" } as ClientEntry;
}

/** A client that signs with a key of its own. @param keys its `jwks` or `jwks_uri`, and other members */
export function aKeyClient(client_id: string, keys: Record<string, unknown>): ClientEntry {
  const method = { token_endpoint_auth_method: "private_key_jwt" };
  return { ...aPublicClient(client_id), ...method, ...keys };
}

/** The redirect URI that a test uses, the client's first. */
export function redirectUriOf(entry: ClientEntry): string {
  const [first] = entry.redirect_uris as string[];
  if (first === undefined) throw new Error(`${entry.client_id} has no redirect URI`);
  return first;
}

/** The header of `client_secret_basic`: both halves form-encoded, then joined. @see RFC 6749 section 2.3.1 */
export function basicHeader(clientId: string, secret: string): string {
  const formEncoded = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
  const bytes = new TextEncoder().encode(`${formEncoded(clientId)}:${formEncoded(secret)}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
