import type { Run } from "./run.ts";

/** The combined result of several runs. */
export interface Total {
  seeds: number;
  readonly numbers: Record<string, number>;
  readonly answers: Record<string, number>;
  readonly openings: Record<string, number>;
  readonly failures: Failure[];
}

export interface Failure {
  readonly seed: number;
  readonly findings: readonly string[];
}

export function emptyTotal(): Total {
  return { seeds: 0, numbers: {}, answers: {}, openings: {}, failures: [] };
}

export function add(total: Total, { seed, findings, counts }: Run) {
  const { answers, openings, ...numbers } = counts;
  total.seeds++;
  addAll(total.numbers, numbers);
  addAll(total.answers, answers);
  addAll(total.openings, openings);
  if (findings.length > 0) total.failures.push({ seed, findings });
}

/** Adds the total of another thread. */
export function merge(total: Total, other: Total) {
  total.seeds += other.seeds;
  addAll(total.numbers, other.numbers);
  addAll(total.answers, other.answers);
  addAll(total.openings, other.openings);
  total.failures.push(...other.failures);
}

function addAll(sums: Record<string, number>, numbers: Readonly<Record<string, number>>) {
  for (const [name, number] of Object.entries(numbers)) sums[name] = (sums[name] ?? 0) + number;
}

const rows: readonly (readonly [string, string])[] = [
  ["requests", "requests"],
  ["reruns", "steps run again after a conflict"],
  ["unknownOutcomes", "commits whose outcome stayed unknown (503)"],
  ["undelivered", "of these landed, and marked undelivered"],
  ["deaths", "processes killed"],
  ["jumps", "clock jumps"],
  ["checked", "records and tokens looked at for the invariants"],
];

/** The table that is printed at the end. @param seconds that it took */
export function table(total: Total, seconds: number): string {
  const statuses = Object.keys(total.answers).sort();
  const lines: (readonly [string, number])[] = [
    ["seeds", total.seeds],
    ...rows.map(([name, text]) => [text, total.numbers[name] ?? 0] as const),
    ...statuses.map((status) => [`answered ${status}`, total.answers[status] ?? 0] as const),
    ...Object.keys(total.openings).sort().map((kind) =>
      [`opened: ${kind.replaceAll("_", " ")}`, total.openings[kind] ?? 0] as const
    ),
    ["seeds that broke an invariant", total.failures.length],
  ];
  const width = Math.max(...lines.map(([text]) => text.length));
  return [
    "",
    ...lines.map(([text, number]) =>
      `${text.replace("answered lost", "never answered, as the process died").padEnd(width)}  ${
        number.toLocaleString("en").padStart(10)
      }`
    ),
    "",
    `${(total.seeds / seconds).toFixed(1)} seeds a second`,
  ].join("\n");
}

/** The report of a failing seed: the fault, the command to replay it, and the events before it. */
export function failureText({ seed, findings }: Failure, trace: readonly string[]): string {
  return [
    ...trace,
    "",
    `seed ${seed}:`,
    ...findings.map((finding) => `  ${finding}`),
    `replay: deno task prove:simulation --seed ${seed}`,
  ].join("\n");
}
