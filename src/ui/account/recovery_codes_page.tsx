import { AccountLayout } from "../account_layout.tsx";
import { Button, Card, HiddenFields, Notice, PageTitle } from "../components.tsx";
import { dayText } from "../../language/dates.tsx";
import { fill } from "../../language/fill.tsx";
import { type Frame, Layout } from "../layout.tsx";
import { ButtonLink } from "../other_ways.tsx";
import { RecoveryCodes } from "../recovery_codes.tsx";
import { strings } from "../../language/languages.ts";

interface CommonProps {
  readonly frame: Frame;
  readonly user: { readonly name: string };
}

export interface RecoveryCodesPageProps extends CommonProps {
  readonly action: string;
  readonly formToken: string;
  /** Whether the user has a method that recovery codes can replace. */
  readonly useful: boolean;
  /** Null: none were ever created. `createdAt` is in epoch seconds. */
  readonly codes: { readonly left: number; readonly createdAt: number } | null;
  readonly all: number;
  /** Whether the user has just set up an authenticator app. */
  readonly appAdded?: boolean;
}

/** Shows how many codes are left, and creates new ones. Posts `form_token`. */
export function RecoveryCodesPage(props: RecoveryCodesPageProps) {
  const { frame, user, codes, useful } = props;
  const t = strings(frame.language).recoveryCodes;
  return (
    <AccountLayout frame={frame} current="security" title={t.title} lead={t.lead} user={user}>
      {props.appAdded && <Notice>{t.added}</Notice>}
      <Card id="codes" title={t.title}>
        <p>
          {codes === null ? (useful ? t.none : t.useless) : fill(t.left, {
            count: String(codes.left),
            all: String(props.all),
            date: dayText(frame.language, codes.createdAt),
          })}
        </p>
        {useful && (
          <form method="post" action={props.action}>
            <HiddenFields fields={{ form_token: props.formToken }} />
            {codes !== null && <p class="hint">{t.makeNewHint}</p>}
            <Button id="recovery-codes-make">{codes === null ? t.make : t.makeNew}</Button>
          </form>
        )}
      </Card>
    </AccountLayout>
  );
}

/** Shows new codes. They can be shown only now. */
export function NewRecoveryCodesPage(
  props: {
    readonly frame: Frame;
    readonly codes: readonly string[];
    readonly username: string;
    readonly host: string;
    readonly doneUrl: string;
  },
) {
  const { frame, codes, username, host } = props;
  const t = strings(frame.language).recoveryCodes;
  const file = [fill(t.file, { username, host }), "", ...codes, ""].join("\r\n");
  return (
    <Layout {...frame} title={t.madeTitle}>
      <PageTitle lead={t.madeLead}>{t.madeTitle}</PageTitle>
      <RecoveryCodes codes={codes} label={t.list} />
      <a
        class="button button-secondary"
        href={`data:text/plain;charset=utf-8,${encodeURIComponent(file)}`}
        download={`recovery-codes-${host}.txt`}
      >
        {t.download}
      </a>
      <ButtonLink href={props.doneUrl} kind="primary" id="recovery-codes-done">{t.done}</ButtonLink>
    </Layout>
  );
}
