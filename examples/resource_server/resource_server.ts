import { createRemoteJWKSet, customFetch, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { algorithms, proofChecks, WrongProof } from "./dpop.ts";

export interface Settings {
  /** Of Latchkey, such as https://id.example.com */
  readonly issuer: string;
  /** The URI under which the API is registered. Its origin is the API's own, whatever Host says. */
  readonly resource: string;
  readonly scopes: readonly string[];
  /** The client that may introspect; null: all tokens are JWTs. */
  readonly introspection: { readonly clientId: string; readonly clientSecret: string } | null;
  /** Whether a DPoP proof needs a nonce of this server. Default: no. */
  readonly nonces?: boolean;
  readonly fetch?: (url: string, init?: RequestInit) => Promise<Response>;
  /** Epoch seconds. */
  readonly now?: () => number;
}

/** What a valid access token says. */
export interface Access {
  /** The user, or the client itself if it acts for nobody. */
  readonly subject: string;
  readonly clientId: string;
  readonly scope: readonly string[];
}

/** A refusal, with the response for the client. */
export class Refused extends Error {
  constructor(readonly response: Response) {
    super(response.headers.get("www-authenticate") ?? "refused");
  }
}

/** The claims of a JWT (RFC 9068) or of an introspection (RFC 7662). */
interface Claims {
  readonly sub?: string;
  readonly client_id?: string;
  readonly scope?: string;
  readonly cnf?: { readonly jkt?: string };
}

/** The checks of an API. Make them once: they remember the keys of Latchkey, and used proofs. */
export function resourceServer(settings: Settings) {
  const { issuer, resource, scopes, introspection } = settings;
  const now = settings.now ?? (() => Math.floor(Date.now() / 1000));
  const send = settings.fetch ?? fetch;
  const { origin, pathname, search } = new URL(resource);
  const metadataPath = "/.well-known/oauth-protected-resource" +
    (pathname === "/" ? "" : pathname) + search;
  const proofs = proofChecks({ origin, now, nonces: settings.nonces ?? false });
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    [customFetch]: send,
  });
  return { metadataPath, metadata, access };

  /** The answer at `metadataPath`. @see RFC 9728 section 3.2 */
  function metadata(): Response {
    return Response.json({
      resource,
      authorization_servers: [issuer],
      scopes_supported: scopes,
      bearer_methods_supported: ["header"],
      dpop_signing_alg_values_supported: proofs.algorithms,
    }, { headers: { "access-control-allow-origin": "*", "cache-control": "max-age=300" } });
  }

  /**
   * Checks the access token of a request.
   *
   * @param needed the scopes that the request needs
   * @throws {Refused}
   */
  async function access(request: Request, needed: readonly string[]): Promise<Access> {
    const header = request.headers.get("authorization") ?? "";
    const [, scheme = "", token] = /^(Bearer|DPoP) +([\w.~+/-]+=*)$/i.exec(header) ?? [];
    if (token === undefined) throw refused(401, null);
    const isDpop = scheme.toLowerCase() === "dpop";
    const claims = await (isJwt(token) ? verified(token) : introspected(token));
    if (claims === null) throw refused(401, "invalid_token", { isDpop });
    await assertKey(request, token, claims.cnf?.jkt ?? null, isDpop);
    const scope = (claims.scope ?? "").split(" ").filter((name) => name !== "");
    if (!needed.every((name) => scope.includes(name))) {
      // With those that it has: some clients ask for just what they are told, and would lose the others.
      const both = [...new Set([...scope, ...needed])];
      throw refused(403, "insufficient_scope", { isDpop, scope: both });
    }
    return { subject: claims.sub ?? "", clientId: claims.client_id ?? "", scope };
  }

  /** @see RFC 9068 section 4 */
  async function verified(token: string): Promise<Claims | null> {
    try {
      const { payload } = await jwtVerify<Claims>(token, keys, {
        issuer,
        audience: resource, // a token for another API must not work here
        typ: "at+jwt",
        algorithms: [...algorithms],
        requiredClaims: ["exp", "sub", "client_id"],
        currentDate: new Date(now() * 1000),
      });
      return payload;
    } catch (error) {
      // Latchkey cannot be reached: that is not the client's fault.
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) throw error;
      return null;
    }
  }

  /** An opaque token: Latchkey knows what it is good for now. @see RFC 7662 section 2 */
  async function introspected(token: string): Promise<Claims | null> {
    if (introspection === null) return null;
    const { clientId, clientSecret } = introspection;
    const basic = [clientId, clientSecret].map(encodeURIComponent).join(":");
    const answer = await send(`${issuer}/introspect`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(basic)}` },
      body: new URLSearchParams({ token, token_type_hint: "access_token" }),
    });
    if (!answer.ok) throw new Error(`introspection answered ${answer.status}`);
    const { active, aud, ...claims } = await answer.json();
    // The client that introspects may also ask about its own tokens, which are for other APIs.
    return active === true && [aud].flat().includes(resource) ? claims : null;
  }

  /**
   * A token with a key needs a proof of that key, and a token without one must not come with a proof.
   *
   * @see RFC 9449 section 7.1
   */
  async function assertKey(
    request: Request,
    token: string,
    thumbprint: string | null,
    isDpop: boolean,
  ) {
    if (isDpop !== (thumbprint !== null)) throw refused(401, "invalid_token", { isDpop });
    if (thumbprint === null) return;
    try {
      const proof = request.headers.get("dpop") ?? "";
      if (await proofs.verify(request, proof, token) === thumbprint) return;
    } catch (error) {
      if (!(error instanceof WrongProof)) throw error;
      throw refused(401, error.code, { isDpop });
    }
    throw refused(401, "invalid_token", { isDpop });
  }

  /** @see RFC 6750 section 3, RFC 9728 section 5.1 */
  function refused(
    status: 401 | 403,
    error: string | null,
    { isDpop = false, scope = [] }: {
      readonly isDpop?: boolean;
      readonly scope?: readonly string[];
    } = {},
  ): Refused {
    const parameters = [
      ...(error === null ? [] : [`error="${error}"`]),
      ...(scope.length > 0 ? [`scope="${scope.join(" ")}"`] : []),
      `resource_metadata="${origin}${metadataPath}"`,
    ].join(", ");
    const dpop = `DPoP algs="${proofs.algorithms.join(" ")}", ${parameters}`;
    // A request without a token learns of both ways.
    const challenge = error === null
      ? `Bearer ${parameters}, ${dpop}`
      : isDpop
      ? dpop
      : `Bearer ${parameters}`;
    const headers = new Headers({ "www-authenticate": challenge, "cache-control": "no-store" });
    const nonce = isDpop ? proofs.nonce() : null;
    if (nonce !== null) headers.set("dpop-nonce", nonce);
    return new Refused(Response.json({ error: error ?? "invalid_token" }, { status, headers }));
  }
}

function isJwt(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === "at+jwt";
  } catch {
    return false;
  }
}
