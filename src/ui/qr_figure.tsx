export interface QrFigureProps {
  /**
   * Rows of dark (true) and light modules without a border, as `encode(text, { border: 0 }).data` of
   * uqr.
   */
  readonly modules: readonly (readonly boolean[])[];
  /** A description that says where the same data is as text, for users who cannot see the code. */
  readonly alt: string;
}

/**
 * A QR code. It is dark on white in both colour schemes, because many readers cannot read light on
 * dark.
 */
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

/** The light border around the code, in modules. @see ISO/IEC 18004 section 9.1 */
const quietZone = 4;

// A line for each run of dark modules needs a fifth of the size of a square for each module.
function rowPath(row: readonly boolean[], y: number): string {
  let path = "";
  for (let x = 0; x < row.length; x++) {
    const start = x;
    while (row[x]) x++;
    if (x > start) path += `M${start} ${y}h${x - start}`;
  }
  return path;
}
