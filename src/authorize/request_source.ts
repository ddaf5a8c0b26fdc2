import type { Entry, Ref } from "../../stores/engine/collection.ts";
import { isUnchangedClient, type RecordedClient } from "../../stores/client_identity.ts";
import type { Client } from "../../stores/clients.ts";
import type { AuthorizationRequest } from "../../stores/interaction_request.ts";
import type { Provider } from "../../stores/provider.ts";
import * as pushedRequests from "../../stores/pushed_requests.ts";
import type { PushedRequest } from "../../stores/pushed_requests.ts";
import * as requestObjectJtis from "../../stores/request_object_jtis.ts";
import type { UsableTime, Used } from "../../stores/used_once.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import type { Deps } from "../deps/deps.ts";
import { carriedUntil } from "../interactions/carried.ts";
import { OAuthError } from "../protocol/errors.ts";
import type { RawParameters } from "../protocol/parameters.ts";
import { unspentObject, usedObject } from "../tokens/used_request_object.ts";

/** The source of an authorization request's parameters, and what its answer spends. */
export type RequestSource =
  /** From the browser itself. */
  | { readonly kind: "plain" }
  /** From the client, which pushed them. The record may have expired since the request began. */
  | {
    readonly kind: "pushed";
    readonly record: Entry<PushedRequest>;
    /** As it was at the push. */
    readonly client: RecordedClient;
    readonly signed: boolean;
  }
  /** From a request object that the browser brought, or named. */
  | {
    readonly kind: "object";
    /** As it was when the object arrived. */
    readonly client: RecordedClient;
    readonly signed: boolean;
    /** The place that marks its `jti` as used; null: it has none. */
    readonly once: { readonly used: Entry<Used>; readonly usable: UsableTime } | null;
  };

/** @see RFC 9126 section 2.2 */
export const requestUriPrefix = "urn:ietf:params:oauth:request_uri:";

/** The place of the pushed request that a request names; null if it names none of this server. */
export async function pushedRequestRef(raw: RawParameters): Promise<Ref<PushedRequest> | null> {
  const requestUri = raw.request_uri;
  if (typeof requestUri !== "string" || !requestUri.startsWith(requestUriPrefix)) return null;
  return await pushedRequests.ref(requestUri);
}

/**
 * The parameters of a pushed request. Parameters that the browser adds are ignored.
 *
 * @param pushed the record at `pushedRequestRef`
 * @throws {OAuthError} `invalid_request_uri` if it is unknown, expired, spent, or another client's
 * @see RFC 9126 section 4
 */
export function requestFrom(
  pushed: Entry<PushedRequest>,
  { clientId, provider }: { readonly clientId: string; readonly provider: Provider },
): { readonly parameters: RawParameters; readonly source: RequestSource } {
  const { value } = pushed;
  if (
    value === null || value.spentBy !== null || value.clientId !== clientId ||
    value.providerEpoch !== provider.epoch
  ) throw unusable();
  const { parameters, clientEpoch, clientCreatedAt, signed } = value;
  const client = { clientEpoch, clientCreatedAt };
  return { parameters, source: { kind: "pushed", record: pushed, client, signed } };
}

/** What a stored request remembers of its source. */
type KeptSource = Pick<
  AuthorizationRequest,
  "requestUriDigest" | "clientEpoch" | "clientCreatedAt" | "signed" | "requestObject"
>;

/** The records of a stored request's source. */
export function sourceRefs({ requestUriDigest, requestObject }: KeptSource) {
  return {
    pushed: requestUriDigest === null ? null : pushedRequests.refOf(requestUriDigest),
    used: requestObject && requestObjectJtis.ref(requestObject.jtiDigest),
  };
}

/** The source of a stored request. @param records those at `sourceRefs` */
export function sourceOf(
  kept: KeptSource,
  { pushed, used }: {
    readonly pushed: Entry<PushedRequest> | null;
    readonly used: Entry<Used> | null;
  },
): RequestSource {
  const { signed, requestObject } = kept;
  if (pushed !== null) {
    // On a shared store the previous release may have opened it, and remembers nothing of the client.
    const clientEpoch = kept.clientEpoch ?? pushed.value?.clientEpoch ?? null;
    const clientCreatedAt = kept.clientCreatedAt ?? pushed.value?.clientCreatedAt ?? null;
    return { kind: "pushed", record: pushed, client: { clientEpoch, clientCreatedAt }, signed };
  }
  if (!signed && requestObject === null) return { kind: "plain" };
  const once = used && requestObject && {
    used,
    usable: { from: requestObject.usableFrom, until: requestObject.usableUntil },
  };
  const { clientEpoch, clientCreatedAt } = kept;
  return { kind: "object", client: { clientEpoch, clientCreatedAt }, signed, once };
}

/** What a stored request remembers: the record of the push may expire before the request is answered. */
export function keptSource(source: RequestSource): KeptSource {
  const nothing = {
    requestUriDigest: null,
    clientEpoch: null,
    clientCreatedAt: null,
    signed: false,
    requestObject: null,
  };
  if (source.kind === "plain") return nothing;
  const kept = { ...nothing, ...source.client, signed: source.signed };
  if (source.kind === "pushed") {
    return { ...kept, requestUriDigest: pushedRequests.digestOf(source.record.ref) };
  }
  const requestObject = source.once && {
    jtiDigest: requestObjectJtis.digestAt(source.once.used.ref),
    usableFrom: source.once.usable.from,
    usableUntil: source.once.usable.until,
  };
  return { ...kept, requestObject };
}

/**
 * @throws {OAuthError} `invalid_request_uri`, `invalid_request_object` if another browser or tab was
 *   answered first, or if the client has changed its secret since, or is another one: the secret of the
 *   push may have been stolen
 */
export function assertUnspent(tx: Transaction, source: RequestSource, client: Client) {
  if (source.kind === "plain") return;
  const isOutdated = !isUnchangedClient(client, source.client);
  if (source.kind === "pushed") {
    const isSpent = source.record.value !== null && source.record.value.spentBy !== null;
    if (isSpent || isOutdated) throw unusable();
  } else {
    if (isOutdated) throw usedObject();
    if (source.once !== null) unspentObject(tx, source.once.used, source.once.usable);
  }
}

/** Spends the source of a request, in the commit that answers it. */
export function spendSource(
  deps: Deps,
  tx: Transaction,
  source: RequestSource,
  outcome: { readonly clientId: string; readonly spentBy: string },
) {
  // Longer than a browser can carry this request, so that it is refused for all of that time.
  const expiresAt = carriedUntil(deps, tx.now) + 600;
  if (source.kind === "pushed") {
    pushedRequests.consume(tx, source.record, { ...outcome, expiresAt });
  } else if (source.kind === "object" && source.once !== null) {
    const { used, usable: { from, until } } = source.once;
    unspentObject(tx, used, { from, until: Math.max(expiresAt, until) }).spend(tx);
  }
}

function unusable(): OAuthError {
  return new OAuthError(
    "invalid_request_uri",
    "request_uri is unknown, has expired or was already used: start again at the application",
  );
}
