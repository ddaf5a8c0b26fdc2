import { z } from "zod";
import { isLoopback, webUrl } from "../identifiers/web_url.ts";
import { jsonOrNull } from "../protocol/json_entry.ts";
import { parseSender, type Sender } from "../protocol/mail_address.ts";
import { ConfigError } from "./config_error.ts";
import { optional, type Values as ValuesOf } from "./variable_kinds.ts";

export interface SmtpServer {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** `none` is for a mail server on this machine. */
  readonly tls: "implicit" | "starttls" | "none";
  readonly login: { readonly user: string; readonly password: string } | null;
}

export type Json = string | number | boolean | null | readonly Json[] | {
  readonly [name: string]: Json;
};

export interface MailApi {
  readonly url: string;
  /** They can hold credentials: never log them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON body of a request, with the placeholders `{from} {to} {subject} {text} {html}`. */
  readonly body: Json;
}

/** How this server sends mail. */
export type MailWay =
  | { readonly kind: "none" }
  | { readonly kind: "smtp"; readonly from: Sender; readonly server: SmtpServer }
  | { readonly kind: "http"; readonly from: Sender; readonly api: MailApi };

/**
 * The variables about mail, each checked alone. Their messages continue a sentence that starts with the
 * variable's name, and do not hold its value, which may be a secret.
 */
export const mailVariables = {
  LATCHKEY_MAIL: optional(() => z.enum(["none", "smtp", "http"], "must be none, smtp or http")),
  LATCHKEY_MAIL_FROM: parsed(senderOrProblem),
  LATCHKEY_MAIL_SMTP_URL: parsed(smtpServerOrProblem),
  LATCHKEY_MAIL_HTTP_URL: parsed(apiUrlOrProblem),
  LATCHKEY_MAIL_HTTP_HEADERS: parsed(headersOrProblem),
  LATCHKEY_MAIL_HTTP_BODY: parsed(bodyOrProblem),
};

type Values = ValuesOf<typeof mailVariables>;
type Name = keyof Values;

/** The body for an API, unless LATCHKEY_MAIL_HTTP_BODY is set. */
const usualBody: Json = {
  from: "{from}",
  to: "{to}",
  subject: "{subject}",
  text: "{text}",
  html: "{html}",
};

/**
 * Combines the variables. A setting without effect is an error: an operator who gave the URL of a mail
 * server expects mail.
 * @returns null if no mail variable is set
 * @throws {ConfigError}
 */
export function mailWay(values: Values): MailWay | null {
  const { LATCHKEY_MAIL: kind, LATCHKEY_MAIL_FROM: from } = values;
  const used = kind === "smtp" || kind === "http" ? variablesOf[kind] : [];
  for (const name of Object.keys(mailVariables) as Name[]) {
    if (name === "LATCHKEY_MAIL" || values[name] === undefined || used.includes(name)) continue;
    const usedBy = (["smtp", "http"] as const).filter((way) => variablesOf[way].includes(name));
    throw new ConfigError(
      name,
      `is set without a use: set LATCHKEY_MAIL to ${usedBy.join(" or ")}, or remove it`,
    );
  }
  const missing = (name: Name) =>
    new ConfigError(name, `is missing: LATCHKEY_MAIL is ${kind}, which needs it`);
  if (kind === undefined) return null;
  if (kind === "none") return { kind };
  if (from === undefined) throw missing("LATCHKEY_MAIL_FROM");
  if (kind === "smtp") {
    const server = values.LATCHKEY_MAIL_SMTP_URL;
    if (server === undefined) throw missing("LATCHKEY_MAIL_SMTP_URL");
    return { kind, from, server };
  }
  const url = values.LATCHKEY_MAIL_HTTP_URL;
  if (url === undefined) throw missing("LATCHKEY_MAIL_HTTP_URL");
  const headers = values.LATCHKEY_MAIL_HTTP_HEADERS ?? {};
  return { kind, from, api: { url, headers, body: values.LATCHKEY_MAIL_HTTP_BODY ?? usualBody } };
}

