/**
 * Milliseconds by which the clocks of processes may differ. Within it, a moment that is ahead counts as now, so
 * that no window of a limit holds too many requests.
 */
const mostAhead = 5 * 60 * 1000;

/**
 * Whether a moment was dated by a clock that was wrong and has been put right since. If it counted as now, time
 * would stand still: a limit would refuse people, and a lease would last, until the wrong time had come.
 * @param moment epoch milliseconds
 */
export function isOfWrongClock(moment: number, now: number): boolean {
  return moment > now + mostAhead;
}
