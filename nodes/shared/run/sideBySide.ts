import type { RunFlow } from '../http/flow/runFlow';

/**
 * Does the parts of one item side by side, each in a place of the run. Once one has failed, no
 * other is begun.
 * @param parts what is to be done; each sends one request
 * @param flow gives the places, which the parts of other items need, too
 * @returns what the parts returned, in their order
 * @throws what the first one threw that failed, as soon as none is under way
 */
export async function sideBySide<Result>(
  parts: Array<() => Promise<Result>>,
  flow: Pick<RunFlow, 'inPlace'>,
): Promise<Result[]> {
  const failures: unknown[] = [];
  const made = await Promise.all(
    parts.map(
      async (part) =>
        await flow.inPlace(async () => {
          if (failures.length > 0) return undefined;
          return await part().catch((error: unknown) => {
            failures.push(error);
            return undefined;
          });
        }),
    ),
  );
  if (failures.length > 0) throw failures[0];
  return made as Result[];
}
