import { type Browser, formOf, type Landing } from "../support/browser.ts";

/**
 * How a journey opens and submits pages. A test does it once and expects an answer. The simulation
 * repeats it during an outage; null: the journey has come to nothing.
 */
export interface Walker<Step extends Landing | null = Landing> {
  open(path: string): Promise<Step>;
  /** Submits the form of a page that is posted to `action`. */
  submit(page: Landing, action: string, fields: Readonly<Record<string, string>>): Promise<Step>;
}

/** Each step once. */
export function walkerOf(browser: Browser, headers: Record<string, string> = {}): Walker {
  return {
    open: (path) => browser.open(path, { headers }),
    submit: ({ body }, _action, fields) => {
      const { action, hidden } = formOf(body);
      const form = new URLSearchParams({ ...hidden, ...fields });
      return browser.open(action, { method: "POST", body: form, headers });
    },
  };
}

/** From the sign-in page of a request, asks for a mail with a link or a code. */
export function askForSignInMail<Step extends Landing | null>(
  walker: Walker<Step>,
  login: Landing,
  fields: { readonly email: string; readonly way: "link" | "code" },
): Promise<Step> {
  return askAt(walker, `/magic-link${login.url.search}`, fields);
}

/** Asks for the link of a new account. @param login the sign-in page of a request; null: there is none */
export function askForSignUpMail<Step extends Landing | null>(
  walker: Walker<Step>,
  login: Landing | null,
  email: string,
): Promise<Step> {
  return askAt(walker, `/sign-up${login?.url.search ?? ""}`, { email });
}

/** Asks for the link of a new password. @param username or mail address */
export function askForResetMail<Step extends Landing | null>(
  walker: Walker<Step>,
  username: string,
): Promise<Step> {
  return askAt(walker, "/password-reset", { username });
}

async function askAt<Step extends Landing | null>(
  walker: Walker<Step>,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Step> {
  const page = await walker.open(path);
  return page === null ? page : await walker.submit(page, path.split("?")[0] ?? path, fields);
}
