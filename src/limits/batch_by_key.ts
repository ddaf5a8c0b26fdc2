/** Adds a job to the queue of that name. @returns the job's answer */
export type Submit<Job, Answer> = (key: string, job: Job) => Promise<Answer>;

export interface BatchOptions<Job, Answer> {
  /** Does some jobs of one queue at once. @returns an answer for each, in their order */
  readonly work: (jobs: readonly Job[]) => Promise<readonly Answer[]>;
  /** The names of the things that a job needs in a batch; a name that several jobs need counts once. */
  readonly takes: (job: Job) => readonly string[];
  /** The number of different names that fit into one batch. */
  readonly room: number;
}

interface Waiting<Job, Answer> {
  readonly job: Job;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Queues of jobs. Each queue works on one batch at a time: jobs that arrive meanwhile wait, and the next
 * batch takes as many of them as fit. A thousand concurrent jobs become two batches.
 */
export function batchByKey<Job, Answer>(options: BatchOptions<Job, Answer>): Submit<Job, Answer> {
  const queues = new Map<string, Waiting<Job, Answer>[]>();

  return (key, job) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const waiting = queues.get(key);
    if (waiting) waiting.push({ job, resolve, reject });
    else void run(key, [{ job, resolve, reject }]);
    return promise;
  };

  async function run(key: string, waiting: Waiting<Job, Answer>[]) {
    queues.set(key, waiting);
    while (waiting.length > 0) {
      const round = waiting.splice(0, howManyFit(waiting));
      try {
        const answers = await options.work(round.map(({ job }) => job));
        for (const [i, { resolve }] of round.entries()) resolve(answers[i] as Answer);
      } catch (error) {
        for (const { reject } of round) reject(error);
      }
    }
    queues.delete(key);
  }

  function howManyFit(waiting: readonly Waiting<Job, Answer>[]): number {
    const taken = new Set<string>();
    for (const [i, { job }] of waiting.entries()) {
      for (const thing of options.takes(job)) taken.add(thing);
      // A single job is always tried, even if it is too large.
      if (taken.size > options.room) return Math.max(1, i);
    }
    return waiting.length;
  }
}
