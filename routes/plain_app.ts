import { getPath } from "hono/utils/url";
import { randomIdLength, randomText } from "../src/crypto/random.ts";
import type { Deps } from "../src/deps/deps.ts";
import { reserveRoute } from "../src/limits/route.ts";
import { assertPassed, rateLimitFields } from "../src/limits/too_many_requests.ts";
import { OAuthError } from "../src/protocol/errors.ts";
import { noRefusal, type Refusal, withRefusal } from "../src/protocol/refusals.ts";
import { areContextsLoaded } from "../src/telemetry/logger.ts";
import { currentNonce } from "../src/tokens/dpop_nonce.ts";
import { addressReader } from "./http/client_address.ts";
import { asOAuthError, errorAnswer, reportError } from "./http/error_answer.ts";
import { anyOriginHeaders, noStoreHeaders, securityHeaders } from "./http/fixed_headers.ts";
import type { Incoming } from "./http/incoming.ts";
import { leaveTrace } from "./http/leave_trace.ts";
import { tellAnswer } from "./http/tell_answer.ts";
import { type PlainAnswer, type PlainEndpoint, plainEndpoint } from "./plain_endpoint.ts";

/** Answers a request. */
export type Answer = (
  request: Request,
  from?: { readonly remoteAddress?: string },
) => Response | Promise<Response>;

/** An endpoint, and the headers of all its answers. */
interface Served {
  readonly endpoint: PlainEndpoint;
  readonly headers: FixedHeaders;
}

interface FixedHeaders {
  /** Without an `Origin`. No page of another origin has asked, and caches keep the answer for none. */
  readonly toPrograms: Readonly<Record<string, string>>;
  readonly toPages: Readonly<Record<string, string>>;
}

/**
 * Characters of a URL. An authorization request with a request object of 16 KB and parameters beside it
 * fits. What parsers and patterns cost is bounded by this for all that a URL holds.
 */
export const longestUrl = 32 * 1024;

/**
 * Answers a request whose URL is too long, whatever its path, which it does not look at: so it has all
 * headers that an endpoint for programs may have. It counts as those of unknown paths do.
 */
const tooLong = plainEndpoint(
  { kind: "client", path: "none", methods: [], cors: true, noStore: true },
  () => {
    const description = `the URL is longer than ${longestUrl} characters`;
    return Promise.reject(new OAuthError("invalid_request", description, { status: 414 }));
  },
);

/**
 * The app of the endpoints for programs. There is no middleware: the headers of all answers of an
 * endpoint are one object, and a response is made once and never changed.
 * @param otherwise answers all other requests, and those with a method that an endpoint does not have
 */
export function plainApp(
  deps: Deps,
  endpoints: readonly PlainEndpoint[],
  otherwise: Answer,
): Answer {
  const addressOf = addressReader(deps);
  const routes = routesOf(deps, endpoints);
  const text = randomText(deps.random);
  const servedTooLong = { endpoint: tooLong, headers: headersOf(deps, tooLong) };
  return (request, from) => {
    const isTooLong = request.url.length > longestUrl;
    const path = isTooLong ? tooLong.path : getPath(request);
    const served = isTooLong ? servedTooLong : routes.get(path)?.get(request.method);
    if (served === undefined) return otherwise(request, from);
    const remoteAddress = from?.remoteAddress ?? null;
    const address = addressOf(request, from?.remoteAddress);
    const origin = { address, requestId: text(randomIdLength) };
    return respond(deps, served, { request, path, origin, remoteAddress });
  };
}

function routesOf(deps: Deps, endpoints: readonly PlainEndpoint[]) {
  const routes = new Map<string, Map<string, Served>>();
  for (const endpoint of endpoints) {
    const headers = headersOf(deps, endpoint);
    const methods = routes.get(endpoint.path) ?? new Map<string, Served>();
    routes.set(endpoint.path, methods);
    for (const method of endpoint.methods) {
      methods.set(method, { endpoint, headers });
      if (method === "GET" && endpoint.isSafe) methods.set("HEAD", { endpoint, headers });
    }
  }
  return routes;
}

