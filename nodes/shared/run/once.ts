/**
 * Does work once, however many want it.
 * @param key names the work; the same key is the same work
 * @returns what the work returned to the first one that wanted it
 * @throws what it threw
 */
export type Once = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** Makes a function that does each work once, for a run or for a sub-node. */
export function onceEach(): Once {
  const begun = new Map<string, Promise<unknown>>();
  return async <Result>(key: string, work: () => Promise<Result>) => {
    const result = (begun.get(key) as Promise<Result> | undefined) ?? work();
    begun.set(key, result);
    return await result;
  };
}
