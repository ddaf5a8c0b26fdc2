import { canonicalJson } from "../src/crypto/canonical_json.ts";
import { type SectorMembers, sectorOf } from "./sector.ts";

interface Epochs {
  readonly epoch: number;
  readonly grantsEndBefore: number;
}

/** The members of a client's record that it authenticates with, and that say how its users are called. */
interface Authenticating extends SectorMembers {
  readonly tokenEndpointAuthMethod: string;
  readonly secretDigest: string | null;
  readonly jwks: unknown;
  readonly jwksUri: string | null;
  readonly tlsClientAuthSubjectDn: string | null;
  readonly tlsClientAuthSanDns: string | null;
  readonly tlsClientAuthSanUri: string | null;
  readonly tlsClientAuthSanIp: string | null;
  readonly tlsClientAuthSanEmail: string | null;
  readonly workloadIssuer: string | null;
  readonly workloadSubject: string | null;
}

/**
 * The epochs of a changed client. With a new secret or new keys it is still the same client: its refresh
 * tokens need them from now on. If it needs neither, anybody could use them, so they end.
 */
export function epochs(
  before: Authenticating & Epochs,
  after: Authenticating & { readonly previousSecret: { readonly secretDigest: string } | null },
): Epochs {
  const wasPublic = before.tokenEndpointAuthMethod === "none";
  const isPublic = after.tokenEndpointAuthMethod === "none";
  // A secret that goes on working beside the new one changes nothing for what was issued.
  const isKept = before.secretDigest !== null &&
    after.previousSecret?.secretDigest === before.secretDigest;
  const { secretDigest } = isKept ? before : after;
  const changed = authentication(before) !== authentication({ ...after, secretDigest });
  // The subject of a grant must not change, so another sector ends the grants.
  const renamed = sectorOf(before) !== sectorOf(after);
  const epoch = before.epoch + (changed || renamed ? 1 : 0);
  const ended = renamed || (isPublic && !wasPublic);
  return { epoch, grantsEndBefore: ended ? epoch : before.grantsEndBefore };
}

/** All that a client authenticates with. Basic and post count as one method: a client of one may use both. */
function authentication(client: Authenticating): string {
  const { tokenEndpointAuthMethod: method, secretDigest, jwks, jwksUri } = client;
  const hasKeys = method === "private_key_jwt" || method === "self_signed_tls_client_auth";
  const kind = method === "client_secret_post" ? "client_secret_basic" : method;
  return canonicalJson({
    kind,
    secretDigest,
    keys: hasKeys ? [jwks, jwksUri] : [],
    subject: [
      client.tlsClientAuthSubjectDn,
      client.tlsClientAuthSanDns,
      client.tlsClientAuthSanUri,
      client.tlsClientAuthSanIp,
      client.tlsClientAuthSanEmail,
      client.workloadIssuer,
      client.workloadSubject,
    ],
  });
}
