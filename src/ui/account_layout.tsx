import type { Child } from "hono/jsx";
import { PageTitle } from "./components.tsx";
import { fill } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";

/** A page of the account; its address is `accountUrl`. */
export type AccountSection = keyof Strings["accountNav"]["sections"];

// The order of the navigation.
const sections: readonly AccountSection[] = [
  "overview",
  "profile",
  "security",
  "sessions",
  "applications",
  "activity",
  "data",
];

export interface AccountLayoutProps {
  readonly frame: Frame;
  /** Marked in the navigation; also for pages below it, such as one that adds a passkey. */
  readonly current: AccountSection;
  readonly title: string;
  readonly lead?: Child;
  /** Whose account it is; read out and shown above the navigation. */
  readonly person: { readonly name: string };
  /** `Card`s, `ItemList`s, forms. */
  readonly children: Child;
  /** Our own text. Needs a nonce. */
  readonly script?: string;
}

/** Where a page of the account is. */
export function accountUrl(section: AccountSection): string {
  return section === "overview" ? "/account" : `/account/${section}`;
}

/** A page of the account: navigation on the left, or above where there is no room, and its parts. */
export function AccountLayout(props: AccountLayoutProps) {
  const { frame, current, title, lead, person, children, script } = props;
  const t = strings(frame.language).accountNav;
  return (
    <Layout
      {...frame}
      title={`${title} · ${t.documentTitle}`}
      wide
      nav={<AccountNav current={current} person={person} t={t} />}
      {...(script === undefined ? {} : { script })}
    >
      <PageTitle lead={lead}>{title}</PageTitle>
      {children}
    </Layout>
  );
}

function AccountNav({ current, person, t }: {
  current: AccountSection;
  person: { readonly name: string };
  t: Strings["accountNav"];
}) {
  return (
    <nav class="account-nav" aria-label={fill(t.label, { name: person.name })}>
      <p class="account-person">
        <bdi>{person.name}</bdi>
      </p>
      <ul class="plain">
        {sections.map((section) => (
          <li>
            <a href={accountUrl(section)} aria-current={section === current ? "page" : undefined}>
              {t.sections[section]}
            </a>
          </li>
        ))}
        <li class="account-leave">
          <a href="/logout">{t.signOut}</a>
        </li>
      </ul>
    </nav>
  );
}
