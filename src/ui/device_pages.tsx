import { Button, ErrorSummary, Field, HiddenFields, Notice, PageTitle } from "./components.tsx";
import { fill, Filled, Name } from "../language/fill.tsx";
import { AnotherAccount } from "./another_account.tsx";
import { ClientTitle } from "./client_title.tsx";
import { type Frame, Layout } from "./layout.tsx";
import { ScopeList, type ScopeListProps } from "./scope_list.tsx";
import type { Strings } from "../language/strings/en.ts";
import { strings } from "../language/languages.ts";
import { WaysOn } from "./ways_on.tsx";

export type UserCodeError = keyof Strings["device"]["errors"];

export interface UserCodePageProps {
  readonly frame: Frame;
  readonly formToken: string;
  /** The code of a complete URI. The user sends it: the page does not. */
  readonly userCode?: string;
  readonly error?: UserCodeError;
}

/** Asks for the code that a device shows. Posts `user_code` and `form_token`. */
export function UserCodePage({ frame, formToken, userCode, error }: UserCodePageProps) {
  const { device: t, common } = strings(frame.language);
  const message = error && t.errors[error];
  return (
    <Layout {...frame} title={t.title}>
      <PageTitle lead={userCode === undefined ? t.lead : t.compare}>{t.title}</PageTitle>
      {message && (
        <ErrorSummary title={common.errorSummary} errors={[{ field: "user_code", message }]} />
      )}
      <form method="post" action="/device">
        <HiddenFields fields={{ form_token: formToken }} />
        <Field
          label={t.code}
          name="user_code"
          autocomplete="off"
          look="code"
          hint={t.codeHint}
          {...(userCode === undefined ? {} : { value: userCode })}
          {...(message ? { error: message } : {})}
          required
          autofocus={message === undefined && userCode === undefined}
        />
        <Button id="device-submit">{t.submit}</Button>
      </form>
    </Layout>
  );
}

export interface DevicePageProps extends Omit<ScopeListProps, "labelledBy" | "t"> {
  readonly frame: Frame;
  readonly action: string;
  /** Whether another account of the user could be used instead. */
  readonly hasOtherAccounts: boolean;
  /** The form token, and what names the request, the user and the scope that is shown. */
  readonly fields: Readonly<Record<string, string>>;
  readonly client: { readonly name: string; readonly logoUrl?: string };
  /** Whether it registered itself, and no operator has set its name. */
  readonly isSelfNamed?: boolean;
  readonly user: { readonly name: string };
  /** As the device shows it: `WDJB-MJHT`. */
  readonly userCode: string;
}

/**
 * Asks a user what a device may do. Posts `decision` (allow, deny, another_account).
 *
 * @see RFC 8628 sections 3.3 and 5.4: somebody else may have sent the code
 */
export function DevicePage(props: DevicePageProps) {
  const { device: t, consent } = strings(props.frame.language);
  const client = <Name>{props.client.name}</Name>;
  return (
    <Layout {...props.frame} title={fill(t.confirmTitle, { client: props.client.name })}>
      <ClientTitle
        client={props.client}
        user={props.user}
        title={t.confirmTitle}
        signedInAs={consent.signedInAs}
      />
      {props.isSelfNamed && <p class="destination" id="self-registered">{consent.selfRegistered}
      </p>}
      <p class="label">{t.sameCode}</p>
      <p class="code-shown">
        <output id="user-code">{props.userCode}</output>
      </p>
      <Notice>
        <p>{t.warning}</p>
      </Notice>
      <h2 class="label" id="asks">
        <Filled text={consent.asks} values={{ client }} />
      </h2>
      <ScopeList
        labelledBy="asks"
        scopes={props.scopes}
        customClaims={props.customClaims}
        resources={props.resources}
        details={props.details ?? []}
        t={consent}
      />
      <form method="post" action={props.action}>
        <HiddenFields fields={props.fields} />
        <div class="choice">
          <Button id="device-allow" name="decision" value="allow">{t.allow}</Button>
          <Button id="device-deny" name="decision" value="deny" kind="secondary">{t.deny}</Button>
        </div>
        {props.hasOtherAccounts && <AnotherAccount frame={props.frame} />}
      </form>
    </Layout>
  );
}

/** What this browser has answered. */
export function DeviceAnsweredPage({ frame, answer, clientName }: {
  readonly frame: Frame;
  readonly answer: "allowed" | "denied";
  readonly clientName: string;
}) {
  const { device: t, error, home } = strings(frame.language);
  const { title, lead } = t[answer];
  const account = answer === "allowed"
    ? { label: t.applications, href: "/account/applications" }
    : { label: home.accountLink, href: "/account" };
  return (
    <Layout {...frame} title={title}>
      <PageTitle>{title}</PageTitle>
      <p>
        <Filled text={lead} values={{ client: <Name>{clientName}</Name> }} />
      </p>
      <WaysOn ways={[account, { label: error.ways.start, href: "/" }]} />
    </Layout>
  );
}
