import type { EndpointKind as ProtocolEndpointKind } from "../src/protocol/errors.ts";

/**
 * The kind of caller of an endpoint, which decides the format of its errors: `client` gets the JSON of
 * RFC 6749, `resource` also gets a challenge (RFC 6750), `page` gets a page for a user, `api` gets a
 * problem (RFC 9457).
 */
export type EndpointKind = ProtocolEndpointKind | "api";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** The properties of an endpoint. All except the kind have a default. */
export interface Facts {
  readonly kind: EndpointKind;
  /** Whether a page of any origin may call it, always without cookies. Default: no. */
  readonly cors?: boolean;
  /**
   * Whether no answer may be stored, because each contains a token or an error about one. Default: no.
   */
  readonly noStore?: boolean;
  /** Whether an answer to a DPoP proof contains the nonce for the next proof. Default: no. */
  readonly dpopNonce?: boolean;
  /**
   * What counts against an address: each request (the default), only failures, or nothing. The handler
   * counts failures, because it knows what a failure is: see `src/limits/`. With "by handler" it counts
   * each request, because it words the refusal itself.
   */
  readonly counted?: "requests" | "failures" | "nothing" | "by handler";
  /**
   * Whether its GET changes nothing, so that HEAD requests and prefetches may run it. Default: yes,
   * except for pages, which sign users in and out, and begin and end requests.
   */
  readonly isSafe?: boolean;
  /**
   * Whether any request stores a record. Requests of browsers in which nobody has signed in before are
   * then also counted together. Default: no.
   */
  readonly storesForStrangers?: boolean;
  /**
   * Who authenticates there: a client by its own credentials, or the holder of an access token.
   * Default: neither.
   */
  readonly authenticates?: "client" | "token";
  /** The member of the discovery document that contains its URL. @see RFC 8414 section 2 */
  readonly metadata?: `${string}_endpoint` | "jwks_uri";
}

/**
 * The declaration of an endpoint. Middleware, errors, limits and discovery read it, and look at no
 * path.
 */
export interface Declaration {
  /** In the format of the router: `/users/:id`. */
  readonly path: string;
  readonly methods: readonly Method[];
  readonly kind: EndpointKind;
  readonly cors: boolean;
  readonly noStore: boolean;
  readonly dpopNonce: boolean;
  readonly counted: "requests" | "failures" | "nothing" | "by handler";
  readonly isSafe: boolean;
  readonly storesForStrangers: boolean;
  readonly authenticates: "client" | "token" | null;
  readonly metadata: string | null;
}

/** Fills in the defaults. */
export function declare(path: string, methods: readonly Method[], facts: Facts): Declaration {
  return {
    path,
    methods,
    kind: facts.kind,
    cors: facts.cors ?? false,
    noStore: facts.noStore ?? false,
    dpopNonce: facts.dpopNonce ?? false,
    counted: facts.counted ?? "requests",
    isSafe: facts.isSafe ?? facts.kind !== "page",
    storesForStrangers: facts.storesForStrangers ?? false,
    authenticates: facts.authenticates ?? null,
    metadata: facts.metadata ?? null,
  };
}
