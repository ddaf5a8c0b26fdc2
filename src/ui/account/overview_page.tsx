import type { Activity } from "../../account/activity.ts";
import { AccountLayout } from "../account_layout.tsx";
import { Card, DefinitionList, Notice, TextLink } from "../components.tsx";
import { fill, Name } from "../../language/fill.tsx";
import { Badge } from "../item_list.tsx";
import type { Frame } from "../layout.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { strings } from "../../language/languages.ts";
import { ActivityList } from "./activity_page.tsx";
import type { ShownUser } from "./words.tsx";

export type AccountWarning = keyof Strings["account"]["overview"]["warning"];

export interface AccountOverviewPageProps {
  readonly frame: Frame;
  readonly user: ShownUser;
  readonly username: string;
  readonly email: { readonly address: string; readonly verified: boolean } | null;
  readonly signIn: {
    readonly password: boolean;
    readonly passkeys: number;
    readonly authenticatorApp: boolean;
    /** Null: none were ever created. */
    readonly recoveryCodes: number | null;
  };
  /** Whether a request of an application waits for the user. */
  readonly requestWaits: boolean;
  readonly warnings: readonly AccountWarning[];
  readonly recent: readonly Activity[];
}

/** The first page of an account: the profile, the sign-in methods, and warnings. */
export function AccountOverviewPage(props: AccountOverviewPageProps) {
  const { frame, user, username, email, signIn, warnings, recent } = props;
  const { account: { overview: t, requests, title }, passkeys: { account: passkeys } } = strings(
    frame.language,
  );
  const state = (is: boolean) => is ? <Badge kind="good">{t.set}</Badge> : t.notSet;
  return (
    <AccountLayout frame={frame} current="overview" title={title} lead={t.lead} user={user}>
      {warnings.length > 0 && (
        <section class="notice notice-error" aria-labelledby="warnings">
          <h2 class="notice-title" id="warnings">{t.warnings}</h2>
          <ul class="plain">
            {warnings.map((warning) => <li key={warning}>{t.warning[warning]}</li>)}
          </ul>
        </section>
      )}
      {props.requestWaits && (
        <Notice>
          <p>{requests.waiting}</p>
          <p>
            <TextLink label={requests.see} href="/account/requests" />
          </p>
        </Notice>
      )}
      {signIn.passkeys > 0 && signIn.recoveryCodes === null && (
        <Notice>
          <p>{passkeys.recoveryHint}</p>
          <p>
            <TextLink label={passkeys.recoveryLink} href="/account/security/recovery-codes" />
          </p>
        </Notice>
      )}
      <Card id="who" title={t.who}>
        <DefinitionList
          items={[
            { name: t.name, value: <Name>{user.name}</Name> },
            { name: t.username, value: <bdi>{username}</bdi> },
            { name: t.email, value: <Email email={email} t={t} /> },
          ]}
        />
        <p>
          <TextLink label={t.editProfile} href="/account/profile" />
        </p>
      </Card>
      <Card id="sign-in" title={t.signIn}>
        <DefinitionList
          items={[
            {
              name: t.passkeys,
              value: signIn.passkeys === 0 ? t.noneYet : String(signIn.passkeys),
            },
            { name: t.password, value: state(signIn.password) },
            { name: t.app, value: state(signIn.authenticatorApp) },
            { name: t.recoveryCodes, value: codesText(signIn.recoveryCodes, t) },
          ]}
        />
        <p>
          <TextLink label={t.manage} href="/account/security" />
        </p>
      </Card>
      <Card id="recent" title={t.recent}>
        <ActivityList frame={frame} user={user} events={recent} labelledBy="recent-title" />
        <p>
          <TextLink label={t.allActivity} href="/account/activity" />
        </p>
      </Card>
    </AccountLayout>
  );
}

function codesText(left: number | null, t: Strings["account"]["overview"]): string {
  if (left === null) return t.noneYet;
  return left === 0 ? t.codesUsedUp : fill(t.codesLeft, { count: String(left) });
}

function Email({ email, t }: {
  email: AccountOverviewPageProps["email"];
  t: Strings["account"]["overview"];
}) {
  if (email === null) return <>{t.none}</>;
  return (
    <>
      <bdi>{email.address}</bdi>{" "}
      <Badge kind={email.verified ? "good" : "warning"}>
        {email.verified ? t.emailVerified : t.emailUnverified}
      </Badge>
    </>
  );
}
