/** Gives a job to the lane of that name; what came of it comes back. */
export type Submit<Job, Answer> = (lane: string, job: Job) => Promise<Answer>;

export interface LanesOptions<Job, Answer> {
  /** Does some jobs of one lane at once. @returns an answer for each, in their order */
  readonly work: (jobs: readonly Job[]) => Promise<readonly Answer[]>;
  /** What a job takes up of `room`; things of the same name are taken up once. */
  readonly takes: (job: Job) => readonly string[];
  /** How many things fit into one round of work. */
  readonly room: number;
}

interface Waiting<Job, Answer> {
  readonly job: Job;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Lanes in which one round of work is under way at a time: jobs that come meanwhile wait, and the
 * next round takes as many of them as there is room for. A thousand at once are two rounds.
 */
export function lanes<Job, Answer>(options: LanesOptions<Job, Answer>): Submit<Job, Answer> {
  const open = new Map<string, Waiting<Job, Answer>[]>();

  return (lane, job) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const waiting = open.get(lane);
    if (waiting) waiting.push({ job, resolve, reject });
    else void run(lane, [{ job, resolve, reject }]);
    return promise;
  };

  async function run(lane: string, waiting: Waiting<Job, Answer>[]) {
    open.set(lane, waiting);
    while (waiting.length > 0) {
      const round = waiting.splice(0, howManyFit(waiting));
      try {
        const answers = await options.work(round.map(({ job }) => job));
        for (const [i, { resolve }] of round.entries()) resolve(answers[i] as Answer);
      } catch (error) {
        for (const { reject } of round) reject(error);
      }
    }
    open.delete(lane);
  }

  function howManyFit(waiting: readonly Waiting<Job, Answer>[]): number {
    const taken = new Set<string>();
    for (const [i, { job }] of waiting.entries()) {
      for (const thing of options.takes(job)) taken.add(thing);
      // One job alone may always try.
      if (taken.size > options.room) return Math.max(1, i);
    }
    return waiting.length;
  }
}
