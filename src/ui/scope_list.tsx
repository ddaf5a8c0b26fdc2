import type { Strings } from "../language/strings/en.ts";
import { DetailItems, type ShownDetail } from "./detail_list.tsx";
import { ResourceScopes } from "./resource_scopes.tsx";

/** A claim that operators have added, by the scope that tells it. */
export interface CustomClaim {
  readonly scope: string;
  readonly label: string;
}

export interface ScopeListProps {
  /** The id of the text that introduces the list. */
  readonly labelledBy: string;
  /** The OpenID scopes, and others that belong to no resource. */
  readonly scopes: readonly string[];
  /** The claims that operators have added: the list names those of its scopes. */
  readonly customClaims: readonly CustomClaim[];
  readonly resources: readonly {
    readonly resource: string;
    readonly scopes: readonly string[];
  }[];
  /** Permissions beyond scopes. Default: none. */
  readonly details?: readonly ShownDetail[];
  readonly t: Strings["consent"];
}

/** What a client asks for, in words where there are some. */
export function ScopeList(props: ScopeListProps) {
  const { labelledBy, scopes, customClaims, resources, details = [], t } = props;
  return (
    <ul class="scopes" aria-labelledby={labelledBy}>
      {scopes.map((scope) => (
        <Scope
          key={scope}
          scope={scope}
          labels={customClaims.filter((one) => one.scope === scope).map(({ label }) => label)}
          t={t}
        />
      ))}
      {resources.map((resource) => <ResourceScopes key={resource.resource} {...resource} t={t} />)}
      <DetailItems details={details} t={t} />
    </ul>
  );
}

interface ScopeProps {
  readonly scope: string;
  /** Of the custom claims that the scope tells. */
  readonly labels: readonly string[];
  readonly t: Strings["consent"];
}

function Scope({ scope, labels, t }: ScopeProps) {
  const texts: Record<string, { title: string; detail: string }> = t.scopes;
  // hasOwn: a scope may be called "constructor".
  const text = Object.hasOwn(texts, scope) ? texts[scope] : undefined;
  return (
    <li>
      {text?.title ?? (labels.length > 0 ? t.customClaims : <code>{scope}</code>)}
      {text && <span class="hint">{text.detail}</span>}
      {labels.length > 0 && (
        <span class="hint">
          {text && <>{t.also}{" "}</>}
          <CustomClaimLabels labels={labels} />
        </span>
      )}
    </li>
  );
}

/** What operators call the claims that they have added. */
export function CustomClaimLabels({ labels }: { readonly labels: readonly string[] }) {
  return labels.map((label, n) => (
    <>
      {n > 0 && ", "}
      <bdi>{label}</bdi>
    </>
  ));
}
