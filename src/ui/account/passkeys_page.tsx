import { AccountLayout } from "../account_layout.tsx";
import { Card, ErrorSummary, Notice, TextLink } from "../components.tsx";
import { Day } from "../../language/dates.tsx";
import { Filled, Name } from "../../language/fill.tsx";
import { Badge, EmptyState, Item, ItemLink, ItemList } from "../item_list.tsx";
import type { Frame } from "../layout.tsx";
import { PasskeyBlock, type PasskeyBlockProps } from "../passkeys/passkey_block.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { strings } from "../../language/languages.ts";

/** The reason why a passkey was not added, changed or removed. */
export type PasskeyAccountError = keyof Strings["passkeys"]["account"]["errors"];

/** A passkey as its page shows it. Times are in epoch seconds. */
export interface ShownPasskey {
  readonly id: string;
  readonly name: string;
  readonly deviceType: "singleDevice" | "multiDevice";
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly copySuspectedAt: number | null;
  readonly isLastWayIn: boolean;
}

export interface PasskeysPageProps
  extends Pick<PasskeyBlockProps, "frame" | "scriptUrl" | "fields" | "action" | "optionsUrl"> {
  readonly user: { readonly name: string };
  readonly passkeys: readonly ShownPasskey[];
  /** Whether the account has the largest number of passkeys. */
  readonly full: boolean;
  /** The page that creates recovery codes; null: the user has some, or does not need any. */
  readonly recoveryCodesUrl: string | null;
  /** The change that was just made. */
  readonly notice: keyof Strings["passkeys"]["account"]["notices"] | null;
  readonly error?: PasskeyAccountError;
}

/** The passkeys of a user, and a button that creates another one. */
export function PasskeysPage(props: PasskeysPageProps) {
  const { frame, action, passkeys, error } = props;
  const { passkeys: { account: t, unsupported }, common } = strings(frame.language);
  return (
    <AccountLayout
      frame={frame}
      current="security"
      title={t.title}
      lead={t.lead}
      user={props.user}
    >
      {error && (
        <ErrorSummary
          title={common.errorSummary}
          errors={[{ message: t.errors[error] }]}
        />
      )}
      {props.notice && <Notice>{t.notices[props.notice]}</Notice>}
      {props.recoveryCodesUrl && (
        <Notice>
          <p>{t.recoveryHint}</p>
          <p>
            <TextLink label={t.recoveryLink} href={props.recoveryCodesUrl} />
          </p>
        </Notice>
      )}
      <Card id="passkeys" title={t.listTitle}>
        {passkeys.length === 0
          ? <EmptyState>{t.none}</EmptyState>
          : (
            <ItemList labelledBy="passkeys-title">
              {passkeys.map((passkey) => (
                <PasskeyItem frame={frame} passkey={passkey} url={`${action}/${passkey.id}`} />
              ))}
            </ItemList>
          )}
      </Card>
      <Card id="add-passkey" title={t.addTitle}>
        {props.full ? <p>{t.full}</p> : (
          <>
            <p class="hint">{t.addHint}</p>
            <PasskeyBlock {...props} at="registration" ceremony="registration" label={t.add} />
            <p id="passkey-unsupported">{unsupported}</p>
          </>
        )}
      </Card>
    </AccountLayout>
  );
}

function PasskeyItem(
  { frame, passkey, url }: { frame: Frame; passkey: ShownPasskey; url: string },
) {
  const t = strings(frame.language).passkeys.account;
  return (
    <Item
      title={<Name>{passkey.name}</Name>}
      badge={<PasskeyBadges frame={frame} passkey={passkey} />}
      meta={passkeyFacts(frame, passkey)}
      action={<ItemLink href={url} label={t.change} about={passkey.name} />}
    />
  );
}

/** Says where the passkey is, and whether it may be on several devices. */
export function PasskeyBadges({ frame, passkey }: { frame: Frame; passkey: ShownPasskey }) {
  const t = strings(frame.language).passkeys.account;
  return (
    <>
      {passkey.deviceType === "multiDevice"
        ? <Badge kind="good">{t.synced}</Badge>
        : <Badge>{t.oneDevice}</Badge>}
      {passkey.copySuspectedAt !== null && <Badge kind="warning">{t.copied}</Badge>}
    </>
  );
}

/** Says when a passkey was added and when it was last used, one line each. */
export function passkeyFacts(frame: Frame, { createdAt, lastUsedAt }: ShownPasskey) {
  const t = strings(frame.language).passkeys.account;
  return [
    <OnDay key="added" frame={frame} text={t.added} at={createdAt} />,
    lastUsedAt === null
      ? t.neverUsed
      : <OnDay key="used" frame={frame} text={t.lastUsed} at={lastUsedAt} />,
  ];
}

/** A text with a placeholder `{date}`. */
export function OnDay({ frame, text, at }: { frame: Frame; text: string; at: number }) {
  return <Filled text={text} values={{ date: <Day at={at} language={frame.language} /> }} />;
}
