/** Most bytes that are read of a response that tells of a failure. */
const LARGEST_FAILURE_BYTES = 64 * 1024;

/**
 * Reads what can be read of a body until the signal aborts. Whatever goes wrong meanwhile ends it:
 * what was read is enough.
 */
export async function readInTime(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const reading = body[Symbol.asyncIterator]();
  const isOver = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  try {
    for (let length = 0; length < LARGEST_FAILURE_BYTES;) {
      const next = await Promise.race([reading.next(), isOver]);
      if (!next || next.done) break;
      chunks.push(next.value);
      length += next.value.length;
    }
  } catch {
    // The status says what matters.
  }
  return Buffer.concat(chunks).subarray(0, LARGEST_FAILURE_BYTES);
}

/** Reads a body to its end, or up to so many bytes; stopping early closes its connection. */
export async function readUpTo(
  limit: number,
  body: AsyncIterable<Uint8Array>,
): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) return { bytes: Buffer.concat(chunks), isWhole: false };
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks), isWhole: true };
}
