/**
 * Measures work by the time of the processor, which a busy machine hardly changes.
 * @returns milliseconds
 */
export async function cpuTimeOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
