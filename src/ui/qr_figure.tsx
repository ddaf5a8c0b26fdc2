export interface QrFigureProps {
  /** Rows of dark (true) and light modules without a border, as `encode(text, { border: 0 }).data` of uqr. */
  readonly modules: readonly (readonly boolean[])[];
  /** What it is and where it is as text: who can't see it can't scan it either. */
  readonly alt: string;
}

/** A QR code, dark on white in both schemes, since many readers don't take one that is light on dark. */
export function QrFigure({ modules, alt }: QrFigureProps) {
  const side = modules.length + 2 * quietZone;
  return (
    <svg
      class="qr"
      role="img"
      aria-label={alt}
      viewBox={`0 0 ${side} ${side}`}
      shape-rendering="crispEdges"
    >
      <rect width={side} height={side} fill="#fff" />
      <path
        transform={`translate(${quietZone} ${quietZone + 0.5})`}
        stroke="#000"
        d={modules.map(rowPath).join("")}
      />
    </svg>
  );
}

/** Modules of light around the code. @see ISO/IEC 18004 section 9.1 */
const quietZone = 4;

// A line for each run of dark modules is a fifth of the size of a square for each.
function rowPath(row: readonly boolean[], y: number): string {
  let path = "";
  for (let x = 0; x < row.length; x++) {
    const start = x;
    while (row[x]) x++;
    if (x > start) path += `M${start} ${y}h${x - start}`;
  }
  return path;
}