function headersOf(deps: Deps, { cors, noStore }: PlainEndpoint): FixedHeaders {
  const security = { ...securityHeaders(deps), ...(noStore ? noStoreHeaders : {}) };
  const toPages = { ...security, ...(cors ? anyOriginHeaders : {}) };
  return { toPages, toPrograms: noStore ? security : toPages };
}

function respond(deps: Deps, served: Served, incoming: Incoming): Promise<Response> {
  const { endpoint } = served;
  const answered = isEarly(endpoint)
    ? earlyAnswer(deps, endpoint, incoming)
    : withRefusal(incoming.origin.requestId, () => answerOf(deps, endpoint, incoming));
  return answered.then((answer) => responseOf(deps, served, incoming, answer));
}

interface Answered {
  readonly result: PlainAnswer;
  readonly refusal: Refusal;
}

async function responseOf(
  deps: Deps,
  { endpoint, headers: fixed }: Served,
  { request, origin }: Incoming,
  { result: answer, refusal }: Answered,
): Promise<Response> {
  const { status, body } = answer;
  const headers: Record<string, string> = {
    ...(request.headers.has("origin") ? fixed.toPages : fixed.toPrograms),
    ...answer.headers,
    "X-Request-Id": origin.requestId,
  };
  if (body !== null) headers["Content-Type"] ??= "application/json";
  if (endpoint.dpopNonce && deps.config.dpopNonce && request.headers.has("dpop")) {
    headers["DPoP-Nonce"] = await currentNonce(deps);
  }
  const { method } = request;
  const { path: route } = endpoint;
  if (status >= 400 || refusal.reason !== null) {
    const refused = { method, route, isPage: false, origin, status, isUnfilledForm: false };
    const reason = await leaveTrace(deps, refused, refusal);
    if (reason !== null && deps.config.environment === "development") {
      headers["Latchkey-Reason"] = reason;
    }
  }
  tellAnswer({ method, route, status, requestId: origin.requestId });
  return new Response(method === "HEAD" ? null : body, { status, headers });
}

/** Whether the process answers for its health or a document before it has loaded anything more. */
function isEarly({ answer }: PlainEndpoint): boolean {
  return answer.load === undefined && !areContextsLoaded();
}

/** Runs the endpoint without the context of its request, which only an error needs. */
async function earlyAnswer(deps: Deps, endpoint: PlainEndpoint, incoming: Incoming) {
  let refusal = noRefusal;
  const result = await answerOf(deps, endpoint, incoming, async (...failed) => {
    const { requestId } = incoming.origin;
    const told = await withRefusal(requestId, () => errorOf(...failed));
    refusal = told.refusal;
    return told.result;
  });
  return { result, refusal };
}

/** Runs the endpoint. An error becomes its answer. */
function answerOf(
  deps: Deps,
  endpoint: PlainEndpoint,
  incoming: Incoming,
  errorAnswerOf = errorOf,
): Promise<PlainAnswer> {
  if (endpoint.counted === "requests") {
    return countedAnswerOf(deps, endpoint, incoming, errorAnswerOf);
  }
  // No async function: it would take half a kilobyte as long as a body arrives.
  const failed = (thrown: unknown) => errorAnswerOf(deps, endpoint, incoming, thrown);
  try {
    return endpoint.answer(incoming).catch(failed);
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Counts the request before its endpoint runs. */
async function countedAnswerOf(
  deps: Deps,
  endpoint: PlainEndpoint,
  incoming: Incoming,
  errorAnswerOf: typeof errorOf,
): Promise<PlainAnswer> {
  try {
    const reservation = await reserveRoute(deps, incoming.origin, endpoint.path);
    assertPassed(reservation);
    const answer = await endpoint.answer(incoming)
      .catch((thrown) => errorAnswerOf(deps, endpoint, incoming, thrown));
    return { ...answer, headers: { ...answer.headers, ...rateLimitFields(reservation) } };
  } catch (thrown) {
    return await errorAnswerOf(deps, endpoint, incoming, thrown);
  }
}

async function errorOf(
  deps: Deps,
  { kind }: PlainEndpoint,
  incoming: Incoming,
  thrown: unknown,
): Promise<PlainAnswer> {
  const error = asOAuthError(thrown);
  reportError(deps, incoming, thrown, error);
  return await errorAnswer(deps, incoming, error, kind === "resource" ? "resource" : "client");
}
