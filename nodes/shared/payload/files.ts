import type { IExecuteFunctions } from 'n8n-workflow';

import type { BodySource } from '../http/client';

type PreparedFrom = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];
type Listener = (value?: unknown) => void;

/** A request body that reads a file from n8n's binary store while it is sent. */
export interface StoredFile extends BodySource {
  length: number;
  /** Lets go of what was opened and not read to its end. */
  close(): void;
}

/**
 * @param id of binary data that n8n keeps outside its memory
 * @throws n8n's own error where it has no such file any more
 */
export async function storedFile(
  helpers: Pick<IExecuteFunctions['helpers'], 'getBinaryMetadata' | 'getBinaryStream'>,
  id: string,
): Promise<StoredFile> {
  const { fileSize } = await helpers.getBinaryMetadata(id);
  const opened: Array<{ destroy(): unknown }> = [];
  return {
    length: fileSize,
    async open() {
      const stream = await helpers.getBinaryStream(id);
      opened.push(stream);
      return stream;
    },
    // A try that failed early leaves its file open, and nobody else would close it.
    close: () => opened.forEach((stream) => stream.destroy()),
  };
}

/**
 * Makes a body readable in both ways that n8n's binary stores know: files are written from an iterable, the other
 * stores listen for a Node stream's events.
 */
export function storable(body: AsyncIterable<Uint8Array>): PreparedFrom {
  const chunks = body[Symbol.asyncIterator]();
  const listeners = new Map<string, Set<Listener>>();
  const emit = (event: string, value?: unknown) =>
    listeners.get(event)?.forEach((listener) => listener(value));
  let isFlowing = false;
  async function flow(): Promise<void> {
    try {
      for (let next = await chunks.next(); !next.done; next = await chunks.next())
        emit('data', next.value);
      emit('end');
    } catch (error) {
      emit('error', error);
    }
    emit('close');
  }
  const on = (event: string, listener: Listener) => {
    listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    if (event === 'data' && !isFlowing) {
      isFlowing = true;
      void flow();
    }
    return stream;
  };
  const stream = {
    [Symbol.asyncIterator]: () => chunks,
    on,
    // All that is listened for once happens once.
    once: on,
    off(event: string, listener: Listener) {
      listeners.get(event)?.delete(listener);
      return stream;
    },
    destroy() {
      void chunks.return?.();
      return stream;
    },
  };
  return stream as unknown as PreparedFrom;
}
