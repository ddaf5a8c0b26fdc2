import { door, key } from "./mark_svg.ts";

/** The mark. It is hidden from screen readers, because the name is beside it. */
export function Mark(props: { size: number }) {
  return (
    <svg
      class="mark"
      viewBox="0 0 32 37"
      width={props.size}
      height={Math.round(props.size * 37 / 32)}
      aria-hidden="true"
      focusable="false"
    >
      <path class="mark-door" d={door} />
      <g class="mark-key" fill="none" stroke-width="2.6" stroke-linecap="square">
        <circle cx="13.5" cy="11.5" r="3.9" />
        <path d={key} />
      </g>
    </svg>
  );
}
