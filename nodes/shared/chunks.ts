/**
 * Reads a body until so many bytes are there, or to its end.
 * @returns the bytes, and whether they are all
 */
export async function readStart(
  wanted: number,
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ start: Buffer; isWhole: boolean }> {
  const held: Uint8Array[] = [];
  for (let length = 0; length < wanted;) {
    const next = await chunks.next();
    if (next.done) return { start: Buffer.concat(held), isWhole: true };
    held.push(next.value);
    length += next.value.length;
  }
  return { start: Buffer.concat(held), isWhole: false };
}

/** A body whose start was read already. Who stops reading early closes it. */
export async function* followedBy(
  start: Buffer,
  chunks: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield start;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}
