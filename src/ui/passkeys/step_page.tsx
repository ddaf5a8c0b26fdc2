import { ErrorSummary, PageTitle, TextLink } from "../components.tsx";
import { Filled, Name } from "../../language/fill.tsx";
import { Layout } from "../layout.tsx";
import { ButtonLink } from "../other_ways.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { waitingScript } from "../waiting.ts";
import { strings } from "../../language/languages.ts";
import { PasskeyBlock, type PasskeyBlockProps } from "./passkey_block.tsx";

/** The reason why the server refused a passkey. */
export type PasskeyError = keyof Strings["passkeys"]["refused"];

export interface PasskeyStepPageProps
  extends Pick<PasskeyBlockProps, "frame" | "scriptUrl" | "fields" | "action" | "optionsUrl"> {
  /** Null: a page of this server asks. */
  readonly clientName: string | null;
  /** The signed-in user, who must also use a passkey. */
  readonly user: { readonly name: string };
  readonly error?: PasskeyError;
  /** The page that accepts a recovery code instead; null: none. */
  readonly recoveryCodeUrl: string | null;
  /** The page where a lost passkey is replaced. */
  readonly passkeysUrl: string;
}

/** Asks the signed-in user for a passkey, if no weaker method is enough. */
export function PasskeyStepPage(props: PasskeyStepPageProps) {
  const { frame, clientName, error, recoveryCodeUrl } = props;
  const { passkeys, common } = strings(frame.language);
  const t = passkeys.step;
  const client = <Name>{clientName ?? ""}</Name>;
  const name = <Name>{props.user.name}</Name>;
  return (
    <Layout {...frame} title={t.title} {...waitingScript(frame, error === undefined)}>
      <PageTitle
        lead={clientName === null ? t.ownLead : <Filled text={t.lead} values={{ client }} />}
      >
        {t.title}
      </PageTitle>
      {error && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[{
            message: error === "passkey_refused" ? passkeys.refusedAtStep : passkeys.refused[error],
          }]}
        />
      )}
      <p class="hint">
        <Filled text={t.signedInAs} values={{ name }} />
      </p>
      <PasskeyBlock {...props} at="step" ceremony="sign_in" label={t.button} />
      <p id="passkey-unsupported">{passkeys.unsupported}</p>
      {recoveryCodeUrl && <ButtonLink href={recoveryCodeUrl}>{t.recoveryCode}</ButtonLink>}
      <p class="hint">{t.elsewhere}</p>
      <p class="hint">
        {t.lost} <TextLink label={t.manage} href={props.passkeysUrl} />
      </p>
    </Layout>
  );
}
