import { Filled } from "../language/fill.tsx";
import type { Strings } from "../language/strings/en.ts";

/** One entry for each resource: its name is long, and it may have many scopes. */
export function ResourceScopes(props: {
  scopes: readonly string[];
  resource: string;
  t: Strings["consent"];
}) {
  const scopes = props.scopes.map((scope, i) => (
    <>
      {i > 0 && ", "}
      <code>{scope}</code>
    </>
  ));
  return (
    <li>
      <Filled
        text={props.t.resourceTitle}
        values={{ scope: scopes, resource: <code>{props.resource}</code> }}
      />
    </li>
  );
}
