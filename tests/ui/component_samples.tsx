import type { JSX } from "hono/jsx/jsx-runtime";
import { AccountLayout } from "../../src/ui/account_layout.tsx";
import { Button, Card, HiddenFields, PageTitle } from "../../src/ui/components.tsx";
import { ConfirmPage } from "../../src/ui/confirm_page.tsx";
import { Name } from "../../src/language/fill.tsx";
import { Badge, EmptyState, Item, ItemAction, ItemList } from "../../src/ui/item_list.tsx";
import { type Frame, Layout } from "../../src/ui/layout.tsx";
import { ButtonLink, Divider } from "../../src/ui/other_ways.tsx";
import { QrFigure } from "../../src/ui/qr_figure.tsx";
import { RecoveryCodes } from "../../src/ui/recovery_codes.tsx";
import { CodeField, PasswordField } from "../../src/ui/secret_fields.tsx";
import { strings } from "../../src/language/languages.ts";

const fields = { form_token: "token-1", id: "passkey-1" };

/** Pages that show each component in its states; the texts of components are in the frame's language. */
export function componentSamples(frame: Frame): Record<string, JSX.Element> {
  const { common } = strings(frame.language);
  return {
    sample_account: (
      <AccountLayout
        frame={frame}
        current="security"
        title="Security"
        lead="How you sign in, and how you recover your account."
        user={{ name: "Mara Lindqvist" }}
      >
        <Card id="passkeys" title="Passkeys">
          <ItemList labelledBy="passkeys-title">
            <Item
              title={<Name>Pixel 9, the one with the cracked corner</Name>}
              badge={<Badge kind="good">Synced</Badge>}
              meta={["Added on 3 May 2026", "Last used today"]}
              action={
                <ItemAction action="/remove" fields={fields} label="Remove" about="Pixel 9" />
              }
            />
            <Item
              title={<Name>YubiKey 5</Name>}
              badge={<Badge kind="warning">Possibly copied</Badge>}
              meta={["Never used"]}
              action={
                <ItemAction
                  action="/remove"
                  fields={fields}
                  label="Remove"
                  about="YubiKey 5"
                  kind="danger"
                />
              }
            />
          </ItemList>
        </Card>
        <Card id="codes" title="Recovery codes">
          <EmptyState action={<ButtonLink href="/account/security/codes">Make codes</ButtonLink>}>
            You have no recovery codes.
          </EmptyState>
        </Card>
        <Card id="password" title="Password">
          <form method="post" action="/account/password">
            <HiddenFields fields={{ form_token: "token-1" }} />
            <PasswordField
              label="Current password"
              name="current_password"
              autocomplete="current-password"
            />
            <PasswordField
              label="New password"
              autocomplete="new-password"
              hint="8 to 128 characters."
              error="Enter a password of 8 to 128 characters."
            />
            <Button>Change the password</Button>
          </form>
        </Card>
      </AccountLayout>
    ),
    sample_code: (
      <Layout {...frame} title="Enter the code">
        <PageTitle lead="We sent six digits to mara@example.com.">Enter the code</PageTitle>
        <form method="post" action="/code">
          <HiddenFields fields={{ form_token: "token-1" }} />
          <CodeField label="Code" hint="It is good for five minutes." autofocus />
          <Button>Go on</Button>
        </form>
        <Divider>{common.or}</Divider>
        <ButtonLink href="/recovery">Use a recovery code</ButtonLink>
      </Layout>
    ),
    sample_totp: (
      <Layout {...frame} title="Authenticator app">
        <PageTitle>Scan this code</PageTitle>
        <QrFigure modules={checkered} alt="A QR code with the key, which is also below as text" />
        <form method="post" action="/totp">
          <CodeField label="Code" error="That code is not the one of this moment." />
          <CodeField label="Recovery code" name="recovery_code" kind="letters" />
          <Button>Go on</Button>
        </form>
      </Layout>
    ),
    sample_recovery_codes: (
      <Layout {...frame} title="Recovery codes">
        <PageTitle lead="Print them or write them down: they are shown this once.">
          Recovery codes
        </PageTitle>
        <RecoveryCodes
          label="Recovery codes"
          codes={Array.from({ length: 10 }, (_, i) => `k${i}fm-2xqp-7rt${i}`)}
        />
        <form method="post" action="/codes">
          <Button>I have kept them</Button>
        </form>
      </Layout>
    ),
    sample_confirm: (
      <ConfirmPage
        frame={frame}
        title="Delete your account?"
        lead="This can't be undone."
        action="/account/data/delete"
        fields={{ form_token: "token-1" }}
        inputs={<PasswordField label="Password" autocomplete="current-password" />}
        confirm="Delete my account"
        confirmId="delete-confirm"
        danger
        cancelUrl="/account/data"
      >
        <p>Apps lose access at once.</p>
      </ConfirmPage>
    ),
  };
}

/** As large as the code of an authenticator's key, and harder to draw than any. */
const checkered = Array.from(
  { length: 45 },
  (_, y) => Array.from({ length: 45 }, (_, x) => (x + y) % 3 !== 0),
);
