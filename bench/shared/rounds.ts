/**
 * Runs every way once a round, so that what changes on the machine meanwhile meets them all. Each round begins with
 * another way: none always comes right after the same one.
 * @param rounds how many count; one more comes before them to warm up
 * @param hasTime asked before each round; without time left the rounds end early
 * @param run one way in one round
 * @param onResult what came of it, in rounds that count
 */
export async function interleaved<Way, Result>(
  ways: Way[],
  rounds: number,
  hasTime: () => boolean,
  run: (way: Way) => Promise<Result>,
  onResult: (way: Way, result: Result) => void,
): Promise<void> {
  for (let round = 0; round <= rounds && hasTime(); round++) {
    const first = round % ways.length;
    for (const way of [...ways.slice(first), ...ways.slice(0, first)]) {
      const result = await run(way);
      if (round > 0) onResult(way, result);
    }
  }
}
