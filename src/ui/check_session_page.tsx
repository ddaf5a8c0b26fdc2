import { raw } from "hono/html";

/**
 * The page that an application's page has in a hidden frame, and asks whether the session in this browser
 * is still the one of its `session_state`.
 *
 * @see OpenID Connect Session Management section 3.2
 */
export function CheckSessionPage({ cookie }: {
  /** The name of the cookie that its script reads. */
  readonly cookie: string;
}) {
  return (
    <html lang="en" data-cookie={cookie}>
      <head>
        <meta charset="utf-8" />
        <title>Session</title>
        <script>{raw(checkSessionScript)}</script>
      </head>
      <body></body>
    </html>
  );
}

/**
 * The message is the client id, a space, and the `session_state`. It answers only whoever asked, and what
 * it answers depends on the origin of that page.
 */
export const checkSessionScript = `addEventListener("message", async ({ data, origin, source }) => {
if (typeof data !== "string" || source === null || source === window || origin === "null") return;
const at = data.lastIndexOf(" ");
const [hash, salt, ...rest] = data.slice(at + 1).split(".");
if (at < 1 || !hash || !salt || rest.length > 0) return source.postMessage("error", origin);
const name = document.documentElement.dataset.cookie + "=";
const cookie = document.cookie.split("; ").find((one) => one.startsWith(name)) ?? name;
const text = [data.slice(0, at), origin, cookie.slice(name.length), salt].join(" ");
const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
const found = btoa(String.fromCharCode(...new Uint8Array(bytes)))
.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
source.postMessage(found === hash ? "unchanged" : "changed", origin);
});`;
