import { z } from "zod";

/** A request object that is good for one answer. */
const requestObjectSchema = z.object({
  /** The digest of its client and its `jti`. */
  jtiDigest: z.string(),
  /** Epoch seconds until which the object would be accepted. */
  usableUntil: z.int(),
  /** Epoch seconds before which it was not accepted. An earlier release did not store it. */
  usableFrom: z.int().default(0),
});

/** What waits for a user: a client's authorization request, a device, or a page of this server. */
export const requestSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("authorization"),
    clientId: z.string(),
    /** As received. They are checked against the client's current record at every resumption. */
    parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    /** The subject of its `id_token_hint`. The token is verified on arrival and not stored. */
    hintedSubject: z.string().nullable(),
    /** The digest of the `request_uri` that started it, which is spent together with the interaction. */
    requestUriDigest: z.string().nullable(),
    /** The client's epoch at the push; null: it was not pushed, or an earlier release stored it. */
    clientEpoch: z.int().nullable().default(null),
    /** When the client was created that pushed or signed it; null as above. */
    clientCreatedAt: z.int().nullable().default(null),
    /** Whether the request came in an object that its client signed. */
    signed: z.boolean().default(false),
    /** Of a request object with a `jti`, which is spent together with the interaction. */
    requestObject: requestObjectSchema.nullable().default(null),
  }),
  /** The request of a device, whose user code was typed here. @see RFC 8628 section 3.3 */
  z.object({
    kind: z.literal("device"),
    clientId: z.string(),
    /** As the device sent them. */
    parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    /** Leads to the device authorization. The device code itself is not known here. */
    deviceCodeDigest: z.string(),
    /** Without its hyphen. */
    userCode: z.string(),
  }),
  z.object({
    kind: z.literal("own_page"),
    /** The path of the page. */
    returnTo: z.string(),
    /** Seconds within which the user must have signed in; null: at any time. */
    maxAge: z.int().nullable(),
    /** The least acr of the sign-in; null: any. */
    acr: z.string().nullable().default(null),
  }),
]);
export type InteractionRequest = z.infer<typeof requestSchema>;
export type DeviceRequest = Extract<InteractionRequest, { kind: "device" }>;
export type AuthorizationRequest = Extract<InteractionRequest, { kind: "authorization" }>;

/** The user who continues with the request. */
export const userSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("nobody") }),
  /** They chose the session that there was. */
  z.object({ kind: z.literal("chosen"), sessionId: z.string() }),
  /** They authenticated in this interaction. */
  z.object({ kind: z.literal("authenticated"), sessionId: z.string() }),
  /** Nobody yet: the user of that session wants to continue with another account. */
  z.object({ kind: z.literal("another"), sessionId: z.string() }),
]);
export type InteractionUser = z.infer<typeof userSchema>;

/**
 * What version 2 says of a device. The previous release ignores it, and takes the request for one of the
 * page on which user codes are typed. If it writes the record, the user types the code once more.
 */
const deviceMembers = z.object({
  clientId: z.string(),
  deviceCodeDigest: z.string(),
  userCode: z.string(),
});

const version2Members = z.looseObject({
  clientId: z.string().nullable(),
  returnTo: z.string().nullable(),
  parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  hintedSubject: z.string().nullable(),
  requestUriDigest: z.string().nullable(),
  // The previous release does not write it, and ignores it.
  clientEpoch: z.int().nullable().default(null),
  clientCreatedAt: z.int().nullable().default(null),
  signed: z.boolean().default(false),
  requestObject: requestObjectSchema.nullable().default(null),
  device: deviceMembers.nullable().default(null),
  sessionId: z.string().nullable(),
  authenticated: z.boolean(),
  // The previous release ignores it, and drops it when it writes the record.
  anotherThan: z.string().nullable().default(null),
});

/** A record of version 2 as one of version 3. */
export function withUnions(interaction: unknown): unknown {
  const { sessionId, authenticated, anotherThan, ...members } = version2Members.parse(interaction);
  const {
    clientId,
    returnTo,
    parameters,
    hintedSubject,
    requestUriDigest,
    clientEpoch,
    clientCreatedAt,
    ...others
  } = members;
  const { signed, requestObject, ...rest } = others;
  const user = sessionId !== null
    ? { kind: authenticated ? "authenticated" : "chosen", sessionId }
    : anotherThan !== null
    ? { kind: "another", sessionId: anotherThan }
    : { kind: "nobody" };
  const { device, ...shared } = { ...rest, user };
  if (device !== null) return { ...shared, request: { kind: "device", parameters, ...device } };
  if (clientId !== null) {
    const request = {
      kind: "authorization",
      clientId,
      parameters,
      hintedSubject,
      requestUriDigest,
      clientEpoch,
      clientCreatedAt,
      signed,
      requestObject,
    };
    return { ...shared, request };
  }
  const maxAge = typeof parameters.max_age === "string" ? Number(parameters.max_age) : null;
  const acr = typeof parameters.acr === "string" ? parameters.acr : null;
  return {
    ...shared,
    request: { kind: "own_page", returnTo: returnTo ?? "/account", maxAge, acr },
  };
}

/** The same the other way round, for the previous release. */
export function withoutUnions({ request, user, ...rest }: {
  readonly request: InteractionRequest;
  readonly user: InteractionUser;
}): unknown {
  const others = {
    ...rest,
    sessionId: user.kind === "chosen" || user.kind === "authenticated" ? user.sessionId : null,
    authenticated: user.kind === "authenticated",
    ...(user.kind === "another" ? { anotherThan: user.sessionId } : {}),
  };
  if (request.kind === "authorization") {
    const { kind: _, ...members } = request;
    return { ...others, ...members, returnTo: null };
  }
  const none = { clientId: null, hintedSubject: null, requestUriDigest: null };
  if (request.kind === "device") {
    const { kind: _, parameters, ...device } = request;
    return { ...others, ...none, returnTo: "/device", parameters, device };
  }
  const { returnTo, maxAge, acr } = request;
  const parameters = {
    ...(maxAge === null ? {} : { max_age: String(maxAge) }),
    ...(acr === null ? {} : { acr }), // unknown to the previous release: the page itself looks again
  };
  return { ...others, ...none, returnTo, parameters };
}
