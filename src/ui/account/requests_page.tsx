import { AccountLayout } from "../account_layout.tsx";
import { Button, HiddenFields, Notice } from "../components.tsx";
import { fill, Filled, Name } from "../../language/fill.tsx";
import { EmptyState, Item, ItemList } from "../item_list.tsx";
import type { Frame } from "../layout.tsx";
import { ScopeList, type ScopeListProps } from "../scope_list.tsx";
import type { Strings } from "../../language/strings/en.ts";
import { strings } from "../../language/languages.ts";
import type { ShownUser } from "./words.tsx";

export interface ShownRequest extends Omit<ScopeListProps, "labelledBy" | "t"> {
  readonly id: string;
  readonly clientName: string;
  /** Whether it registered itself, and no operator has set its name. */
  readonly isSelfNamed?: boolean;
  /** What the client shows too, so that the user can compare; null: nothing. */
  readonly bindingMessage: string | null;
  /** The grantable scope, which comes back with the answer. */
  readonly told: string;
}

export interface RequestsPageProps {
  readonly frame: Frame;
  readonly user: ShownUser;
  readonly formToken: string;
  readonly requests: readonly ShownRequest[];
  readonly notice: keyof Strings["account"]["requests"]["notices"] | null;
}

/** The requests that wait for the user. Posts `id`, `told`, `decision` (allow, deny) and `form_token`. */
export function RequestsPage({ frame, user, formToken, requests, notice }: RequestsPageProps) {
  const { account: { requests: t }, consent } = strings(frame.language);
  return (
    <AccountLayout
      frame={frame}
      current="applications"
      title={t.title}
      lead={t.lead}
      user={user}
    >
      {notice !== null && (
        <Notice kind={notice === "gone" || notice === "changed" ? "error" : "info"}>
          <p>{t.notices[notice]}</p>
        </Notice>
      )}
      {requests.length === 0 ? <EmptyState>{t.none}</EmptyState> : (
        <>
          <Notice>
            <p>{t.warning}</p>
          </Notice>
          <ItemList label={t.title}>
            {requests.map((request) => (
              <Item
                title={
                  <Filled text={t.from} values={{ client: <Name>{request.clientName}</Name> }} />
                }
                key={request.id}
              >
                {request.isSelfNamed && <p class="hint">{consent.selfRegistered}</p>}
                {request.bindingMessage !== null && (
                  <p>
                    {t.message} <strong class="binding-message">{request.bindingMessage}</strong>
                  </p>
                )}
                <p class="hint" id={`asks-${request.id}`}>
                  {fill(consent.asks, { client: request.clientName })}
                </p>
                <ScopeList {...request} labelledBy={`asks-${request.id}`} t={consent} />
                <form method="post" action="/account/requests">
                  <HiddenFields
                    fields={{ form_token: formToken, id: request.id, told: request.told }}
                  />
                  <div class="choice">
                    <Button
                      name="decision"
                      value="allow"
                      accessibleName={fill(t.allowOf, { client: request.clientName })}
                    >
                      {consent.allow}
                    </Button>
                    <Button
                      name="decision"
                      value="deny"
                      kind="secondary"
                      accessibleName={fill(t.denyOf, { client: request.clientName })}
                    >
                      {consent.deny}
                    </Button>
                  </div>
                </form>
              </Item>
            ))}
          </ItemList>
        </>
      )}
    </AccountLayout>
  );
}
