import { askForSignInMail, walkerOf } from "../journeys/mail_requests.ts";
import { type Browser, formOf, type Landing } from "./browser.ts";
import { sentMails } from "./mails.ts";
import { alice, type AuthorizeOptions, type TestProvider } from "./provider.ts";

export const aliceAddress = "alice@example.com";

/** A browser that waits for a mail, at the page with the field for a code. */
export interface Waiting {
  readonly browser: Browser;
  readonly page: Landing;
}

/** Begins a sign-in and asks for a mail. */
export async function askForMail(
  provider: TestProvider,
  way: "link" | "code",
  {
    browser = provider.browser(),
    address = aliceAddress,
    language = "en",
    authorize = {},
  }: {
    browser?: Browser;
    address?: string;
    language?: string;
    authorize?: AuthorizeOptions;
  } = {},
): Promise<Waiting> {
  const login = await browser.open(provider.authorizeUrl(authorize));
  const walker = walkerOf(browser, { "accept-language": language });
  const page = await askForSignInMail(walker, login, { email: address, way });
  return { browser, page };
}

const letters = "BCDFGHJKLMNPQRSTVWXZ";
/** A code as a mail and a page show it. */
export const mailCode = new RegExp(`\\b[${letters}]{4}-[${letters}]{4}\\b`);

/** The code in the newest mail that has one: a warning to the owner may come after it. */
export async function newestCode(provider: TestProvider): Promise<string> {
  const mails = await sentMails(provider);
  const [code] = mails.flatMap(({ text }) => mailCode.exec(text)?.[0] ?? []);
  if (code === undefined) throw new Error(`no code in ${mails.length} mails`);
  return code;
}

/** Another code than the right one. */
export function wrong(code: string, n = 1): string {
  let rest = n;
  const changed = [...code].reverse().map((letter) => {
    const position = letters.indexOf(letter);
    if (position < 0) return letter;
    const moved = position + rest % letters.length;
    rest = Math.floor(rest / letters.length);
    return letters[moved % letters.length];
  });
  return changed.reverse().join("");
}

/** How many sessions a person has. */
export async function sessionsOf(
  provider: TestProvider,
  username = alice.username,
): Promise<number> {
  const { userId } = await provider.userOf(username);
  const { entries } = await provider.backend.list({ prefix: ["sessions"] }, { limit: 500 });
  return entries.filter(({ value }) => JSON.stringify(value).includes(userId)).length;
}

/** Posts a page's form many times at once, each with another field: the same form again is a double click. */
export async function submitAtOnce(
  browser: Browser,
  page: Landing,
  fields: Readonly<Record<string, string>>,
  times = 50,
): Promise<Response[]> {
  const { action, hidden } = formOf(page.body);
  const body = (n: number) => new URLSearchParams({ ...hidden, ...fields, n: `${n}` });
  return await Promise.all(
    Array.from(
      { length: times },
      (_, n) => browser.send(action, { method: "POST", body: body(n) }),
    ),
  );
}
