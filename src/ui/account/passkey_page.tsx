import { AccountLayout } from "../account_layout.tsx";
import {
  Button,
  Card,
  Checkbox,
  ErrorSummary,
  Field,
  HiddenFields,
  Notice,
  TextLink,
} from "../components.tsx";
import type { Frame } from "../layout.tsx";
import { strings } from "../../language/languages.ts";
import {
  OnDay,
  type PasskeyAccountError,
  PasskeyBadges,
  passkeyFacts,
  type ShownPasskey,
} from "./passkeys_page.tsx";

export interface PasskeyPageProps {
  readonly frame: Frame;
  readonly user: { readonly name: string };
  readonly passkey: ShownPasskey;
  /** The URL of the list. The forms are posted to paths below it. */
  readonly listUrl: string;
  readonly formToken: string;
  /** The typed text, if it cannot be a name. */
  readonly typedName?: string;
  readonly error?: PasskeyAccountError;
}

/**
 * One passkey, with a form to rename it and a button to remove it. Posts `name` to `…/rename`, and
 * `sign_out` (`yes` or left out) to `…/remove`, with `form_token`.
 */
export function PasskeyPage(props: PasskeyPageProps) {
  const { frame, passkey, error, formToken } = props;
  const { passkeys: { account: t }, common } = strings(frame.language);
  const url = `${props.listUrl}/${passkey.id}`;
  const fields = { form_token: formToken };
  const nameError = error === "name" ? t.errors.name : undefined;
  return (
    <AccountLayout frame={frame} current="security" title={passkey.name} user={props.user}>
      {error && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[{ message: t.errors[error], ...(nameError ? { field: "name" } : {}) }]}
        />
      )}
      <Card id="facts" title={t.factsTitle}>
        <p>
          <PasskeyBadges frame={frame} passkey={passkey} />
        </p>
        {passkey.copySuspectedAt !== null && (
          <Notice kind="error">
            <p>
              <OnDay frame={frame} text={t.copiedHint} at={passkey.copySuspectedAt} />
            </p>
          </Notice>
        )}
        {passkeyFacts(frame, passkey).map((fact, i) => <p key={i}>{fact}</p>)}
      </Card>
      <Card id="rename" title={t.renameTitle}>
        <form method="post" action={`${url}/rename`}>
          <HiddenFields fields={fields} />
          <Field
            label={t.name}
            name="name"
            hint={t.nameHint}
            autocomplete="off"
            value={props.typedName ?? passkey.name}
            error={nameError}
            required
          />
          <Button id="passkey-rename">{t.save}</Button>
        </form>
      </Card>
      <Card id="remove" title={t.removeTitle}>
        {passkey.isLastWayIn ? <p>{t.lastWayIn}</p> : (
          <form method="post" action={`${url}/remove`}>
            <HiddenFields fields={fields} />
            <p>{t.removeHint}</p>
            <Checkbox name="sign_out" value="yes" label={t.signOut} hint={t.signOutHint} />
            <Button id="passkey-remove" kind="danger">{t.remove}</Button>
          </form>
        )}
      </Card>
      <p>
        <TextLink label={t.back} href={props.listUrl} />
      </p>
    </AccountLayout>
  );
}
