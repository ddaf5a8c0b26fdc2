import type { Strings } from "../language/strings/en.ts";
import { ResourceScopes } from "./resource_scopes.tsx";

export interface ScopeListProps {
  /** The id of the text that introduces the list. */
  readonly labelledBy: string;
  /** The OpenID scopes, and others that belong to no resource. */
  readonly scopes: readonly string[];
  readonly resources: readonly {
    readonly resource: string;
    readonly scopes: readonly string[];
  }[];
  readonly t: Strings["consent"];
}

/** What a client asks for, in words where there are some. */
export function ScopeList({ labelledBy, scopes, resources, t }: ScopeListProps) {
  return (
    <ul class="scopes" aria-labelledby={labelledBy}>
      {scopes.map((scope) => <Scope key={scope} scope={scope} t={t} />)}
      {resources.map((resource) => <ResourceScopes key={resource.resource} {...resource} t={t} />)}
    </ul>
  );
}

function Scope({ scope, t }: { scope: string; t: Strings["consent"] }) {
  const texts: Record<string, { title: string; detail: string }> = t.scopes;
  // hasOwn: a scope may be called "constructor".
  const text = Object.hasOwn(texts, scope) ? texts[scope] : undefined;
  if (text === undefined) {
    return (
      <li>
        <code>{scope}</code>
      </li>
    );
  }
  return (
    <li>
      {text.title}
      <span class="hint">{text.detail}</span>
    </li>
  );
}
