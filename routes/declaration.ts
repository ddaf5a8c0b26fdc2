import type { EndpointKind as ProtocolEndpointKind } from "../src/protocol/errors.ts";

/**
 * Who calls an endpoint, and so how it answers an error: `client` with the JSON of RFC 6749, `resource`
 * with a challenge beside it (RFC 6750), `page` with a page for a person, `api` with a problem (RFC 9457).
 */
export type EndpointKind = ProtocolEndpointKind | "api";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What is true of an endpoint, whatever its handler does. All but the kind has a usual value. */
export interface Facts {
  readonly kind: EndpointKind;
  /** Whether a page of any origin may call it, always without cookies. Usually not. */
  readonly cors?: boolean;
  /** Whether no answer may be stored: each carries a token, or an error of one. Usually not. */
  readonly noStore?: boolean;
  /** Whether an answer to a DPoP proof carries the nonce for the next one. Usually not. */
  readonly dpopNonce?: boolean;
  /**
   * What of it counts against an address: each request (usual), failures alone, or nothing. Failures
   * are counted by the handler, which knows what one is: see `src/limits/`. So is each request whose
   * refusal the handler has to word ("by handler").
   */
  readonly counted?: "requests" | "failures" | "nothing" | "by handler";
  /**
   * Whether its GET changes nothing, so that it may be run by HEAD and ahead of a click. Usual for all but
   * pages: those sign in and out, and begin and end requests.
   */
  readonly isSafe?: boolean;
  /**
   * Whether a request leaves a record, whoever sends it: those of browsers that have signed nobody in
   * before are counted together, too. Usually not.
   */
  readonly storesForStrangers?: boolean;
  /** The member of the discovery document that holds its URL. @see RFC 8414 section 2 */
  readonly metadata?: `${string}_endpoint` | "jwks_uri";
}

/** An endpoint as it is declared: middleware, errors, limits and discovery look here, at no path. */
export interface Declaration {
  /** As the router takes it: `/users/:id`. */
  readonly path: string;
  readonly methods: readonly Method[];
  readonly kind: EndpointKind;
  readonly cors: boolean;
  readonly noStore: boolean;
  readonly dpopNonce: boolean;
  readonly counted: "requests" | "failures" | "nothing" | "by handler";
  readonly isSafe: boolean;
  readonly storesForStrangers: boolean;
  readonly metadata: string | null;
}

/** Fills in what is usual. */
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
    metadata: facts.metadata ?? null,
  };
}
