import type { DemoTokens } from "../../stores/demo_sessions.ts";
import { fromBase64url } from "../crypto/encoding.ts";
import type { DecodedJwt, DemoSession, Json } from "../ui/demo_page.tsx";

/** What the page shows about the signed-in user. The tokens were checked when they arrived. */
export function shownSession(tokens: DemoTokens): DemoSession {
  const { accessToken } = tokens;
  const idToken = decodedJwt(tokens.idToken) ??
    { encoded: tokens.idToken, header: null, payload: null };
  const decodedAccessToken = decodedJwt(accessToken);
  const userinfo = tokens.userinfo === null ? undefined : parsedJson(tokens.userinfo);
  return {
    name: tokens.name,
    idToken,
    accessToken,
    ...(decodedAccessToken ? { decodedAccessToken } : {}),
    ...(tokens.refreshToken === null ? {} : { refreshToken: tokens.refreshToken }),
    ...(userinfo === undefined ? {} : { userinfo }),
  };
}

/** @see RFC 7515 section 3.1 */
function decodedJwt(encoded: string): DecodedJwt | null {
  const [header, payload, signature, ...rest] = encoded.split(".");
  if (!header || !payload || !signature || rest.length > 0) return null;
  try {
    return { encoded, header: decodedPart(header), payload: decodedPart(payload) };
  } catch {
    return null; // an opaque token, which may contain dots
  }
}

function decodedPart(part: string): Json {
  return JSON.parse(new TextDecoder().decode(fromBase64url(part)));
}

function parsedJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
