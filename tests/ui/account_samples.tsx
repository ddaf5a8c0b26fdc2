import type { JSX } from "hono/jsx/jsx-runtime";
import type { Activity } from "../../src/account/activity.ts";
import { formOf } from "../../src/claims/profile_form.ts";
import { ActivityPage } from "../../src/ui/account/activity_page.tsx";
import { ApplicationsPage, WithdrawPage } from "../../src/ui/account/applications_page.tsx";
import {
  AccountDeletedPage,
  DataPage,
  DeleteAccountPage,
} from "../../src/ui/account/data_page.tsx";
import { AccountOverviewPage } from "../../src/ui/account/overview_page.tsx";
import { ProfilePage } from "../../src/ui/account/profile_page.tsx";
import { SessionsPage, type ShownSession } from "../../src/ui/account/sessions_page.tsx";
import type { Frame } from "../../src/ui/layout.tsx";

const at = 1_780_000_000;

/** The pages of an account in their states. @param words what a person or a client has chosen */
export function accountSamples(
  frame: Frame,
  words: { readonly name: string; readonly client: string },
): Record<string, JSX.Element> {
  const framed = { frame, user: { name: words.name, timeZone: "Europe/Berlin" } };
  const formToken = "token-1";
  const email = { address: `${words.name}@example.com`, verified: true };
  const events = eventsOf(words.client);
  const overview = {
    ...framed,
    username: words.name,
    email,
    signIn: { password: true, passkeys: 2, authenticatorApp: true, recoveryCodes: 3 },
    recent: events.slice(0, 5),
  };
  const form = formOf((field) =>
    ({ name: words.name, picture: "http://x.example" } as Record<string, string>)[field]
  );
  const changeEmailAction = "/account/profile/email";
  const own = [
    { claim: "desk", label: "Desk", type: "string", value: "4.12" },
    { claim: "remote", label: "I work from home", type: "boolean", value: "true" },
    { claim: "skills", label: "Skills", type: "strings", value: "welding, Latin" },
  ] as const;
  const ownClaims = { action: "/account/profile/own-claims", claims: own, wrong: ["skills"] };
  const profile = {
    ownClaims,
    ...framed,
    formToken,
    form,
    version: "version-1",
    email,
    changeEmailAction,
  };
  const sessions = { ...framed, formToken, more: 0, notice: null };
  const application = {
    clientId: words.client,
    name: words.client,
    uri: "https://harbour.example/books",
    scopes: ["openid", "profile", "offline_access"],
    resources: [{ resource: "https://api.harbour.example", scopes: ["read:orders"] }],
    since: at,
    lastUsedAt: at + 3600,
    offline: true,
  };
  const applications = { ...framed, customClaims: [], notice: null };
  return {
    account: <AccountOverviewPage {...overview} requestWaits={false} warnings={[]} />,
    account_warnings: (
      <AccountOverviewPage
        {...overview}
        email={null}
        signIn={{ password: false, passkeys: 1, authenticatorApp: false, recoveryCodes: null }}
        requestWaits
        warnings={["passkeyCopied", "fewCodes", "noEmail"]}
      />
    ),
    account_profile: <ProfilePage {...profile} notice="saved" />,
    account_profile_wrong: <ProfilePage {...profile} email={null} wrong={["picture", "locale"]} />,
    account_profile_email: <ProfilePage {...profile} wrongEmail={words.name} />,
    account_profile_conflict: (
      <ProfilePage
        {...profile}
        email={{ ...email, verified: false }}
        savedNow={formOf((field) => field === "name" ? "" : `${words.name} ${field}`)}
      />
    ),
    account_sessions: <SessionsPage {...sessions} sessions={sessionList} more={7} notice="ended" />,
    account_sessions_one: (
      <SessionsPage {...sessions} sessions={sessionList.slice(0, 1)} notice="unknown" />
    ),
    account_applications: (
      <ApplicationsPage
        {...applications}
        applications={[application, {
          ...application,
          clientId: "b",
          uri: null,
          offline: false,
          lastUsedAt: null,
        }]}
        notice="withdrawn"
      />
    ),
    account_applications_none: (
      <ApplicationsPage {...applications} applications={[]} notice="unknown" />
    ),
    account_withdraw: (
      <WithdrawPage
        frame={frame}
        formToken={formToken}
        client={{ id: words.client, name: words.client, asksAgain: true }}
      />
    ),
    account_withdraw_own: (
      <WithdrawPage
        frame={frame}
        formToken={formToken}
        client={{ id: words.client, name: words.client, asksAgain: false }}
      />
    ),
    account_activity: (
      <ActivityPage {...framed} events={events} olderUrl="/account/activity?before=x" isFirst />
    ),
    account_activity_none: <ActivityPage {...framed} events={[]} olderUrl={null} isFirst={false} />,
    account_data: <DataPage {...framed} formToken={formToken} />,
    account_delete: (
      <DeleteAccountPage
        frame={frame}
        username={words.name}
        formToken={formToken}
        error={null}
      />
    ),
    account_delete_wrong: (
      <DeleteAccountPage
        frame={frame}
        username={words.name}
        formToken={formToken}
        error="wrong_username"
      />
    ),
    account_deleted: <AccountDeletedPage frame={frame} />,
  };
}

function eventsOf(clientName: string): Activity[] {
  const types: [string, string | null][] = [
    ["signed_in", "pwd otp"],
    ["signed_in", "swk user mfa"],
    ["signed_in", "email"],
    ["signed_in", null],
    ["sign_in_failed", null],
    ["session_ended", "signed_out"],
    ["session_ended", "ended_elsewhere"],
    ["grant_ended", "reuse_detected"],
    ["grant_ended", "revoked_by_client"],
    ["code_issued", null],
    ["application_withdrawn", null],
    ["profile_updated", "name"],
    ["something_new", null],
  ];
  return types.map(([type, reason], n) => ({
    type,
    reason,
    outcome: "success",
    at: at - n * 3600,
    address: n % 2 === 0 ? "198.51.100.4" : null,
    clientName,
    bySomebodyElse: n === 5,
  }));
}

const sessionList: ShownSession[] = [
  {
    id: "session-1",
    isCurrent: true,
    device: { browser: "Firefox", system: "Linux" },
    place: { kind: "this_computer" },
    methods: ["password", "code"],
    signedInAt: at,
    lastSeenAt: at + 60,
  },
  {
    id: "session-2",
    isCurrent: false,
    device: { browser: null, system: null },
    place: { kind: "address", address: "2001:db8::7" },
    methods: ["passkey"],
    signedInAt: at,
    lastSeenAt: at + 60,
  },
  {
    id: "session-3",
    isCurrent: false,
    device: { browser: "Safari", system: null },
    place: { kind: "unknown" },
    methods: [],
    signedInAt: at,
    lastSeenAt: at,
  },
];