const variablesOf: Readonly<Record<"smtp" | "http", readonly Name[]>> = {
  smtp: ["LATCHKEY_MAIL_FROM", "LATCHKEY_MAIL_SMTP_URL"],
  http: [
    "LATCHKEY_MAIL_FROM",
    "LATCHKEY_MAIL_HTTP_URL",
    "LATCHKEY_MAIL_HTTP_HEADERS",
    "LATCHKEY_MAIL_HTTP_BODY",
  ],
};

type Read<T> = { readonly value: T } | { readonly problem: string };

function parsed<T>(read: (text: string) => Read<T>) {
  return optional(() =>
    z.string().transform((text, context) => {
      const result = read(text);
      if ("value" in result) return result.value;
      context.addIssue(result.problem);
      return z.NEVER;
    })
  );
}

function senderOrProblem(text: string): Read<Sender> {
  const value = parseSender(text);
  if (value !== null) return { value };
  return { problem: "must be a mail address, such as id@example.com or Example <id@example.com>" };
}

function smtpServerOrProblem(text: string): Read<SmtpServer> {
  const url = URL.parse(text);
  const implicit = url?.protocol === "smtps:";
  if (url === null || (!implicit && url.protocol !== "smtp:") || url.hostname === "") {
    return {
      problem: "must be a URL such as smtps://user:password@smtp.example.com:465 or \
smtp://smtp.example.com:587, with special characters of the password percent-encoded",
    };
  }
  if (url.pathname.length > 1 || url.search !== "" || url.hash !== "") {
    return { problem: "must have no path, no query and no fragment: percent-encode / ? and #" };
  }
  if ((url.username === "") !== (url.password === "")) {
    return { problem: "must hold both a user name and a password, or neither" };
  }
  const [user, password] = [decodedOrNull(url.username), decodedOrNull(url.password)];
  if (user === null || password === null) {
    return { problem: "holds a % that begins no percent-encoding: write %25 for it" };
  }
  const value: SmtpServer = {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (implicit ? 465 : 587) : Number(url.port),
    // The connection to a server on this machine cannot be intercepted, and its certificate is rarely
    // trusted.
    tls: implicit ? "implicit" : isLoopback(url) ? "none" : "starttls",
    login: user === "" ? null : { user, password },
  };
  return { value };
}

function apiUrlOrProblem(text: string): Read<string> {
  const url = webUrl(text);
  if (url === null) return { problem: "must be an https URL" };
  if (url.protocol === "http:" && !isLoopback(url)) {
    return { problem: "must begin with https://, except on localhost, 127.0.0.0/8 and [::1]" };
  }
  if (url.username !== "" || url.password !== "") {
    return {
      problem: "must hold no user name and no password: put them into LATCHKEY_MAIL_HTTP_HEADERS",
    };
  }
  return { value: url.href };
}

function headersOrProblem(text: string): Read<Readonly<Record<string, string>>> {
  const headers = z.record(z.string(), z.string()).safeParse(jsonOrNull(text));
  const problem = 'must be a JSON object of header names and values, such as {"Authorization":\
"Bearer key"}';
  if (!headers.success) return { problem };
  try {
    return { value: Object.fromEntries(new Headers(headers.data)) };
  } catch {
    return { problem: "holds a name or a value that no header can have" };
  }
}

function bodyOrProblem(text: string): Read<Json> {
  const json = z.json().safeParse(jsonOrNull(text));
  if (!json.success || typeof json.data !== "object" || json.data === null) {
    return {
      problem: "must be a JSON object, in whose texts {from} {to} {subject} {text} and \
{html} stand for the parts of a mail",
    };
  }
  const texts = textsOf(json.data).join("\n");
  for (const needed of ["{to}", "{subject}"]) {
    if (!texts.includes(needed)) return { problem: `has no text with ${needed}` };
  }
  if (!/\{(text|html)\}/.test(texts)) return { problem: "has no text with {text} or {html}" };
  return { value: json.data };
}

/** The texts of a template where placeholders are replaced: its values, never the names of its members. */
function textsOf(json: Json): string[] {
  if (typeof json === "string") return [json];
  if (typeof json !== "object" || json === null) return [];
  return Object.values(json).flatMap(textsOf);
}

function decodedOrNull(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
