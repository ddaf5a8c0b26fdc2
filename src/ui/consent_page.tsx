import { Button, HiddenFields, Notice, TextLink } from "./components.tsx";
import { fill, Filled, Name } from "../language/fill.tsx";
import { AnotherAccount } from "./another_account.tsx";
import { ClientTitle } from "./client_title.tsx";
import { Destination } from "./destination.tsx";
import type { ShownDetail } from "./detail_list.tsx";
import { type CustomClaim, ScopeList } from "./scope_list.tsx";
import { type Frame, Layout } from "./layout.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";

export interface ConsentPageProps {
  readonly frame: Frame;
  readonly action: string;
  /** Whether another account of the user could be used instead. */
  readonly hasOtherAccounts: boolean;
  /**
   * `interaction` and `form_token`; `scope`: what the page shows, in the format of `grantableText`;
   * `asked`, which proves which user was asked, and for which scope.
   */
  readonly fields: Readonly<Record<"interaction" | "form_token" | "scope" | "asked", string>>;
  readonly client: {
    readonly name: string;
    /** A URL of our own origin: a `logo_uri` of another origin is never loaded. */
    readonly logoUrl?: string;
    /** `client_uri`, `policy_uri`, `tos_uri`: they become links if they are https. */
    readonly uri?: string;
    readonly policyUri?: string;
    readonly tosUri?: string;
    /** The host of the document that the client is known by: its name is what that says. */
    readonly documentHost?: string;
    /** Whether it registered itself, and no operator has set its name. */
    readonly isSelfNamed?: boolean;
    /** Whether it is nowhere but on the user's device, where any program can take its place. */
    readonly isLoopbackOnly?: boolean;
  };
  /** The validated redirect URI. The page shows its host, or the scheme of a native app. */
  readonly redirectUri: string;
  readonly user: { readonly name: string };
  /** The OpenID scopes, and others that belong to no resource. */
  readonly scopes: readonly string[];
  /** The claims that operators have added: the page names those of its scopes. */
  readonly customClaims: readonly CustomClaim[];
  readonly resources?: readonly {
    readonly resource: string;
    readonly scopes: readonly string[];
  }[];
  readonly details?: readonly ShownDetail[];
}

/**
 * Asks a user what a client may do. Posts `decision` (allow, deny, another_account), `interaction`,
 * `scope`, `asked` and `form_token`.
 */
export function ConsentPage(props: ConsentPageProps) {
  const t = strings(props.frame.language).consent;
  const client = <Name>{props.client.name}</Name>;
  return (
    <Layout {...props.frame} title={fill(t.documentTitle, { client: props.client.name })}>
      <ClientTitle
        client={props.client}
        user={props.user}
        title={t.title}
        signedInAs={t.signedInAs}
      />
      {props.client.documentHost !== undefined && (
        <p class="destination" id="document-host">
          {t.documentHost} <code class="host">{props.client.documentHost}</code>
        </p>
      )}
      {props.client.isSelfNamed && (
        <p class="destination" id="self-registered">{t.selfRegistered}</p>
      )}
      {props.client.isLoopbackOnly && (
        <Notice>
          <p id="loopback-only">{t.loopbackOnly}</p>
        </Notice>
      )}
      <h2 class="label" id="asks">
        <Filled text={t.asks} values={{ client }} />
      </h2>
      <ScopeList
        labelledBy="asks"
        scopes={props.scopes}
        customClaims={props.customClaims}
        resources={props.resources ?? []}
        details={props.details ?? []}
        t={t}
      />
      <Destination text={t.destination} uri={props.redirectUri} />
      <form method="post" action={props.action}>
        <HiddenFields fields={props.fields} />
        <div class="choice">
          <Button id="consent-allow" name="decision" value="allow">{t.allow}</Button>
          <Button id="consent-deny" name="decision" value="deny" kind="secondary">{t.deny}</Button>
        </div>
        {props.hasOtherAccounts && <AnotherAccount frame={props.frame} />}
      </form>
      <ClientLinks client={props.client} t={t} />
    </Layout>
  );
}

function ClientLinks(props: { client: ConsentPageProps["client"]; t: Strings["consent"] }) {
  const { client, t } = props;
  const links = [
    { label: t.website, href: httpsOnly(client.uri) },
    { label: t.policy, href: httpsOnly(client.policyUri) },
    { label: t.terms, href: httpsOnly(client.tosUri) },
  ].filter((link) => link.href !== undefined);
  if (links.length === 0) return null;
  return (
    <nav class="client-links" aria-label={fill(t.aboutClient, { client: client.name })}>
      {links.map(({ label, href = "" }) => (
        <TextLink key={label} label={label} href={href} foreign />
      ))}
    </nav>
  );
}

// The client's metadata is untrusted: a `javascript:` URL here would run a script on our page.
function httpsOnly(uri: string | undefined): string | undefined {
  const url = uri === undefined ? null : URL.parse(uri);
  return url?.protocol === "https:" ? url.href : undefined;
}
