import type { Child } from "hono/jsx";
import { PageTitle } from "./components.tsx";
import { fill } from "../language/fill.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";

/** A page of the account. Its address is `accountUrl`. */
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
  /**
   * The entry that is marked in the navigation, also for pages below it, such as the one that adds a
   * passkey.
   */
  readonly current: AccountSection;
  readonly title: string;
  readonly lead?: Child;
  /** The owner of the account. The name is shown above the navigation, and screen readers read it. */
  readonly user: { readonly name: string };
  /** `Card`s, `ItemList`s, forms. */
  readonly children: Child;
  /** A script of our own. It needs a nonce. */
  readonly script?: string;
}

/** The URL of an account page. */
function accountUrl(section: AccountSection): string {
  return section === "overview" ? "/account" : `/account/${section}`;
}

/**
 * The layout of an account page: the navigation on the left (above on a narrow screen), and the
 * content.
 */
export function AccountLayout(props: AccountLayoutProps) {
  const { frame, current, title, lead, user, children, script } = props;
  const t = strings(frame.language).accountNav;
  return (
    <Layout
      {...frame}
      title={title === t.documentTitle ? title : `${title} · ${t.documentTitle}`}
      wide
      nav={<AccountNav current={current} user={user} t={t} />}
      {...(script === undefined ? {} : { script })}
    >
      <PageTitle lead={lead}>{title}</PageTitle>
      {children}
    </Layout>
  );
}

function AccountNav({ current, user, t }: {
  current: AccountSection;
  user: { readonly name: string };
  t: Strings["accountNav"];
}) {
  return (
    <nav class="account-nav" aria-label={fill(t.label, { name: user.name })}>
      <p class="account-person">
        <bdi>{user.name}</bdi>
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
