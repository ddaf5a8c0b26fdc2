import { AccountLayout } from "../account_layout.tsx";
import { Notice } from "../components.tsx";
import { ConfirmPage } from "../confirm_page.tsx";
import { fill, Filled, Name } from "../../language/fill.tsx";
import { Badge, EmptyState, Item, ItemLink, ItemList } from "../item_list.tsx";
import type { Frame } from "../layout.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { DetailItems, type ShownDetail } from "../detail_list.tsx";
import { type CustomClaim, CustomClaimLabels } from "../scope_list.tsx";
import { strings } from "../../language/languages.ts";
import { Moment } from "../../language/dates.tsx";
import { ResourceScopes } from "../resource_scopes.tsx";
import type { ShownUser } from "./words.tsx";

export interface ShownApplication {
  readonly clientId: string;
  readonly name: string;
  /** The client's own page. Its host is shown beside the name, because anybody can choose a name. */
  readonly uri: string | null;
  readonly scopes: readonly string[];
  readonly resources: readonly { readonly resource: string; readonly scopes: readonly string[] }[];
  readonly details?: readonly ShownDetail[];
  /** Epoch seconds, as `lastUsedAt`. */
  readonly since: number;
  readonly lastUsedAt: number | null;
  readonly offline: boolean;
}

export interface ApplicationsPageProps {
  readonly frame: Frame;
  readonly user: ShownUser;
  readonly applications: readonly ShownApplication[];
  readonly customClaims: readonly CustomClaim[];
  readonly notice: "withdrawn" | "unknown" | null;
}

/**
 * Lists the applications with access to an account. A client's logo is not loaded: the request would
 * tell the client who looks.
 */
export function ApplicationsPage(props: ApplicationsPageProps) {
  const { frame, user, applications, notice } = props;
  const t = strings(frame.language).account.apps;
  return (
    <AccountLayout
      frame={frame}
      current="applications"
      title={t.title}
      lead={t.lead}
      user={user}
    >
      {notice && <Notice kind={notice === "unknown" ? "error" : "info"}>{t[notice]}</Notice>}
      {applications.length === 0 ? <EmptyState>{t.none}</EmptyState> : (
        <ItemList label={t.title}>
          {applications.map((application) => (
            <ApplicationItem key={application.clientId} application={application} {...props} />
          ))}
        </ItemList>
      )}
    </AccountLayout>
  );
}

function ApplicationItem(props: ApplicationsPageProps & { application: ShownApplication }) {
  const { frame: { language }, user, customClaims } = props;
  const { clientId, name, uri, since, lastUsedAt, offline, ...allowed } = props.application;
  const { account: { apps: t }, consent } = strings(language);
  const moment = (at: number) => <Moment at={at} language={language} timeZone={user.timeZone} />;
  const host = uri === null ? null : URL.parse(uri)?.host ?? null;
  return (
    <Item
      title={<Name>{name}</Name>}
      badge={offline && <Badge>{t.offline}</Badge>}
      meta={[
        host && fill(t.at, { host }),
        <Filled key="since" text={t.since} values={{ date: moment(since) }} />,
        lastUsedAt !== null && (
          <Filled key="used" text={t.lastUsed} values={{ date: moment(lastUsedAt) }} />
        ),
        offline && t.offlineMeta,
      ].filter((line) => line !== null && line !== false)}
      action={
        <ItemLink
          href={`/account/applications/withdraw?${new URLSearchParams({ client: clientId })}`}
          label={t.withdraw}
          about={name}
        />
      }
    >
      <MayDo {...{ ...allowed, customClaims }} label={t.may} texts={consent} />
    </Item>
  );
}

function MayDo({ scopes, customClaims, resources, details = [], label, texts }: {
  scopes: readonly string[];
  customClaims: readonly CustomClaim[];
  resources: ShownApplication["resources"];
  details?: readonly ShownDetail[];
  label: string;
  texts: Strings["consent"];
}) {
  if (scopes.length === 0 && resources.length === 0 && details.length === 0) return null;
  const known: Record<string, { title: string }> = texts.scopes;
  return (
    <>
      <p class="hint">{label}</p>
      <ul class="hint">
        {scopes.map((scope) => {
          // hasOwn: a scope may be called "constructor".
          const text = Object.hasOwn(known, scope) ? known[scope]?.title : undefined;
          const labels = customClaims.filter((one) => one.scope === scope).map((one) => one.label);
          return (
            <li key={scope}>
              {text ?? (labels.length > 0 ? texts.customClaims : <code>{scope}</code>)}
              {labels.length > 0 && (
                <>
                  {": "}
                  <CustomClaimLabels labels={labels} />
                </>
              )}
            </li>
          );
        })}
        {resources.map((one) => <ResourceScopes key={one.resource} {...one} t={texts} />)}
        <DetailItems details={details} t={texts} />
      </ul>
    </>
  );
}

/** Asks before it ends the access of an application. Posts `client` and `form_token`. */
export function WithdrawPage(props: {
  readonly frame: Frame;
  readonly formToken: string;
  readonly client: { readonly id: string; readonly name: string; readonly asksAgain: boolean };
}) {
  const { frame, client, formToken } = props;
  const t = strings(frame.language).account.apps;
  return (
    <ConfirmPage
      frame={frame}
      title={fill(t.withdrawTitle, { client: client.name })}
      lead={t.withdrawLead}
      action="/account/applications/withdraw"
      fields={{ form_token: formToken, client: client.id }}
      confirm={t.withdraw}
      confirmId="withdraw-confirm"
      danger
      cancelUrl="/account/applications"
    >
      <p>{client.asksAgain ? t.withdrawMore : t.withdrawOwn}</p>
    </ConfirmPage>
  );
}
