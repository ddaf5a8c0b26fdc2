/**
 * New recovery codes, shown only now. In print, the page has only the title and the codes.
 *
 * @param props.label names the list for a screen reader
 */
export function RecoveryCodes(props: { codes: readonly string[]; label: string }) {
  return (
    <ol class="codes" aria-label={props.label}>
      {props.codes.map((code) => (
        <li>
          <code>{code}</code>
        </li>
      ))}
    </ol>
  );
}
