import { Filled } from "../language/fill.tsx";
import type { Strings } from "../language/strings/en.ts";
import { DefinitionList } from "./components.tsx";

/** One of the authorization details of a request, in the words of its type. @see RFC 9396 */
export interface ShownDetail {
  /** Of the operator, in the language of the page. */
  readonly title: string;
  readonly resources: readonly string[];
  readonly fields: readonly {
    readonly label: string;
    /** From the request: never trusted. */
    readonly values: readonly (string | number | boolean)[];
  }[];
}

/** Each permission with all of its fields, so that nothing is allowed that was not shown. */
export function DetailItems({ details, t }: {
  readonly details: readonly ShownDetail[];
  readonly t: Strings["consent"];
}) {
  return details.map((detail) => (
    <li>
      {detail.title}
      <DetailFields {...detail} t={t} />
    </li>
  ));
}

function DetailFields({ fields, resources, t }: ShownDetail & { readonly t: Strings["consent"] }) {
  return (
    <>
      {fields.length > 0 && (
        <DefinitionList
          items={fields.map(({ label: name, values }) => ({
            name,
            value: values.map((value, n) => (
              <>
                {n > 0 && <br />}
                <bdi>{typeof value === "boolean" ? t.truth[`${value}`] : String(value)}</bdi>
              </>
            )),
          }))}
        />
      )}
      {resources.map((resource) => (
        <span class="hint">
          <Filled text={t.detailAt} values={{ resource: <code>{resource}</code> }} />
        </span>
      ))}
    </>
  );
}
