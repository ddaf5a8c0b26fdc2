import type { Child } from "hono/jsx";
import { AccountLayout } from "../account_layout.tsx";
import { Card } from "../components.tsx";
import { fill } from "../../language/fill.tsx";
import { Badge, Item, ItemList } from "../item_list.tsx";
import type { Frame } from "../layout.tsx";
import { ButtonLink } from "../other_ways.tsx";
import { strings } from "../../language/languages.ts";

export interface SecurityPageProps {
  readonly frame: Frame;
  readonly user: { readonly name: string };
  readonly hasPassword: boolean;
  readonly passkeys: number;
  readonly hasApp: boolean;
  /** Null: they do not need any. */
  readonly recoveryCodes: { readonly left: number; readonly all: number } | null;
}

/** The sign-in methods and the recovery methods of a user. */
export function SecurityPage(props: SecurityPageProps) {
  const { frame, user, hasPassword, passkeys, hasApp, recoveryCodes: codes } = props;
  const t = strings(frame.language).security;
  const on = <Badge kind="good">{t.on}</Badge>;
  const count = { count: String(passkeys) };
  return (
    <AccountLayout frame={frame} current="security" title={t.title} lead={t.lead} user={user}>
      <Card id="ways" title={t.ways}>
        <ItemList labelledBy="ways-title">
          <Way
            title={t.passkeys}
            badge={passkeys > 0 && on}
            text={passkeys === 0
              ? t.passkeysNone
              : passkeys === 1
              ? t.passkeysOne
              : fill(t.passkeysMany, count)}
            href="/account/security/passkeys"
            link={t.passkeysManage}
          />
          <Way
            title={t.password}
            badge={hasPassword && on}
            text={hasPassword ? t.passwordSet : t.passwordNone}
            href="/account/security/password"
            link={hasPassword ? t.passwordChange : t.passwordAdd}
          />
          <Way
            title={t.app}
            badge={hasApp && on}
            text={hasApp ? t.appSet : t.appNone}
            href="/account/security/authenticator-app"
            link={hasApp ? t.appManage : t.appAdd}
          />
          {codes && (
            <Way
              title={t.codes}
              badge={codes.left > 0 && codes.left <= few && (
                <Badge kind="warning">{t.codesFew}</Badge>
              )}
              text={codes.left === 0
                ? t.codesNone
                : fill(t.codesLeft, { count: String(codes.left), all: String(codes.all) })}
              href="/account/security/recovery-codes"
              link={t.codesManage}
            />
          )}
        </ItemList>
        <p class="hint">{t.lastWay}</p>
      </Card>
    </AccountLayout>
  );
}

const few = 3;

function Way(props: {
  title: string;
  badge: Child;
  text: string;
  href: string;
  link: string;
}) {
  const { title, badge, text, href, link } = props;
  return (
    <Item
      title={title}
      badge={badge || undefined}
      meta={[text]}
      action={<ButtonLink href={href}>{link}</ButtonLink>}
    />
  );
}
